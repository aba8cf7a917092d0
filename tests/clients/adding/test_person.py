"""Signing in at ID-porten so that the portal may act for a person, and what ends it."""

import logging
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.adding import lists, person
from clients.models import AddingRun, PersonConnection, SystemUser
from staff.models import AuditEntry, User
from tests.clients.adding.conftest import SUBSTANTIAL, path_of, pid_of, walk
from tests.clients.conftest import Browse
from tests.stand_in import Altinn

STATUS = reverse("clients:idporten")
BEGIN = reverse("clients:idporten-begin")
BACK = reverse("clients:idporten-back")
END = reverse("clients:idporten-end")
LOGGED_OUT = reverse("clients:idporten-logged-out")

pytestmark = pytest.mark.django_db


def said(response: object) -> list[str]:
    return [str(one) for one in response.wsgi_request._messages]  # type: ignore[attr-defined]


@pytest.mark.parametrize("person_in", ["kari", "leder"])
@pytest.mark.parametrize("name", ["", "-begin", "-back", "-end"])
def test_only_an_administrator_connects(
    name: str, person_in: str, kari: User, leder: User, browse: Browse
) -> None:
    browser = browse({"kari": kari, "leder": leder}[person_in])
    address = reverse(f"clients:idporten{name}")

    response = (browser.post if name == "-end" else browser.get)(address)

    assert response.status_code == 403
    assert not PersonConnection.objects.exists()


def test_an_administrator_connects_and_the_question_has_all_it_should(
    admins: Browser, altinn: Altinn, admin: User
) -> None:
    begun = admins.get(BEGIN)
    asked = dict(parse_qsl(urlsplit(begun["Location"]).query))
    response = walk(admins, altinn)

    assert asked["code_challenge_method"] == "S256"
    assert asked["acr_values"] == SUBSTANTIAL
    assert asked["state"]
    assert asked["nonce"]
    assert "altinn:clientdelegations.write" in asked["scope"].split()
    assert response.status_code == 302
    kept = PersonConnection.objects.get(user=admin)
    assert kept.acr == SUBSTANTIAL
    assert AuditEntry.objects.filter(act="idporten connected", actor=admin).count() == 1
    assert "Koblet til" in admins.get(STATUS).content.decode()


