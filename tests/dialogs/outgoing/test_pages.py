"""Choosing notices, and «Hvorfor fikk jeg denne?»"""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from dialogs.models import ClientNoticeChoice, Delivery, NoticeChoices
from dialogs.outgoing import tasks
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.dialogs.outgoing.conftest import Kind, Tell, deliver

CHOICES = "/varsler/valg/"


def posted(browser: Browser) -> dict[str, str]:
    """What the page would send as it stands."""
    context = browser.get(CHOICES).context
    forms = (context["events"], context["quiet"])
    values = {field.html_name: field.value() for form in forms for field in form}
    return {name: str(value) for name, value in values.items() if value not in (None, False)}


def test_the_page_shows_the_defaults_and_keeps_only_what_differs(
    mails: None, karis: Browser, kari: User
) -> None:
    wanted = posted(karis)
    assert wanted["ASSIGNED-EMAIL"] == "True"
    assert "TAKEN-EMAIL" not in wanted
    assert "WEEKLY-EMAIL" not in wanted, "Kari does not lead"

    karis.post(CHOICES, wanted)
    assert NoticeChoices.objects.get(user=kari).events == {}

    del wanted["ASSIGNED-EMAIL"]
    wanted |= {"TAKEN-EMAIL": "on", "quiet_from": "17:00", "quiet_to": "07:00"}
    karis.post(CHOICES, wanted)
    kept = NoticeChoices.objects.get(user=kari)
    assert kept.events == {"ASSIGNED": {"EMAIL": False}, "TAKEN": {"EMAIL": True}}
    assert (kept.quiet_from, kept.quiet_to) == (time(17), time(7))
    assert posted(karis)["TAKEN-EMAIL"] == "True"
    assert AuditEntry.objects.filter(actor=kari, act="notice choices changed").count() == 2


def test_what_is_not_offered_stays_as_it_was_chosen(karis: Browser, kari: User) -> None:
    NoticeChoices.objects.create(user=kari, events={"ASSIGNED": {"EMAIL": False}})
    karis.post(CHOICES, posted(karis))
    assert NoticeChoices.objects.get().events == {"ASSIGNED": {"EMAIL": False}}


def test_the_weekly_report_is_offered_to_who_leads(
    mails: None, logged_in: Callable[[User], Browser], leder: User
) -> None:
    assert "WEEKLY-EMAIL" in posted(logged_in(leder))


def test_the_page_says_when_the_firm_has_no_mail(karis: Browser) -> None:
    page = karis.get(CHOICES).content.decode()
    assert "Portalen sender ikke e-post" in page
    assert "ASSIGNED-EMAIL" not in page


@pytest.mark.parametrize(
    ("begins", "ends"), [("17:00", ""), ("", "07:00"), ("17:00", "17:00"), ("25:00", "07:00")]
)
def test_half_of_the_quiet_hours_is_refused(karis: Browser, begins: str, ends: str) -> None:
    wanted = posted(karis) | {"quiet_from": begins, "quiet_to": ends}
    assert karis.post(CHOICES, wanted).status_code == 422
    assert not NoticeChoices.objects.exists()


def test_a_client_is_made_an_exception_by_name_or_number(
    karis: Browser, olas: Browser, kari: User, bakeren: Client, make_client: Callable[..., Client]
) -> None:
    make_client("Bakeren Drift AS", responsible=kari)
    address = "/varsler/valg/klient/"

    several = karis.post(address, {"client": "Baker", "rule": "MUTED"})
    assert several.status_code == 422
    assert "Flere klienter passer" in several.content.decode()
    assert karis.post(address, {"client": "310 495 921", "rule": "ONLY"}).status_code == 302
    assert karis.post(address, {"client": "Bakeren AS", "rule": "MUTED"}).status_code == 302
    one = ClientNoticeChoice.objects.get(user=kari)
    assert (one.client, one.rule) == (bakeren, "MUTED")

    for words in ("Bakeren AS", "310495921", "Bak"):
        page = olas.post(address, {"client": words, "rule": "MUTED"})
        assert page.status_code == 422
        assert "Drift" not in page.content.decode()
    end = f"/varsler/valg/klient/{one.pk}/fjern/"
    assert olas.post(end).status_code == 404
    assert karis.post(end).status_code == 302
    assert not ClientNoticeChoice.objects.exists()


def test_an_exception_for_a_client_that_is_lost_is_not_named(
    olas: Browser, ola: User, bakeren: Client
) -> None:
    bakeren.members.add(ola)
    ClientNoticeChoice.objects.create(user=ola, client=bakeren, rule="MUTED")
    assert "Bakeren AS" in olas.get(CHOICES).content.decode()
    bakeren.members.remove(ola)
    assert "Bakeren AS" not in olas.get(CHOICES).content.decode()


def shown(browser: Browser, query: str = "") -> str:
    return " ".join(browser.get(f"/varsler/sendt/{query}").content.decode().split())


