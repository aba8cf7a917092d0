"""What a client's page tells of Enhetsregisteret, and what its log tells of changes."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from clients.keeping import register
from clients.models import Client, ClientRegisterState
from staff import audit
from staff.models import User
from tests.clients.conftest import Browse
from tests.clients.keeping.test_pages import text


@pytest.fixture
def ended(bakeren: Client, now: datetime) -> ClientRegisterState:
    return ClientRegisterState.objects.create(
        client=bakeren,
        name="BAKEREN AS",
        form="AS",
        is_bankrupt=True,
        is_dissolving=True,
        deleted_on=date(2026, 11, 1),
        vat_registered=True,
        role_held=False,
        role_ended_at=now,
        read_at=now,
    )


def test_the_header_warns_of_what_the_register_says(
    kari: User, ola: User, bakeren: Client, ended: ClientRegisterState, browse: Browse
) -> None:
    address = reverse("dialogs:client", args=[bakeren.pk])
    page = text(browse(kari).get(address))

    for words in (
        "Konkurs",
        "Under avvikling",
        "Slettet i Enhetsregisteret",
        "Rollen som regnskapsfører er avsluttet",
        "<dd>AS, mva-registrert</dd>",
    ):
        assert words in page
    assert browse(ola).get(address).status_code == 404


def test_the_access_tab_has_the_facts(
    kari: User, bakeren: Client, ended: ClientRegisterState, browse: Browse
) -> None:
    address = reverse("dialogs:client-access", args=[bakeren.pk])
    page = text(browse(kari).get(address))

    assert "<dt>Slettet</dt> <dd>1. november 2026</dd>" in page
    assert "Ikke registrert lenger, oppdaget" in page
    ended.is_known = False
    ended.save()
    assert "Enhetsregisteret kjenner ikke nummeret" in text(browse(kari).get(address))
    ended.delete()
    page = text(browse(kari).get(address))
    assert "Ikke lest ennå. Det skjer av seg selv om litt." in page


def test_the_log_tells_what_became_of_the_client(
    kari: User, bakeren: Client, browse: Browse, now: datetime
) -> None:
    about = f"client {bakeren.pk}"
    happened: dict[str, dict[str, object]] = {
        register.UNIT_ADDED: {"unit": "AVD NORD"},
        register.UNIT_LEFT: {"unit": "AVD SØR"},
        register.UNIT_ENDED: {"unit": "AVD VEST"},
        register.REGISTER_CHANGED: {
            "is_bankrupt": [False, True],
            "role_held": [True, False],
            "vat_registered": [False, True],
            "name": ["BAKER AS", "BAKEREN AS"],
        },
    }
    for act, detail in happened.items():
        audit.record(actor=None, act=act, about=about, now=now, **detail)

    page = text(browse(kari).get(reverse("dialogs:client-log", args=[bakeren.pk])))

    assert "Underenheten «AVD NORD» hører nå til klienten." in page
    assert "Underenheten «AVD SØR» hører ikke lenger til klienten." in page
    assert "Underenheten «AVD VEST» er slettet i Enhetsregisteret." in page
    said = (
        "Enhetsregisteret sier: konkurs; mva-registrert; vi er ikke lenger regnskapsfører;"
        " navn fra «BAKER AS» til «BAKEREN AS»."
    )
    assert said in page


def test_the_log_of_the_client_alone_leaves_out_its_dialogs_and_pages_on(
    kari: User, bakeren: Client, browse: Browse, now: datetime
) -> None:
    for n in range(60):
        audit.record(
            actor=kari, act="client changed", about=f"client {bakeren.pk}", now=now,
            name=[f"a{n}", f"b{n}"],
        )  # fmt: skip
    address = reverse("dialogs:client-log", args=[bakeren.pk])

    page = text(browse(kari).get(address, {"vis": "klienten"}))

    assert "«b59»" in page
    assert "&amp;vis=klienten" in page
    assert "Vis dialogene også" in page