def test_nothing_of_the_person_can_be_read_in_the_database_or_the_log(
    admins: Browser, altinn: Altinn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    walk(admins, altinn)
    admins.get(LOGGED_OUT, {"iss": altinn.addresses()["idporten_issuer"], "sid": "x"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM clients_personconnection t")
        rows = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT t::text FROM staff_auditentry t")
        rows += [row[0] for row in cursor.fetchall()]
    assert rows
    for text in (*rows, caplog.text):
        assert pid_of(altinn) not in text
        assert not re.search(r"eyJ[\w-]{20,}\.", text)


def test_the_way_back_is_good_once_and_for_the_browser_that_asked(
    admins: Browser, altinn: Altinn, admin: User, browse: Browse
) -> None:
    there = admins.get(BEGIN)["Location"]
    form = {"person": pid_of(altinn), "acr": SUBSTANTIAL, "do": "login"}
    home = httpx.post(there, data=form, trust_env=False).headers["Location"]
    query = urlsplit(home).query

    elsewhere = browse(admin).get(f"{BACK}?{query}")
    assert path_of(elsewhere["Location"]) == STATUS
    assert not PersonConnection.objects.exists()

    admins.get(f"{BACK}?{query}")
    assert PersonConnection.objects.exists()
    PersonConnection.objects.all().delete()
    admins.get(f"{BACK}?{query}")
    assert not PersonConnection.objects.exists()


def test_another_state_is_not_taken(admins: Browser, altinn: Altinn) -> None:
    admins.get(BEGIN)

    response = admins.get(BACK, {"code": "noe", "state": "noe annet"})

    assert path_of(response["Location"]) == STATUS
    assert not PersonConnection.objects.exists()


def test_a_level_below_what_was_asked_is_not_taken(admins: Browser, altinn: Altinn) -> None:
    walk(admins, altinn, acr="idporten-loa-low")

    assert not PersonConnection.objects.exists()


def test_a_higher_level_is_taken(admins: Browser, altinn: Altinn) -> None:
    walk(admins, altinn, acr="idporten-loa-high")

    assert PersonConnection.objects.get().acr == "idporten-loa-high"


def test_turning_back_is_told_in_words(admins: Browser, altinn: Altinn) -> None:
    there = admins.get(BEGIN)["Location"]
    form = {"person": pid_of(altinn), "acr": SUBSTANTIAL, "do": "cancel"}
    home = httpx.post(there, data=form, trust_env=False).headers["Location"]

    page = admins.get(f"{BACK}?{urlsplit(home).query}", follow=True).content.decode()

    assert "ds-alert" in page
    assert not PersonConnection.objects.exists()


def test_an_attempt_that_took_too_long_is_made_again(admins: Browser, altinn: Altinn) -> None:
    admins.get(BEGIN)
    session = admins.session
    session["idporten_attempt"] |= {"began": 0}
    session.save()

    response = admins.get(BACK, {"code": "noe"}, follow=True)

    assert "Innloggingen tok for lang tid" in response.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://ondt.invalid/", "//ondt.invalid/", "javascript:1"])
def test_the_way_on_is_a_page_of_ours(elsewhere: str, admins: Browser, altinn: Altinn) -> None:
    response = walk(admins, altinn, neste=elsewhere)

    assert response["Location"] == reverse("clients:adding")


def test_the_way_on_is_where_one_came_from(admins: Browser, altinn: Altinn) -> None:
    assert walk(admins, altinn, neste="/systembrukere/")["Location"] == "/systembrukere/"


def test_without_a_client_at_id_porten_the_page_says_what_to_set(
    admins: Browser, altinn: Altinn, settings: Settings
) -> None:
    settings.IDPORTEN_CLIENT_ID = ""

    page = admins.get(BEGIN, follow=True).content.decode()

    assert "IDPORTEN_CLIENT_ID" in page


def test_disconnecting_forgets_and_leads_on_to_the_log_out_of_id_porten(
    admins: Browser, altinn: Altinn, connected: User
) -> None:
    response = admins.post(END)

    assert not PersonConnection.objects.exists()
    address = response["Refresh"].removeprefix("0;url=")
    assert urlsplit(address).path == "/idporten/logout"
    assert "id_token_hint" in address
    assert "no-store" in response["Cache-Control"]
    ended = httpx.get(address, trust_env=False)
    assert path_of(ended.headers["Location"]) == STATUS
    assert altinn.get("/idporten")["sessions"] == 0
    assert AuditEntry.objects.filter(act="idporten disconnected").count() == 1


def session_of(user: User) -> str:
    kept = person._opened(PersonConnection.objects.get(user=user))
    return kept.tokens.session_id


def test_id_porten_says_that_a_session_has_ended_and_nobody_is_logged_in(
    altinn: Altinn, connected: User
) -> None:
    issuer = altinn.addresses()["idporten_issuer"]
    sid = session_of(connected)
    stranger = Browser()

    for query in ({"iss": issuer, "sid": "en annen"}, {"iss": "https://ondt.invalid", "sid": sid},
                  {"iss": issuer}, {}):  # fmt: skip
        assert stranger.get(LOGGED_OUT, query).status_code == 200
        assert PersonConnection.objects.exists()
    response = stranger.get(LOGGED_OUT, {"iss": issuer, "sid": sid})

    assert not PersonConnection.objects.exists()
    assert "X-Frame-Options" not in response
    assert f"frame-ancestors 'none' {altinn.base_url}" in response["Content-Security-Policy"] or (
        f"frame-ancestors {altinn.base_url}" in response["Content-Security-Policy"]
    )


def test_tokens_are_renewed_before_they_run_out(
    altinn: Altinn, admins: Browser, admin: User, post: SystemUser
) -> None:
    altinn.post("/idporten", {"token_seconds": 20})
    walk(admins, altinn)
    before = bytes(PersonConnection.objects.get().sealed)

    with person.delegation(admin) as api:
        lists.agent_of(api, post)

    assert bytes(PersonConnection.objects.get().sealed) != before
    altinn.post("/idporten", {"token_seconds": 600})


def test_a_token_in_hand_is_used_again(altinn: Altinn, connected: User, post: SystemUser) -> None:
    with person.delegation(connected):
        pass
    altinn.delete("/requests")

    with person.delegation(connected) as api:
        api.agents(post.owner_orgnr)

    assert altinn.counts()["idporten-token"] == altinn.counts()["exchange"] == 0


def test_when_it_cannot_be_renewed_the_person_must_sign_in_again(
    altinn: Altinn, admins: Browser, admin: User, post: SystemUser
) -> None:
    altinn.post("/idporten", {"token_seconds": 20})
    walk(admins, altinn)
    altinn.post("/idporten", {"end_sessions": True, "token_seconds": 600})
    run = AddingRun.objects.create(
        system_user=post,
        started_by=admin,
        person=admin,
        state=AddingRun.State.RUNNING,
        created_at=timezone.now(),
        started_at=timezone.now() - timedelta(minutes=5),
    )

    with pytest.raises(person.NotConnected), person.delegation(admin):
        pass

    assert not PersonConnection.objects.exists()
    run.refresh_from_db()
    assert run.state == AddingRun.State.SIGN_IN
    assert "Koble til igjen, så fortsetter køen der den slapp." in run.trouble


def test_tokens_sealed_with_a_lost_key_are_as_none(connected: User, settings: Settings) -> None:
    settings.SEALING_KEYS = ["en helt annen nøkkel, femti tegn lang, som ingen andre har"]

    with pytest.raises(person.NotConnected), person.delegation(connected):
        pass