def test_one_sees_what_was_sent_why_and_what_came_of_it(
    mails: None, karis: Browser, tell: Tell
) -> None:
    assert "Ingenting er sendt" in shown(karis)
    tell()
    deliver()
    page = shown(karis)
    assert "Ola Berg tildelte deg «Mva-melding 4. termin» hos Bakeren AS." in page
    assert "«E-post» for «Tildelt deg» er på til noe annet blir valgt." in page
    assert ">Sendt<" in page
    assert "kari@firmaet.invalid" in page


@pytest.mark.parametrize(
    ("state", "trouble", "says"),
    [
        ("LEFT_OUT", "read", "Det var allerede lest i portalen."),
        ("LEFT_OUT", "no access", "Tilgangen til det var borte."),
        ("LEFT_OUT", "not wanted", "Det var slått av."),
        ("LEFT_OUT", "nothing", "Det var ingenting å melde."),
        ("REFUSED", "550", "Mottakeren tok den ikke imot (550)."),
        ("UNKNOWN", "", "Den kan ha kommet fram, og sendes ikke på nytt."),
    ],
)
def test_every_outcome_is_said_in_words(
    mails: None, karis: Browser, tell: Tell, state: str, trouble: str, says: str
) -> None:
    tell()
    Delivery.objects.update(state=state, trouble=trouble)
    assert says in shown(karis)


def test_only_administrators_see_what_others_were_sent(
    mails: None,
    karis: Browser,
    olas: Browser,
    kari: User,
    leder: User,
    admin: User,
    logged_in: Callable[[User], Browser],
    tell: Tell,
) -> None:
    tell()
    deliver()
    query = f"?person={kari.pk}"
    assert olas.get(f"/varsler/sendt/{query}").status_code == 403
    assert logged_in(leder).get(f"/varsler/sendt/{query}").status_code == 403
    assert "Bakeren" not in shown(olas)
    admins = logged_in(admin)
    assert "Hva er sendt til Kari Hansen" in shown(admins, query)
    assert "Bakeren AS" in shown(admins, query)
    assert admins.get("/varsler/sendt/?person=x").status_code == 404
    assert admins.get("/varsler/sendt/?person=999999").status_code == 404


def test_a_client_that_is_lost_is_lost_in_the_log_too(
    mails: None, olas: Browser, ola: User, leder: User, bakeren: Client, tell: Tell
) -> None:
    bakeren.members.add(ola)
    tell(Kind.ASSIGNED, users=[ola], actor=leder)
    deliver()
    assert "Bakeren AS" in shown(olas)
    bakeren.members.remove(ola)
    page = shown(olas)
    assert "noe du ikke lenger har tilgang til" in page
    assert "Bakeren" not in page
    assert "Mva-melding" not in page


def test_who_is_not_logged_in_is_sent_to_the_log_in() -> None:
    for address in (CHOICES, "/varsler/sendt/", "/varsler/kalendere/"):
        assert Browser().get(address).headers["Location"].startswith("/konto/login/")


def test_what_was_sent_long_ago_is_forgotten(
    mails: None, settings: Settings, tell: Tell, bakeren: Client, make_dialog: MakeDialog
) -> None:
    tell()
    deliver()
    tell(dialog=make_dialog(bakeren))
    Delivery.objects.filter(state="SENT").update(
        settled_at=timezone.now() - timedelta(days=settings.NOTICE_LOG_DAYS + 1)
    )
    tasks.forget()
    assert Delivery.objects.get().state == "WAITING"


def test_the_profile_and_the_bell_lead_to_the_choices(karis: Browser) -> None:
    for address in ("/profil/", "/varsler/"):
        assert f'href="{CHOICES}"' in karis.get(address).content.decode()


def test_who_leads_takes_up_the_weekly_report_from_the_overview(
    mails: None, logged_in: Callable[[User], Browser], leder: User
) -> None:
    browser = logged_in(leder)
    offer, address = "Få denne på e-post hver mandag", "/varsler/valg/ukerapport/"
    NoticeChoices.objects.create(
        user=leder, events={"WEEKLY": {"EMAIL": False}, "TAKEN": {"EMAIL": True}}
    )
    page = browser.get("/oversikt/").content.decode()
    assert offer in page
    assert f'action="{address}"' in page
    assert offer not in browser.get("/oversikt/?eier=skd").content.decode()

    assert browser.post(address)["Location"] == "/oversikt/"

    page = browser.get("/oversikt/").content.decode()
    assert offer not in page
    assert "Du får disse tallene på e-post hver mandag." in page
    assert NoticeChoices.objects.get(user=leder).events == {"TAKEN": {"EMAIL": True}}
    assert AuditEntry.objects.filter(actor=leder, act="notice choices changed").count() == 1


def test_the_weekly_report_is_offered_to_nobody_else_and_not_without_mail(
    karis: Browser, logged_in: Callable[[User], Browser], leder: User, settings: Settings
) -> None:
    assert "hver mandag" not in logged_in(leder).get("/oversikt/").content.decode()

    settings.EMAIL_HOST = "post.invalid"
    assert "hver mandag" not in karis.get("/oversikt/").content.decode()
    assert karis.post("/varsler/valg/ukerapport/").status_code == 403
    assert not NoticeChoices.objects.exists()
