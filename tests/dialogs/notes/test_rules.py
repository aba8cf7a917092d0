"""The rules for what is put on top: changed by managers, seen through before they are saved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from kombu.exceptions import OperationalError

from clients.models import Client
from dialogs import pinning, tasks
from dialogs.models import Dialog, PinRule, Service
from dialogs.notes import rules
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog


@pytest.fixture
def managers(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(leder)


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch, db: None) -> list[str]:
    """What was left for a worker. No rules to begin with."""
    PinRule.objects.all().delete()
    left: list[str] = []
    monkeypatch.setattr(
        tasks.apply_pin_rules, "apply_async", lambda **_options: left.append("apply")
    )
    return left


def shown(response: Any) -> str:
    return " ".join(response.content.decode().split())


def rule(why: str = "Tvangsmulkt", **fields: Any) -> PinRule:
    return PinRule.objects.create(**{"why": why, "words": "tvangsmulkt"} | fields)


def test_everybody_may_read_why_and_nobody_else_changes_it(
    olas: Browser, make_dialog: MakeDialog, bakeren: Client
) -> None:
    one = rule()
    make_dialog(bakeren, "Varsel om tvangsmulkt", pin=one)
    page = shown(olas.get("/hasteregler/"))
    assert "Tittel eller sammendrag har: tvangsmulkt" in page
    assert "I bruk" in page
    assert "1 dialog nå" not in page, "counts are of what one may open"
    assert "/hasteregler/ny/" not in page
    assert olas.get("/hasteregler/ny/").status_code == 403
    assert olas.get(f"/hasteregler/{one.pk}/").status_code == 403
    for address in ("ny", one.pk, f"{one.pk}/endre"):
        data = {"why": "Mitt", "words": "alt sammen", "gjor": "hvil"}
        assert olas.post(f"/hasteregler/{address}/", data).status_code == 403
    one.refresh_from_db()
    assert (one.why, one.is_active) == ("Tvangsmulkt", True)
    assert not AuditEntry.objects.exclude(act="access refused").exists()


def test_a_rule_is_seen_through_before_it_is_saved(
    managers: Browser, make_dialog: MakeDialog, bakeren: Client, queued: list[str]
) -> None:
    for number in range(6):
        make_dialog(bakeren, f"Varsel om tvangsmulkt {number}", due_in=number)
    make_dialog(bakeren, "Noe annet", summary="Du kan få TVANGSMULKT")
    make_dialog(bakeren, "Tvangsmulkt i arkivet", folder="ARCHIVE")
    make_dialog(bakeren, "Utvangsmulkt er ikke et ord")
    wanted = {"why": "Tvangsmulkt", "words": " tvangsmulkt , ,dagmulkt "}

    page = shown(managers.post("/hasteregler/ny/", wanted | {"vis": "treff"}))

    assert "Treffer 7 dialoger i innboksen nå." in page
    assert page.count("Varsel om tvangsmulkt") == 5, "a few examples"
    assert 'value=" tvangsmulkt , ,dagmulkt "' in page or 'value="tvangsmulkt' in page
    assert not PinRule.objects.exists()
    assert queued == []

    assert managers.post("/hasteregler/ny/", wanted).headers["Location"] == "/hasteregler/"
    one = PinRule.objects.get()
    assert one.words == "tvangsmulkt, dagmulkt"
    assert queued == ["apply"]
    assert AuditEntry.objects.get(act="rule.added").detail["after"]["why"] == "Tvangsmulkt"
    pinning.apply_again()
    assert Dialog.objects.filter(pin=one).count() == 7, "the preview was right"
    assert "7 dialoger nå" in shown(managers.get("/hasteregler/"))


def test_a_rule_for_a_service_or_an_owner_hits_only_theirs(
    managers: Browser, make_dialog: MakeDialog, bakeren: Client
) -> None:
    tax = make_dialog(bakeren, "Kontroll")
    make_dialog(bakeren, "Kontroll", owner="nav")
    for wanted in ({"owner": "skd"}, {"service": tax.service_id}, {"owner": "nav", "words": "kon"}):
        page = shown(managers.post("/hasteregler/ny/", {"why": "Det", "vis": "ja"} | wanted))
        assert "Treffer 1 dialog i innboksen nå." in page
    none = managers.post("/hasteregler/ny/", {"why": "Det", "words": "konkurs", "vis": "ja"})
    assert "Treffer ingen dialoger i innboksen nå." in shown(none)


def test_a_large_inbox_is_read_only_so_far_and_that_is_said(
    managers: Browser, make_dialog: MakeDialog, bakeren: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_READ", 2)
    for days in (1, 2, 3):
        make_dialog(bakeren, f"Kontroll {days}", due_in=days)
    page = shown(managers.post("/hasteregler/ny/", {"why": "K", "words": "kontroll", "vis": "ja"}))
    assert "Treffer 2 av de 2 dialogene i innboksen med nærmest frist." in page
    make_dialog(bakeren, "Kontroll", owner="nav", due_in=9)
    theirs = managers.post("/hasteregler/ny/", {"why": "K", "owner": "nav", "vis": "ja"})
    assert "Treffer 1 dialog i innboksen nå." in shown(theirs), "only theirs are read"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"words": ""}, "En regel trenger ord, en tjenesteeier eller en tjeneste å gå etter."),
        ({"words": " , ,"}, "En regel trenger ord"),
        ({"words": "tvangsmulkt, å"}, "«å» er for kort. Skriv minst tre tegn."),
        ({"owner": "nav", "service": "skd"}, "Tjenesten hører ikke til tjenesteeieren."),
        ({"words": "kontroll", "appeal_days": "0"}, 'aria-invalid="true"'),
        ({"words": "kontroll", "why": ""}, 'aria-invalid="true"'),
    ],
)
def test_a_rule_that_cannot_work_is_explained(
    managers: Browser,
    make_dialog: MakeDialog,
    bakeren: Client,
    wanted: dict[str, str],
    said: str,
) -> None:
    service = make_dialog(bakeren).service
    make_dialog(bakeren, owner="nav")
    if "service" in wanted:
        wanted = wanted | {"service": str(service.pk)}
    response = managers.post("/hasteregler/ny/", {"why": "Grunn"} | wanted)
    assert response.status_code == 422
    assert said in shown(response)
    assert not PinRule.objects.exists()
    assert Service.objects.count() == 2


def test_a_changed_rule_says_from_what_to_what(managers: Browser, queued: list[str]) -> None:
    one = rule()
    address = f"/hasteregler/{one.pk}/"
    assert 'value="tvangsmulkt"' in shown(managers.get(address))
    managers.post(address, {"why": "Dagmulkt", "words": "dagmulkt", "appeal_days": "21"})
    one.refresh_from_db()
    assert (one.why, one.words, one.appeal_days, one.is_active) == (
        "Dagmulkt",
        "dagmulkt",
        21,
        True,
    )
    detail = AuditEntry.objects.get(act="rule.changed").detail
    assert (detail["before"]["words"], detail["after"]["words"]) == ("tvangsmulkt", "dagmulkt")
    assert queued == ["apply"]


def test_a_rule_is_switched_off_and_on(managers: Browser, queued: list[str]) -> None:
    one = rule()
    for act, is_active in (("hvil", False), ("hvil", False), ("bruk", True)):
        response = managers.post(f"/hasteregler/{one.pk}/endre/", {"gjor": act})
        assert response.headers["Location"] == f"/hasteregler/#bruk-{one.pk}"
        one.refresh_from_db()
        assert one.is_active is is_active
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["rule.switched_off", "rule.switched_on"]
    assert managers.post(f"/hasteregler/{one.pk}/endre/", {"gjor": "noe"}).status_code == 404


def test_the_order_is_the_firms(managers: Browser, queued: list[str]) -> None:
    first, second = rule("Én", position=10), rule("To", position=10)
    managers.post(f"/hasteregler/{second.pk}/endre/", {"gjor": "opp"})
    assert [one.why for one in PinRule.objects.all()] == ["To", "Én"]
    managers.post(f"/hasteregler/{first.pk}/endre/", {"gjor": "ned"})
    assert [one.why for one in PinRule.objects.all()] == ["To", "Én"], "the last stays the last"
    assert AuditEntry.objects.get(act="rule.moved").about == f"rule {second.pk}"


def test_a_new_rule_is_tried_last(managers: Browser) -> None:
    rule("Først", position=300)
    managers.post("/hasteregler/ny/", {"why": "Sist", "words": "kontroll"})
    assert [one.why for one in PinRule.objects.all()] == ["Først", "Sist"]


def test_a_rule_is_saved_though_the_queue_does_not_answer(
    managers: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_options: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.apply_pin_rules, "apply_async", refuse)
    managers.post("/hasteregler/ny/", {"why": "Kontroll", "words": "kontroll"})
    assert PinRule.objects.exists()
    assert "Køen svarer ikke." in shown(managers.get("/hasteregler/"))


def test_a_rule_that_is_not_there_is_not_found(managers: Browser) -> None:
    assert managers.get("/hasteregler/999/").status_code == 404
    assert managers.post("/hasteregler/999/endre/", {"gjor": "opp"}).status_code == 404
