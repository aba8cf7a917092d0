"""Every page of the portal, who may look at it, and the states it has."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

ALL = ("accountant", "manager", "admin", "empty")
FIRM = ("manager", "admin")
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
    page.evaluate(
        """() => {
          const form = document.querySelector('main form[method=post]:not(#ta):not(#bulk)');
          for (const field of form.querySelectorAll('input:not([type=hidden]), textarea'))
            if (!['checkbox', 'radio'].includes(field.type)) field.value = '';
          form.noValidate = true;
          form.requestSubmit(form.querySelector('[type=submit]'));
        }"""
    )
    page.wait_for_load_state("networkidle")


def choose_two(page: Page) -> None:
    boxes = page.locator("#liste tbody input[name=id]")
    for number in range(min(2, boxes.count())):
        boxes.nth(number).check()
    page.wait_for_timeout(600)


SHOWN: dict[str, Press | None] = {"": None}
FORM: dict[str, Press | None] = {"": None, "error": send_wrong}
WORKING = ("accountant", "manager", "admin")

PLACES = (
    Place("home", "/hjem/"),
    Place("inbox", "/innboks/", states={
        "": None,
        "filter": press("[popovertarget=f-flere]"), "view": press("[popovertarget=visning]"),
        "help": lambda page: page.keyboard.press("?"),
        "commands": lambda page: page.keyboard.press("Control+k"),
    }),
    Place("inbox-chosen", "/innboks/", WORKING, {"": choose_two}),
    Place("inbox-grouped", "/innboks/?gruppe=klient&status=RequiresAttention"),
    Place("inbox-search", "/innboks/?q=mva&mappe=alle"),
    Place("inbox-nothing", "/innboks/?q=xyzzy"),
    Place("inbox-misunderstood", "/innboks/?frist=snart"),
    Place("filters", "/innboks/filtre/?status=Draft"),
    Place("dialog", "/innboks/{dialog}/", WORKING, {
        "": None, "assign": press("[data-key=t]"), "internal": press("[data-key=f]"),
        "snooze": press("[data-key=h]"),
    }),
    Place("dialog-unopened", "/innboks/{dialog}/dialog/", WORKING),
    Place("opened-letter", "{letter}", FIRM, {
        "": None, "preview": press("[data-preview]"),
    }),
    Place("opened-app", "{app}", FIRM),
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
    Place("receipt", "{receipt}", FIRM),
    Place("file", "{file}", FIRM),
    Place("client-documents", "{documents}", FIRM),
    Place("dialog-reopened", "/innboks/{reopened}/", WORKING),
    Place("not-there", "/innboks/00000000-0000-0000-0000-000000000000/"),
    Place("notices", "/varsler/"),
    Place("clients", "/klienter/"),
    Place("client", "/klienter/{client}/", WORKING),
    Place("client-dialogs", "/klienter/{client}/dialoger/", WORKING),
    Place("client-deadlines", "/klienter/{client}/frister/", WORKING),
    Place("client-notes", "/klienter/{client}/alle-notater/", WORKING),
    Place("client-access", "/klienter/{client}/tilgang/", WORKING),
    Place("client-log", "/klienter/{client}/logg/", WORKING),
    Place("client-areas", "/klienter/{client}/fagansvar/", ("admin",)),
    Place("client-edit", "/klienter/{client}/rediger/", ("admin",), FORM),
    Place("client-new", "/klienter/ny/", ("admin",), FORM),
    Place("clients-found", "/klienter/fra-altinn/", ("admin",)),
    Place("client-archive", "/klienter/{client}/arkiver/", ("admin",)),
    Place("system-users", "/systembrukere/", ("admin",)),
    Place("system-user-new", "/systembrukere/ny/", ("admin",), FORM),
    Place("system-user", "/systembrukere/{system_user}/", ("admin",), FORM),
    Place("services", "/tjenester/"),
    Place("service", "/tjenester/{service}/", ("accountant", "manager")),
    Place("areas", "/fagomrader/", FIRM),
    Place("rules", "/hasteregler/"),
    Place("rule-new", "/hasteregler/ny/", FIRM, FORM),
    Place("rule", "/hasteregler/{rule}/", FIRM, FORM),
    Place("hand-over", "/overlevering/"),
    Place("hand-over-from", "/overlevering/{kari}/", FIRM),
    Place("absences", "/fravaer/"),
    Place("absence-new", "/fravaer/nytt/", WORKING, FORM),
    Place("saved-searches", "/lagrede-sok/"),
    Place("search-save", "/lagrede-sok/nytt/?frist=over", WORKING, FORM),
    Place("search-edit", "/lagrede-sok/{search}/", ("accountant",), FORM),
    Place("commands", "/hurtigmeny/?q=mva"),
    Place("profile", "/profil/"),
    Place("bulk-jobs", "/masseendringer/"),
    Place("bulk-job", "/masseendring/{job}/", ("accountant",)),
    Place("note-edit", "/notater/{note}/rediger/", ("accountant",)),
    Place("note-versions", "/notater/{note}/versjoner/", WORKING),
    Place("login", "/konto/login/", ("",), FORM),
    Place("reset", "/konto/password/reset/", ("",)),
    Place("password", "/konto/password/change/", WORKING, FORM),
    Place("logout", "/konto/logout/", WORKING),
)  # fmt: skip
