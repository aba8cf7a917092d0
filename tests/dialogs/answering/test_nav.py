"""Nav's income reports: filled in, read through, sent once, and followed to Nav's judgement."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser
from django.utils import timezone

from altinn.nav_forms import Forespoersel, Periode, body_of
from dialogs.answering import drafts, tasks
from dialogs.answering.asked import unsealed
from dialogs.answering.people import birth_date, in_words
from dialogs.answering.sykepenger_form import SykepengerForm, proposed_period
from dialogs.content import opening
from dialogs.models import Dialog, FormDraft, ServiceAction
from dialogs.tasks import drain_once
from staff.models import User
from tests.dialogs.answering.conftest import (
    FORELDREPENGER,
    SYKEPENGER,
    Sample,
    one_of,
    text,
    the_only,
)
from tests.stand_in import Altinn, wait_until

Kind, State = ServiceAction.Kind, ServiceAction.State
Steps = Callable[..., Any]
PERSON = "08844397713"


class Form:
    """Kari's way through a form: each step as the page before it would send it."""

    def __init__(self, browser: Browser, dialog: Dialog, action_id: UUID) -> None:
        self.browser = browser
        self.dialog = dialog
        self.url = f"/innboks/{dialog.pk}/handling/{action_id}/skjema/"
        self.fields: dict[str, Any] = {}

    def step(self, step: str, **sent: Any) -> Any:
        kept = opening.kept(self.dialog)
        assert kept is not None
        more = {"steg": step, "revision": str(kept.revision)}
        return self.browser.post(self.url, self.fields | sent | more, follow=True)

    def fetch(self) -> Any:
        page = self.step("hent")
        if page.status_code == 200 and "form" in (page.context or {}):
            form = page.context["form"]
            self.fields = {name: form[name].value() or "" for name in form.fields}
        return page

    def send(self, preview: Any) -> Any:
        return self.step("send", sum=preview.context["sum"])


@pytest.fixture
def form(sample: Sample, karis: Browser, kari: User, now: datetime) -> Form:
    dialog = sample(SYKEPENGER)
    found = Form(karis, dialog, one_of(dialog, Kind.SYKEPENGER, kari, now).id)
    found.fetch()
    found.fields |= {"inntekt": "48 500", "telefon": "22 33 44 55"}
    return found


@pytest.fixture
def leave(sample: Sample, karis: Browser, kari: User, now: datetime) -> Form:
    dialog = sample(FORELDREPENGER)
    found = Form(karis, dialog, one_of(dialog, Kind.FORELDREPENGER, kari, now).id)
    found.fetch()
    found.fields |= {"inntekt": "51000,50", "telefon": "+4722334455"}
    return found


def test_the_form_is_made_of_what_nav_asks(form: Form, altinn: Altinn) -> None:
    page = form.browser.get(form.url)

    assert altinn.counts()["nav-forespoersel"] == 1
    assert altinn.counts()["details"] == 0
    said = text(page)
    assert "født 8. april 1943" in said
    assert PERSON not in page.content.decode()
    assert form.fields["agp-0-fom"]
    first, last = (date.fromisoformat(str(form.fields[f"agp-0-{end}"])) for end in ("fom", "tom"))
    assert (last - first).days == 15
    [asked] = altinn.received("nav-forespoersel")
    assert asked["claims"]["scope"] == "nav:helseytelser/sykepenger"


def test_a_report_is_read_through_sent_once_and_followed_to_its_end(
    form: Form, altinn: Altinn, now: datetime
) -> None:
    preview = form.step("se")
    assert "48 500,00 kr" in text(preview).replace("\xa0", " ")
    assert altinn.counts()["nav-inntektsmelding"] == 0

    page = form.send(preview)

    [sent] = altinn.received("nav-inntektsmelding")
    assert sent["status"] == 201
    body = json.loads(sent["body"])
    assert (body["sykmeldtFnr"], body["inntekt"]["beloep"]) == (PERSON, 48500)
    assert body["avsender"]["systemNavn"] == "Regnskapsportalen"
    action = the_only()
    assert (action.state, bool(action.reference)) == (State.ACCEPTED, True)
    assert action.request_hash == unsealed(action.request).hash
    assert unsealed(action.request).body == sent["body"]
    assert "Mottatt av Nav" in text(page)

    altinn.post("/clock", {"advance_seconds": 60})
    wait_until(lambda: _has_judgement(altinn, form.dialog))
    altinn.delete("/requests")
    drain_once()
    tasks.look_for_outcomes()

    action.refresh_from_db()
    assert (action.state, action.how) == (State.DONE, "TRANSMISSION")
    assert altinn.counts()["details"] == 0
    assert altinn.counts()["nav-inntektsmelding"] == 0
    assert not FormDraft.objects.exists()


