"""The coverage page says how much is seen, and each figure leads to exactly those clients."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.health.alarms import Kind, Sign, of_client, settle
from clients.models import (
    Access,
    Alarm,
    Client,
    GrantedPackages,
    Party,
    SystemUser,
    VendorClient,
    VendorKey,
)
from staff.models import AuditEntry, User
from tests.clients.health.conftest import Browse, read

PAGE = "/dekning/"
BEHIND = "/dekning/klienter/"
LONN = "regnskapsforer-lonn"


def text(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def plain(html: str) -> str:
    main = html.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def figure(page: str, label: str) -> tuple[int, str]:
    """A number of the page, and the list it leads to."""
    found = re.search(
        rf'<a href="([^"]*)"[^>]*>\s*<strong>([\d\s]+)</strong>\s*<span>{label}', page
    )
    assert found, label
    return int(found[2]), unescape(found[1])


@pytest.fixture
def clients(bakeren: Client, regnskap: SystemUser, now: datetime) -> dict[str, Client]:
    """One that is seen in full, one without a package, one half, one lost, one never seen."""
    made = {"full": bakeren}
    for number, name in enumerate(["pakke", "halv", "mistet", "aldri"], start=1):
        made[name] = Client.objects.create(
            name=name.capitalize(), orgnr=f"31310000{number}", added_at=now
        )
        Party.objects.create(
            urn=f"urn:{name}", kind="MAIN", client=made[name], name=name, orgnr=f"31310000{number}"
        )
    Party.objects.create(urn="urn:under", kind="SUB", client=made["halv"], name="Under")
    Party.objects.create(
        urn="urn:nedlagt", kind="SUB", client=bakeren, name="Nedlagt", is_deleted=True
    )
    for name in ("full", "pakke", "halv"):
        read(made[name], regnskap, now=now)
    read(made["mistet"], regnskap, now=now, lost_at=now)
    GrantedPackages.objects.create(
        system_user=regnskap, orgnr="313100001", packages=["x"], missing=[LONN], read_at=now
    )
    return made


@pytest.mark.parametrize("address", [PAGE, BEHIND + "?tilgang=full", "/dekning/varsler/"])
def test_an_accountant_does_not_see_the_firms_coverage(
    address: str, kari: User, ola: User, bakeren: Client, browse: Browse
) -> None:
    for user in (kari, ola):
        assert browse(user).get(address).status_code == 403


def test_an_accountant_has_no_such_line_in_the_menu(
    kari: User, leder: User, browse: Browse
) -> None:
    assert 'href="/dekning/"' not in text(browse(kari), "/klienter/")
    assert 'href="/dekning/"' in text(browse(leder), "/klienter/")


@pytest.mark.parametrize(
    ("label", "names"),
    [("Ser alt", ["full"]), ("Ser noe", ["halv", "pakke"]), ("Ser ingenting", ["aldri", "mistet"])],
)
def test_a_figure_is_the_number_of_its_list(
    label: str, names: list[str], clients: dict[str, Client], leder: User, browse: Browse
) -> None:
    count, href = figure(text(browse(leder), PAGE), label)
    behind = text(browse(leder), href)

    shown = {client.pk for client in clients.values() if f'/klienter/{client.pk}/"' in behind}
    assert shown == {clients[name].pk for name in names}
    assert count == len(names)


def test_an_archived_client_is_in_no_figure(
    clients: dict[str, Client], leder: User, now: datetime, browse: Browse
) -> None:
    Client.objects.filter(pk=clients["aldri"].pk).update(archived_at=now)

    assert figure(text(browse(leder), PAGE), "Ser ingenting")[0] == 1


def test_a_system_user_that_is_revoked_reads_nobody_and_a_passing_trouble_changes_nothing(
    clients: dict[str, Client], regnskap: SystemUser, leder: User, now: datetime, browse: Browse
) -> None:
    SystemUser.objects.update(trouble="Altinn svarer ikke", trouble_since_at=now)
    assert figure(text(browse(leder), PAGE), "Ser alt")[0] == 1

    settle(
        Kind.REVOKED,
        [Sign("system user", system_user_id=regnskap.pk)],
        looked_at=1,
        now=now,
    )

    assert figure(text(browse(leder), PAGE), "Ser ingenting")[0] == 5


def test_a_missing_package_leads_to_who_lacks_it(
    clients: dict[str, Client], leder: User, browse: Browse
) -> None:
    page = text(browse(leder), PAGE)
    assert f'href="{BEHIND}?pakke={LONN}"' in page

    behind = plain(text(browse(leder), f"{BEHIND}?pakke={LONN}"))

    assert "1 klient" in behind
    assert "Pakke" in behind
    assert "Mangler" in behind


def test_a_silent_client_is_counted_and_listed(
    clients: dict[str, Client], leder: User, now: datetime, browse: Browse
) -> None:
    quiet = [of_client(clients["full"].pk, since=now.isoformat())]
    settle(Kind.SILENT, quiet, looked_at=5, now=now)

    count, href = figure(text(browse(leder), PAGE), "Blitt stille")

    assert count == 1
    assert "Bakeren AS" in text(browse(leder), href)


@pytest.mark.parametrize("query", ["", "?tilgang=alt", "?varsel=1", "?varsel=a", "?vis=x"])
def test_a_list_that_is_none_is_not_there(query: str, leder: User, browse: Browse) -> None:
    assert browse(leder).get(BEHIND + query).status_code == 404


def test_keys_and_system_users_have_their_dates(
    regnskap: SystemUser, leder: User, now: datetime, browse: Browse
) -> None:
    vendor = VendorClient.objects.create(client_id="c", vendor_orgnr="310000006")
    VendorKey.objects.create(
        client=vendor,
        kid="nokkel-1",
        public_jwk={},
        sealed_private=b"",
        state=VendorKey.State.CURRENT,
        made_at=now,
        registered_on=now.date(),
        expires_on=now.date() + timedelta(days=12),
    )
    SystemUser.objects.update(polled_at=datetime.fromisoformat("2026-11-20T10:00:00+01:00"))

    page = plain(text(browse(leder), PAGE))

    assert "nokkel-1" in page
    assert re.search(r"1[12] dager igjen", page)
    assert "sist lest 20. nov. 10.00" in page


def test_an_alarm_is_shown_counted_and_seen_by_somebody(
    clients: dict[str, Client], leder: User, now: datetime, browse: Browse
) -> None:
    settle(Kind.BANKRUPT, [of_client(clients["full"].pk, is_bankrupt=True)], looked_at=5, now=now)
    browser = browse(leder)
    page = text(browser, PAGE)
    assert "Bakeren AS er konkurs" in plain(page)
    assert "Avklar med bobestyrer" in plain(page)
    menu = page.partition("<main")[0]
    assert re.search(r'href="/dekning/"[^>]*>Dekning <span class="ds-tag"[^>]*>1<', menu)

    alarm = Alarm.objects.get()
    answer = browser.post(f"/dekning/varsler/{alarm.pk}/sett/")

    assert answer.headers["Location"] == PAGE
    page = text(browser, PAGE)
    assert "Marit Solberg tar seg av det" in plain(page)
    assert not re.search(r"Dekning <span", page.partition("<main")[0])
    assert AuditEntry.objects.get(act="alarm seen").detail["kind"] == "BANKRUPT"


def test_an_accountant_sees_to_no_alarm(
    bakeren: Client, kari: User, now: datetime, browse: Browse
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk)], looked_at=1, now=now)

    answer = browse(kari).post(f"/dekning/varsler/{Alarm.objects.get().pk}/sett/")

    assert answer.status_code == 403
    assert Alarm.objects.get().seen_at is None


def test_min_dag_tells_who_answers_for_it_until_somebody_sees_to_it(
    bakeren: Client, kari: User, leder: User, now: datetime, browse: Browse
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk, is_bankrupt=True)], looked_at=1, now=now)
    browser = browse(leder)
    assert "Bakeren AS er konkurs" in plain(text(browser, "/hjem/"))
    assert "konkurs" not in text(browse(kari), "/hjem/")

    back = browser.post(f"/dekning/varsler/{Alarm.objects.get().pk}/sett/", {"fra": "hjem"})

    assert back.headers["Location"] == "/hjem/"
    assert "konkurs" not in text(browser, "/hjem/")


def test_what_is_right_again_stands_in_the_history(
    bakeren: Client, leder: User, now: datetime, browse: Browse
) -> None:
    settle(Kind.BANKRUPT, [of_client(bakeren.pk, is_bankrupt=True)], looked_at=1, now=now)
    settle(Kind.BANKRUPT, [], looked_at=1, now=now)

    assert "konkurs" not in text(browse(leder), "/dekning/varsler/")
    history = plain(text(browse(leder), "/dekning/varsler/?vis=alle"))
    assert "Bakeren AS er konkurs" in history
    assert "I orden" in history


def test_an_alarm_about_many_leads_to_all_of_them(
    regnskap: SystemUser, leder: User, now: datetime, browse: Browse
) -> None:
    many = Client.objects.bulk_create(
        [Client(name=f"Klient {n}", added_at=now) for n in range(250)]
    )
    settle(Kind.ACCESS_LOST, [of_client(one.pk) for one in many], looked_at=250, now=now)

    page = text(browse(leder), PAGE)

    assert "250 på én gang" in plain(page)
    assert "Feilen ser ut til å være hos Altinn" in plain(page)
    behind = text(browse(leder), f"{BEHIND}?varsel={Alarm.objects.get().pk}")
    assert "250 klienter" in plain(behind)


@pytest.fixture
def count_statements(leder: User, browse: Browse) -> Callable[[str], int]:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            text(browse(leder), address)
        return len(statements)

    return count


@pytest.mark.parametrize("address", [PAGE, BEHIND + "?tilgang=full"])
def test_five_thousand_clients_cost_no_more_statements_than_five(
    address: str,
    clients: dict[str, Client],
    regnskap: SystemUser,
    now: datetime,
    count_statements: Callable[[str], int],
) -> None:
    few = count_statements(address)
    more = Client.objects.bulk_create(
        [Client(name=f"Klient {n}", orgnr=f"{900000000 + n}", added_at=now) for n in range(5000)]
    )
    parties = Party.objects.bulk_create(
        [Party(urn=f"urn:{c.pk}", kind="MAIN", client=c, name=c.name) for c in more]
    )
    Access.objects.bulk_create(
        [Access(system_user=regnskap, party=p, found_at=now, loaded_at=now) for p in parties]
    )
    GrantedPackages.objects.bulk_create(
        [
            GrantedPackages(
                system_user=regnskap, orgnr=c.orgnr or "", packages=[LONN], missing=[], read_at=now
            )
            for c in more
        ]
    )

    assert count_statements(address) == few


def test_a_manager_is_not_led_where_only_an_administrator_may_go(
    regnskap: SystemUser, leder: User, admin: User, now: datetime, browse: Browse
) -> None:
    settle(Kind.KEY_EXPIRED, [Sign("key a", {"kid": "a"})], looked_at=1, now=now)

    assert "En administrator gjør dette." in plain(text(browse(leder), PAGE))
    assert "Åpne oppsettet" not in plain(text(browse(leder), PAGE))
    assert "Åpne oppsettet" in plain(text(browse(admin), PAGE))
