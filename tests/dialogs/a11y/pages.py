"""Every page of the portal, who may look at it, and the states it has."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.dialogs.a11y.onboarding import search_again

ALL = ("accountant", "manager", "admin", "empty")
READERS = (*ALL, "auditor")  # of what is shown otherwise to who may change nothing
FIRM = ("manager", "admin")
ADMIN = ("admin",)
Press = Callable[[Page], object]


@dataclass(frozen=True)
class Place:
    """An address with {keys} of world.py. A state is what to press when the page is there."""

    name: str
    address: str
    roles: tuple[str, ...] = ALL
    states: dict[str, Press | None] = field(default_factory=lambda: {"": None})


def press(selector: str) -> Press:
    def act(page: Page) -> None:
        page.locator(selector).locator("visible=true").first.click()
        page.wait_for_timeout(400)

    return act


def send_wrong(page: Page) -> None:
    """Send the page's form with nothing in it, past what the browser itself would refuse."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
              const form = document.querySelector('main form[method=post]:not(#ta):not(#bulk)');
              for (const field of form.querySelectorAll('input:not([type=hidden]), textarea'))
                if (!['checkbox', 'radio'].includes(field.type)) field.value = '';
              form.noValidate = true;
              form.requestSubmit(form.querySelector('[type=submit]'));
            }"""
        )


def choose_two(page: Page) -> None:
    boxes = page.locator("#liste tbody input[name=id]")
    for number in range(min(2, boxes.count())):
        boxes.nth(number).check()
    page.wait_for_timeout(600)


def searching(*, is_busy: bool) -> Press:
    def act(page: Page) -> None:
        search_again(is_busy=is_busy)
        page.reload()

    return act


SHOWN: dict[str, Press | None] = {"": None}
FORM: dict[str, Press | None] = {"": None, "error": send_wrong}
WORKING = ("accountant", "manager", "admin")
SEES = (*WORKING, "auditor")
AUDITOR = ("auditor",)

PLACES = (
    Place("home", "/hjem/", READERS),
    Place("inbox", "/innboks/", READERS, {
        "": None,
        "filter": press("[popovertarget=f-flere]"), "view": press("[popovertarget=visning]"),
        "help": lambda page: page.keyboard.press("?"),
        "commands": lambda page: page.keyboard.press("Control+k"),
    }),
    Place("inbox-chosen", "/innboks/", WORKING, {"": choose_two}),
    Place("inbox-grouped", "/innboks/?gruppe=klient&status=RequiresAttention"),
    Place("inbox-search", "/innboks/?q=mva&mappe=alle", READERS),
    Place("inbox-nothing", "/innboks/?q=xyzzy"),
    Place("inbox-misunderstood", "/innboks/?frist=snart"),
    Place("filters", "/innboks/filtre/?status=Draft"),
    Place("dialog", "/innboks/{dialog}/", WORKING, {
        "": None, "assign": press("[data-key=t]"), "internal": press("[data-key=f]"),
        "snooze": press("[data-key=h]"),
    }),
    Place("dialog-read", "/innboks/{dialog}/", AUDITOR),
    Place("dialog-unopened", "/innboks/{dialog}/dialog/", SEES),
    Place("opened-letter", "{letter}", FIRM, {
        "": None, "preview": press("[data-preview]"),
    }),
    Place("opened-letter-read", "{letter}", AUDITOR),
    Place("opened-app", "{app}", (*FIRM, "auditor")),
    Place("opened-thread", "{thread}", FIRM),
    Place("opened-refused", "{mix}", FIRM, {
        "": None, "why": press("form[action$='#hvorfor'] button"),
    }),
    Place("opened-nav", "{nav}", FIRM),
    Place("opened-pressed", "{generic}", FIRM),
    Place("question", "{confirm}", FIRM),
    Place("question-delete", "{delete}", FIRM),
    Place("form", "{form}", ("manager",), {
        "": None, "more": press("button[name=steg][value^=legg-til-]"),
        "error": press("button[name=steg][value=se]:not([aria-hidden])"),
    }),
    Place("receipt", "{receipt}", (*FIRM, "auditor")),
    Place("file", "{file}", FIRM),
    Place("client-documents", "{documents}", FIRM),
    Place("dialog-reopened", "/innboks/{reopened}/", SEES),
    Place("not-there", "/innboks/00000000-0000-0000-0000-000000000000/"),
    Place("refused", "/overlevering/", AUDITOR),
    Place("notices", "/varsler/"),
    Place("notice-choices", "/varsler/valg/"),
    Place("notices-sent", "/varsler/sendt/"),
    Place("notices-off", "{off}", ("", "accountant"), {
        "": None, "done": press("main [type=submit]"),
    }),
    Place("calendars", "/varsler/kalendere/", ("accountant", "empty"), {
        "": None, "made": press("main .form [type=submit]"),
    }),
    Place("clients", "/klienter/", READERS),
    Place("client", "/klienter/{client}/", SEES),
    Place("client-dialogs", "/klienter/{client}/dialoger/", WORKING),
    Place("client-deadlines", "/klienter/{client}/frister/", WORKING),
    Place("client-notes", "/klienter/{client}/alle-notater/", SEES),
    Place("client-access", "/klienter/{client}/tilgang/", SEES),
    Place("client-report", "/klienter/{client}/rapport/", WORKING),
    Place("client-report-wrong", "/klienter/{client}/rapport/?fra=x&til=&sprak=nb", WORKING),
    Place("client-log", "/klienter/{client}/logg/", SEES),
    Place("client-areas", "/klienter/{client}/fagansvar/", ("admin",)),
    Place("client-edit", "/klienter/{client}/rediger/", ("admin",), FORM),
    Place("client-new", "/klienter/ny/", ("admin",), FORM),
    Place("clients-found", "/klienter/fra-altinn/", ("admin",)),
    Place("client-archive", "/klienter/{client}/arkiver/", ("admin",), FORM),
    Place("client-categories", "/klienter/{client}/kategorier/", ("admin",)),
    Place("client-log-alone", "/klienter/{client}/logg/?vis=klienten", WORKING),
    Place("subscriptions", "/systembrukere/abonnementer/", ("admin",), FORM),
    Place("watched-remove", "/systembrukere/abonnementer/{watched}/fjern/", ("admin",)),
    Place("system-users", "/systembrukere/", ("admin",)),
    Place("system-user-new", "/systembrukere/ny/", ("admin",), FORM),
    Place("system-user", "/systembrukere/{system_user}/", ("admin",), FORM),
    Place("overview", "/oversikt/", READERS, {
        "": None, "explained": press("main details summary"),
    }),
    Place("overview-clients", "/oversikt/klienter/", READERS),
    Place("overview-month", "/oversikt/frister/"),
    Place("overview-week", "/oversikt/frister/?uke=", WORKING),
    Place("overview-season", "/oversikt/sesong/?periode=maned"),
    Place("coverage", "/dekning/", FIRM),
    Place("coverage-clients", "/dekning/klienter/?tilgang=full", FIRM),
    Place("alarms", "/dekning/varsler/?vis=alle", FIRM),
    Place("client-diagnosis", "/klienter/{client}/diagnose/", ("admin",)),
    Place("client-unarchive", "/klienter/{client}/hent-tilbake/", ADMIN),
    Place("setup", "/oppsett/", ADMIN),
    Place("setup-firm", "/oppsett/firma/", ADMIN),
    Place("setup-firm-found", "/oppsett/firma/?orgnr={firm}", ADMIN),
    Place("setup-firm-wrong", "/oppsett/firma/?orgnr=123", ADMIN),
    Place("setup-firm-unknown", "/oppsett/firma/?orgnr=313999993", ADMIN),
    Place("setup-maskinporten", "/oppsett/maskinporten/", ADMIN, FORM),
    Place("setup-key-upload", "/oppsett/nokkel/last-opp/", ADMIN, FORM),
    Place("setup-key-switch", "/oppsett/nokkel/{next_key}/bytt/", ADMIN),
    Place("setup-key-discard", "/oppsett/nokkel/{next_key}/forkast/", ADMIN),
    Place("setup-system", "/oppsett/system/", ADMIN, FORM),
    Place("setup-requests", "/oppsett/systembrukere/", ADMIN),
    Place("setup-request-new", "/oppsett/systembrukere/ny/", ADMIN, FORM),
    Place("setup-request-waiting", "/oppsett/systembrukere/{request_waiting}/", ADMIN),
    Place("setup-request-escalated", "/oppsett/systembrukere/{request_escalated}/", ADMIN),
    Place("setup-request-unsent", "/oppsett/systembrukere/{request_unsent}/", ADMIN),
    Place("setup-request-rejected", "/oppsett/systembrukere/{request_rejected}/", ADMIN),
    Place("setup-request-denied", "/oppsett/systembrukere/{request_denied}/", ADMIN),
    Place("setup-request-timed-out", "/oppsett/systembrukere/{request_timed_out}/", ADMIN),
    Place("setup-request-withdrawn", "/oppsett/systembrukere/{request_withdrawn}/", ADMIN),
    Place("setup-request-accepted", "/oppsett/systembrukere/{request_accepted}/", ADMIN),
    Place("setup-request-revoked", "/oppsett/systembrukere/{request_revoked}/", ADMIN),
    Place("setup-request-withdraw", "/oppsett/systembrukere/{request_waiting}/trekk/", ADMIN),
    Place("setup-approved", "/oppsett/godkjent/", ("", "accountant")),
    Place("finding", "/klienter/finn/", ADMIN, {
        "": searching(is_busy=False), "busy": searching(is_busy=True),
        "error": press("form[action*='/registrer/'] [type=submit]:not([name])"),
    }),
    Place("finding-nothing", "/klienter/finn/?q=xyzzy", ADMIN),
    Place("candidate-letter", "/klienter/finn/{candidate}/", ADMIN),
    Place("candidate-ready", "/klienter/finn/{candidate_ready}/", ADMIN),
    Place("imports", "/klienter/import/", ADMIN, FORM),
    Place("import-faults", "/klienter/import/{import_ready}/", ADMIN),
    Place("import-lines", "/klienter/import/{import_ready}/?vis=alle", ADMIN),
    Place("import-checking", "/klienter/import/{import_checking}/", ADMIN),
    Place("import-importing", "/klienter/import/{import_importing}/", ADMIN),
    Place("import-finished", "/klienter/import/{import_finished}/", ADMIN),
    Place("idporten", "/id-porten/", ADMIN),
    Place("idporten-not-connected", "/id-porten/", ("newcomer",)),
    Place("adding", "/klienter/legg-til/", ("admin", "newcomer")),
    Place("adding-ready", "/klienter/legg-til/{agent}/", ("admin", "newcomer")),
    Place("adding-added", "/klienter/legg-til/{agent}/?vis=lagt-til", ADMIN, {
        "": None, "error": press("button[name=hvem][value=valgte]"),
    }),
    Place("adding-unable", "/klienter/legg-til/{agent}/fra/{other_agent}/", ADMIN),
    Place("adding-draft", "/klienter/legg-til/ko/{run_draft}/", ("admin", "newcomer")),
    Place("adding-running", "/klienter/legg-til/ko/{run_running}/", ADMIN, {
        "": None, "clients": press("main details summary"),
    }),
    Place("adding-sign-in", "/klienter/legg-til/ko/{run_sign_in}/", ("newcomer",)),
    Place("adding-paused", "/klienter/legg-til/ko/{run_paused}/", ADMIN),
    Place("adding-finished", "/klienter/legg-til/ko/{run_finished}/", ADMIN),
    Place("standard", "/klienter/legg-til/egne/", ADMIN),
    Place("standard-ask", "/klienter/legg-til/egne/ny/", ADMIN, FORM),
    Place("standard-letters", "/klienter/legg-til/egne/brev/", ADMIN),
    Place("services", "/tjenester/", READERS),
    Place("service", "/tjenester/{service}/", ("accountant", "manager", "auditor")),
    Place("areas", "/fagomrader/", FIRM),
    Place("rules", "/hasteregler/", READERS),
    Place("rule-new", "/hasteregler/ny/", FIRM, FORM),
    Place("rule", "/hasteregler/{rule}/", FIRM, FORM),
    Place("hand-over", "/overlevering/"),
    Place("hand-over-from", "/overlevering/{kari}/", FIRM),
    Place("absences", "/fravaer/"),
    Place("absence-new", "/fravaer/nytt/", WORKING, FORM),
    Place("saved-searches", "/lagrede-sok/"),
    Place("search-save", "/lagrede-sok/nytt/?frist=over", WORKING, FORM),
    Place("search-edit", "/lagrede-sok/{search}/", ("accountant",), FORM),
    Place("commands", "/hurtigmeny/?q=mva", READERS),
    Place("profile", "/profil/", READERS),
    Place("bulk-jobs", "/masseendringer/", READERS),
    Place("bulk-job", "/masseendring/{job}/", ("accountant",)),
    Place("exports", "/eksport/", WORKING),
    Place("export-job", "/eksport/{export}/", ("accountant",)),
    Place("note-edit", "/notater/{note}/rediger/", ("accountant",)),
    Place("note-versions", "/notater/{note}/versjoner/", SEES),
    Place("audit-log", "/revisjonslogg/", ("admin", "auditor")),
    Place("audit-log-nothing", "/revisjonslogg/?klient=xyzzy", ADMIN),
    Place("privacy", "/personvern/", ADMIN),
    Place("privacy-client", "/personvern/klienter/{client}/", ADMIN),
    Place("privacy-employee", "/personvern/ansatte/{left}/", ADMIN, FORM),
    Place("login", "/konto/login/", ("",), FORM),
    Place("reset", "/konto/password/reset/", ("",)),
    Place("password", "/konto/password/change/", WORKING, FORM),
    Place("logout", "/konto/logout/", WORKING),
    Place("two-steps", "/konto/to-trinn/", WORKING),
    Place("code-app", "/konto/to-trinn/totp/activate/", WORKING, FORM),
    Place("passkey", "/konto/to-trinn/webauthn/add/", WORKING),
    Place("sessions", "/konto/okter/", WORKING),
    Place("people", "/ansatte/", ADMIN),
    Place("person-invite", "/ansatte/inviter/", ADMIN, FORM),
    Place("person", "/ansatte/{kari}/", ADMIN, FORM),
    Place("person-leave", "/ansatte/{kari}/slutt/", ADMIN),
)  # fmt: skip