def test_a_report_that_nav_turns_down_is_told_and_may_be_sent_anew(
    form: Form, altinn: Altinn, karis: Browser, kari: User, now: datetime
) -> None:
    altinn.post("/nav", {"approves": False, "seconds": 1})
    form.send(form.step("se"))
    action = the_only()
    assert action.state == State.ACCEPTED
    altinn.post("/clock", {"advance_seconds": 60})
    wait_until(lambda: _has_judgement(altinn, form.dialog))

    page = karis.post(f"/kvittering/{action.pk}/sjekk/", follow=True)

    action.refresh_from_db()
    assert action.state == State.REFUSED
    assert "Avvist." in text(page)
    form.dialog.refresh_from_db()
    again = one_of(form.dialog, Kind.SYKEPENGER, kari, now)
    assert again.under_way is None
    assert form.browser.get(form.url).context["form"]["inntekt"].value() == "48 500"


def test_a_draft_that_is_left_is_forgotten(form: Form, now: datetime) -> None:
    form.step("lagre")

    assert drafts.forget_old(now=now + timedelta(days=59)) == 0
    assert drafts.forget_old(now=now + timedelta(days=61)) == 1


def _has_judgement(altinn: Altinn, dialog: Dialog) -> bool:
    return str(altinn.get(f"/dialogs/{dialog.pk}")["status"]) == "NotApplicable"


def test_no_national_id_number_is_shown_or_stored_in_the_clear(form: Form, altinn: Altinn) -> None:
    preview = form.step("se")
    page = form.send(preview)

    for answer in (preview, page, form.browser.get(f"/kvittering/{the_only().pk}/")):
        assert PERSON not in answer.content.decode()
    action = the_only()
    assert PERSON.encode() not in bytes(action.request)
    assert PERSON not in str(action.__dict__)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"inntekt": ""}, "Skriv et beløp."),
        ({"inntekt": "mye"}, "Skriv beløpet med sifre"),
        ({"inntekt": "1000000"}, "Beløpet må være under 1 000 000 kroner."),
        ({"telefon": "123"}, "Skriv åtte sifre"),
        ({"kontakt": "Zoë <b>"}, "Nav godtar bare bokstavene a–å"),
        ({"refusjon_kreves": "ja"}, "Skriv hvor mye arbeidsgiveren krever"),
        ({"refusjon_kreves": "ja", "refusjon": "50000"}, "ikke være høyere enn inntekten"),
        ({"refusjon": "100"}, "Velg ja, eller tøm feltene om refusjon."),
        (
            {"refusjon_kreves": "ja", "refusjon": "1", "refusjon_slutt": "2001-01-01"},
            "Velg en dag etter",
        ),
        ({"full_lonn": "nei"}, "Skriv hvor mye som ble betalt."),
        ({"full_lonn": "nei", "agp_belop": "0"}, "Velg hvorfor."),
        ({"agp_belop": "5"}, "Velg nei, eller tøm feltene om redusert lønn."),
        ({"agp-0-tom": "2001-01-01"}, "Siste dag er før første dag."),
        ({"agp-0-tom": "i går"}, "Skriv datoen med dag, måned og år"),
        ({"aarsak-0-aarsak": "Ferie"}, "Denne årsaken må ha en dato her."),
        (
            {"aarsak-0-aarsak": "Bonus", "aarsak-0-fom": "2026-01-01"},
            "Denne årsaken skal ikke ha noen dato her.",
        ),
        (
            {"aarsak-0-aarsak": "Bonus", "aarsak-1-aarsak": "Bonus"},
            "Denne årsaken er oppgitt før.",
        ),
        ({"ytelse-0-ytelse": "BIL"}, "Fyll ut dette feltet, eller tøm hele raden."),
        (
            {"ytelse-0-ytelse": "BIL", "ytelse-0-belop": "0", "ytelse-0-fra": "2026-01-01"},
            "Beløpet må være over 0.",
        ),
    ],
)
def test_what_nav_would_refuse_is_said_by_the_field_and_nothing_typed_is_lost(
    fields: dict[str, str], said: str, form: Form, altinn: Altinn
) -> None:
    page = form.step("se", **fields)

    assert page.status_code == 422
    assert said in text(page)
    shown = page.context["form"]
    for name, value in fields.items():
        assert str(shown[name].value()) == value
    assert altinn.counts()["nav-inntektsmelding"] == 0
    again = form.browser.get(form.url)
    assert all(str(again.context["form"][n].value()) == v for n, v in fields.items())


def days(first: date, count: int) -> dict[str, str]:
    last = first + timedelta(days=count - 1)
    return {"agp-0-fom": first.isoformat(), "agp-0-tom": last.isoformat()}


@pytest.mark.parametrize(("count", "said"), [(17, "høyst 16"), (15, "Er den under 16")])
def test_arbeidsgiverperioden_is_sixteen_days(count: int, said: str, form: Form) -> None:
    page = form.step("se", **days(date(2026, 10, 19), count))

    assert said in text(page)


def test_rows_are_added_and_taken_away_without_losing_what_is_typed(form: Form) -> None:
    page = form.step("legg-til-endring", inntekt="4711")
    assert page.status_code == 200
    assert page.context["form"]["inntekt"].value() == "4711"
    assert "endring-0-belop" in page.context["form"].fields

    form.fields |= {"endring-0-belop": "1", "endring-0-fra": "2027-01-01", "inntekt": "4711"}
    page = form.step("legg-til-endring")
    assert "endring-1-belop" in page.context["form"].fields
    assert page.context["form"]["endring-0-belop"].value() == "1"

    page = form.step("fjern-endring-0")
    assert "endring-0-belop" not in page.context["form"].fields
    assert page.context["form"]["inntekt"].value() == "4711"


def test_what_is_typed_is_kept_sealed_while_it_is_typed(form: Form) -> None:
    answer = form.step("lagre", kontakt="Hemmelig Navn")

    assert answer.status_code == 204
    [draft] = FormDraft.objects.all()
    assert b"Hemmelig" not in bytes(draft.filled_in)
    assert PERSON.encode() not in bytes(draft.asked)
    page = form.browser.get(form.url)
    assert page.context["form"]["kontakt"].value() == "Hemmelig Navn"
    assert not page.context["form"].errors


def test_a_draft_is_its_writers_alone(form: Form, leder: User, logged_in: Any) -> None:
    form.step("lagre", kontakt="Hemmelig Navn")

    page = logged_in(leder).get(form.url)

    assert "Hent forespørselen fra Nav" in text(page)
    assert "Hemmelig" not in text(page)


def test_what_was_changed_after_it_was_read_through_is_read_again(
    form: Form, altinn: Altinn
) -> None:
    preview = form.step("se")
    form.step("lagre", inntekt="1")

    page = form.send(preview)

    assert page.status_code == 409
    assert "Skjemaet er endret siden du så dette." in text(page)
    assert altinn.counts()["nav-inntektsmelding"] == 0
    assert form.send(page).status_code == 200
    assert the_only().state == State.ACCEPTED


@pytest.mark.parametrize(
    ("status", "body", "state", "said"),
    [
        (409, "DUPLIKAT_INNSENDING", State.DONE, "hadde allerede akkurat denne"),
        (400, "INNSENDING_PAA_GAMMEL_FORESPOERSEL", State.REFUSED, "en nyere forespørsel"),
        (400, "FEIL_INNSENDING_STATUS", State.REFUSED, "ikke ferdig med den forrige"),
        (400, "UGYLDIG_NAV_REFERANSE_ID", State.REFUSED, "kjenner ikke forespørselen"),
        (400, "UGYLDIG_INNSENDING", State.REFUSED, "Setning en fra Nav"),
        (401, "IKKE_TILGANG_TIL_RESSURS", State.REFUSED, "mangler fullmakt"),
        (400, "SERIALISERINGSFEIL", State.REFUSED, "forsto ikke portalen"),
        (500, "EN_FEIL_OPPSTOD", State.UNKNOWN, "Vi vet ikke om den ble utført"),
    ],
)
def test_each_of_navs_codes_is_a_state_that_can_be_read(
    status: int, body: str, state: str, said: str, form: Form, altinn: Altinn
) -> None:
    reference = "d6af549c-7fb5-408c-854b-f72edcc2f24f"
    answer = {
        "feilkode": body,
        "feilmelding": "Setning en fra Nav; Og to",
        "referanseId": reference,
    }
    altinn.post("/faults", {"operation": "nav-inntektsmelding", "status": status, "body": answer})

    page = form.send(form.step("se"))

    action = the_only()
    assert (action.state, action.code) == (state, "" if status == 500 else body)
    assert said in text(page)
    assert altinn.counts()["nav-inntektsmelding"] == 1
    if state == State.REFUSED:
        assert form.browser.get(form.url).context["form"]["inntekt"].value() == "48 500"


@pytest.mark.parametrize("arrives", [True, False])
def test_after_a_time_out_navs_list_tells_and_nothing_is_sent_again(
    arrives: bool,  # noqa: FBT001
    form: Form,
    altinn: Altinn,
    now: datetime,
) -> None:
    fault: dict[str, Any] = {"operation": "nav-inntektsmelding", "delay_seconds": 3}
    altinn.post("/faults", fault if arrives else fault | {"status": 504})
    form.send(form.step("se"))
    action = the_only()
    assert action.state == State.UNKNOWN

    wait_until(lambda: altinn.counts()["nav-inntektsmelding"])
    if not arrives:
        ServiceAction.objects.update(sent_at=now - timedelta(minutes=20))
    page = form.browser.post(f"/kvittering/{action.pk}/sjekk/", follow=True)

    action.refresh_from_db()
    assert action.state == (State.ACCEPTED if arrives else State.NOT_DONE)
    assert action.how == "LIST"
    assert bool(action.reference) is arrives
    assert ("Mottatt av Nav" in text(page)) is arrives
    assert altinn.counts()["nav-inntektsmelding"] == 1


def test_parental_leave_is_asked_its_own_way(leave: Form, altinn: Altinn) -> None:
    page = leave.browser.get(leave.url)
    said = text(page)
    assert "foreldrepenger" in said
    assert "Arbeidsgiverperioden" not in said
    assert PERSON not in page.content.decode()

    start = page.context["asked"].startdato
    leave.fields |= {
        "refusjon_kreves": "ja",
        "refusjon": "60000",  # above the income: Nav takes it here
        "refusjon_slutt": (start + timedelta(days=100)).isoformat(),
        "ytelse-0-ytelse": "BIL",
        "ytelse-0-belop": "3000",
        "ytelse-0-fra": start.isoformat(),
        "aarsak-0-aarsak": "Ferie",
        "aarsak-0-fom": "2026-07-01",
        "aarsak-0-tom": "2026-07-21",
    }
    page = leave.send(leave.step("se"))

    [sent] = altinn.received("nav-fp-inntektsmelding")
    assert sent["status"] in (200, 201), sent
    body = json.loads(sent["body"])
    assert body["inntekt"]["beloepPerMaaned"] == 51000.5
    assert body["refusjon"]["endringer"] == [
        {"beloepPerMaaned": 0, "startdato": (start + timedelta(days=101)).isoformat()}
    ]
    assert body["naturalytelser"][0]["naturalytelse"] == "Bil"
    assert the_only().state in (State.DONE, State.ACCEPTED)
    assert "Bil, 3 000,00 kr per måned" in text(page).replace("\xa0", " ")


def test_sixteen_days_are_proposed_over_several_absences() -> None:
    def one(first: str, last: str) -> Periode:
        return Periode(fom=date.fromisoformat(first), tom=date.fromisoformat(last))

    assert proposed_period([one("2026-01-01", "2026-02-01")]) == [
        (date(2026, 1, 1), date(2026, 1, 16))
    ]
    assert proposed_period([one("2026-01-05", "2026-02-01"), one("2026-01-02", "2026-01-04")]) == [
        (date(2026, 1, 2), date(2026, 1, 17))
    ]
    assert proposed_period([one("2026-01-01", "2026-01-03"), one("2026-01-10", "2026-03-01")]) == [
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 1, 10), date(2026, 1, 22)),
    ]
    assert proposed_period([one("2026-01-01", "2026-01-03"), one("2026-02-10", "2026-03-01")]) == [
        (date(2026, 2, 10), date(2026, 2, 25))
    ]


def test_a_part_that_nav_has_not_asked_for_is_not_in_the_form(kari: User) -> None:
    asked = Forespoersel(
        nav_referanse_id=UUID(int=1),
        orgnr="315010195",
        fnr=PERSON,
        arbeidsgiverperiode_paakrevd=False,
        inntekt_paakrevd=False,
        sykmeldingsperioder=(Periode(fom=date(2026, 1, 1), tom=date(2026, 2, 1)),),
    )
    sent = {"refusjon_kreves": "nei", "kontakt": "Kari", "telefon": "22334455"}

    form = SykepengerForm(asked, sent, user_name=kari.name)

    assert form.is_valid(), form.errors
    report = form.report()
    assert (report.agp, report.inntekt, report.refusjon) == (None, None, None)
    assert b'"agp":null' in body_of(report)


@pytest.mark.parametrize(
    ("number", "born"),
    [
        (PERSON, date(1943, 4, 8)),
        ("08044397713", date(1943, 4, 8)),
        ("48044397713", date(1943, 4, 8)),
        ("01010150000", date(2001, 1, 1)),
        ("01017010000", date(1970, 1, 1)),
        ("99999999999", None),
        ("x", None),
    ],
)
def test_a_day_of_birth_is_all_that_is_shown(number: str, born: date | None) -> None:
    assert birth_date(number) == born
    assert number not in in_words(number) or number == "x"


def test_now_is_norwegian() -> None:
    assert timezone.get_current_timezone_name() == "Europe/Oslo"
