from datetime import datetime

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from clients import actions
from clients.models import Access, Client, Party, SystemUser
from staff.models import AuditEntry, Team, User
from tests.clients.conftest import (
    BAKEREN,
    BAKEREN_BERGEN,
    FIRM,
    FISKEREN,
    PERSON,
    Browse,
    Queue,
    decoded,
    listed,
)

LIST = reverse("clients:list")
FOUND = reverse("clients:found")
NEW = reverse("clients:new")

BAKEREN_LISTED = listed(BAKEREN, "BAKEREN AS", listed(BAKEREN_BERGEN, "BAKEREN AS AVD BERGEN"))
FISKEREN_LISTED = listed(FISKEREN, "FISKEREN AS")
SYSTEM_USER = {"name": "Post", "kind": "AGENT", "owner_orgnr": "923 609 016", "is_active": "on"}


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *[("get", name) for name in ("new", "found", "system-users", "system-user-new")],
        *[("post", name) for name in ("new", "found", "read-again", "system-user-new")],
    ],
)
def test_an_accountant_does_not_register(
    method: str, name: str, kari: User, browse: Browse, queue: Queue
) -> None:
    response = getattr(browse(kari), method)(reverse(f"clients:{name}"), {"orgnr": BAKEREN})

    assert response.status_code == 403
    assert not Client.objects.exists()
    assert queue.readings == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_accountant_does_not_change_a_system_user(
    method: str, kari: User, regnskap: SystemUser, browse: Browse
) -> None:
    address = reverse("clients:system-user-edit", args=[regnskap.pk])

    response = getattr(browse(kari), method)(address, SYSTEM_USER)

    assert response.status_code == 403
    regnskap.refresh_from_db()
    assert regnskap.name == "Regnskap"


def test_somebody_who_works_for_a_client_sees_it_and_changes_nothing(
    kari: User, bakeren: Client, browse: Browse
) -> None:
    browser, address = browse(kari), reverse("clients:edit", args=[bakeren.pk])

    page = text(browser.get(address))

    assert "Bakeren AS" in page
    assert 'name="responsible"' not in page
    assert browser.post(address, {"name": "Annet"}).status_code == 403
    for name in ("dialogs:client-archive", "clients:unarchive"):
        there = reverse(name, args=[bakeren.pk])
        assert browser.get(there).status_code == 403
        assert browser.post(there).status_code == 403
    bakeren.refresh_from_db()
    assert (bakeren.name, bakeren.archived_at) == ("Bakeren AS", None)


def test_a_colleague_elsewhere_sees_nothing_of_it(
    ola: User, bakeren: Client, browse: Browse
) -> None:
    browser, address = browse(ola), reverse("clients:edit", args=[bakeren.pk])

    assert browser.get(address).status_code == 404
    assert browser.post(address, {"name": "Annet"}).status_code == 404
    for query in ("", "?q=bakeren", f"?q={BAKEREN}", f"?ansvarlig={bakeren.responsible_id}"):
        assert "Bakeren" not in text(browser.get(LIST + query))


def test_a_stranger_is_sent_to_the_login(bakeren: Client, client: object) -> None:
    for address in (LIST, NEW, FOUND, reverse("clients:edit", args=[bakeren.pk])):
        response = client.get(address)  # type: ignore[attr-defined]
        assert response.status_code == 302
        assert response["Location"].startswith("/konto/")


def test_a_team_sees_its_client(ola: User, bakeren: Client, browse: Browse) -> None:
    bakeren.team = Team.objects.create(name="Lønn")
    bakeren.save()
    ola.teams.add(bakeren.team)

    assert "Bakeren AS" in text(browse(ola).get(LIST))


def test_the_list_shows_number_responsible_units_and_access(
    kari: User, bakeren: Client, regnskap: SystemUser, now: datetime, browse: Browse
) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    Access.objects.update(loaded_at=now)

    page = text(browse(kari).get(LIST))

    assert "310\u202f495\u202f921" in page
    assert "2 enheter" in page
    assert "Kari Hansen" in page
    assert "Leses av Regnskap" in page
    assert f"?klient={bakeren.pk}" in page


@pytest.mark.parametrize(
    "words", ["baker", "BAKEREN", "310 495 921", "310495", BAKEREN_BERGEN, "3150 10004"]
)
def test_a_client_is_found_by_name_number_and_sub_units_number(
    words: str, kari: User, bakeren: Client, regnskap: SystemUser, now: datetime, browse: Browse
) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    browser = browse(kari)

    assert "Bakeren AS" in text(browser.get(LIST, {"q": words}))


@pytest.mark.parametrize(
    "query", ["q=fisk", "q=999", "q=%00", "vis=arkiverte", "vis=x", "ansvarlig=x", "side=x"]
)
def test_what_does_not_fit_finds_nothing_and_nonsense_breaks_nothing(
    query: str, kari: User, bakeren: Client, browse: Browse
) -> None:
    response = browse(kari).get(f"{LIST}?{query}")

    assert response.status_code == 200
    is_nonsense = query in {"q=%00", "vis=x", "ansvarlig=x", "side=x"}
    assert ("Bakeren AS" in text(response)) == is_nonsense


def test_the_list_can_show_one_persons_clients_and_the_archived(
    admin: User, ola: User, bakeren: Client, now: datetime, browse: Browse
) -> None:
    browser = browse(admin)

    assert "Bakeren AS" in text(browser.get(LIST, {"ansvarlig": str(bakeren.responsible_id)}))
    assert "Bakeren AS" not in text(browser.get(LIST, {"ansvarlig": ola.pk}))
    actions.archive_client(bakeren, actor=None, now=now)
    assert "Bakeren AS" not in text(browser.get(LIST))
    assert "Bakeren AS" in text(browser.get(LIST, {"vis": "arkiverte"}))


def test_the_list_asks_the_database_as_often_for_200_clients_as_for_5(
    admin: User, kari: User, regnskap: SystemUser, now: datetime, browse: Browse
) -> None:
    def add(first: int, last: int) -> None:
        for number in range(first, last):
            client = Client.objects.create(
                name=f"Klient {number:03}",
                orgnr=str(900_000_000 + number),
                responsible=kari,
                added_at=now,
            )
            party = Party.objects.create(urn=f"urn:{number}", client=client, kind="MAIN", name="K")
            Access.objects.create(system_user=regnskap, party=party, found_at=now)

    browser = browse(admin)
    counts = []
    for first, last in ((0, 5), (5, 200)):
        add(first, last)
        with CaptureQueriesContext(connection) as queries:
            page = text(browser.get(LIST))
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert "Klient 099" in page
    assert "Klient 100" not in page
    assert "Klient 100" in text(browser.get(LIST, {"side": 2}))


def test_an_administrator_registers_by_hand(
    admin: User,
    kari: User,
    browse: Browse,
    queue: Queue,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    wanted = {"orgnr": "310 495 921", "name": " Bakeren AS ", "responsible": kari.pk}

    with django_capture_on_commit_callbacks(execute=True):
        response = browse(admin).post(NEW, wanted | {"members": [kari.pk]})

    client = Client.objects.get()
    assert response["Location"] == reverse("clients:edit", args=[client.pk])
    assert (client.orgnr, client.name, client.responsible) == (BAKEREN, "Bakeren AS", kari)
    assert AuditEntry.objects.get().actor == admin
    assert queue.readings == 1


def test_a_number_that_exists_is_named_in_the_form(
    admin: User, bakeren: Client, browse: Browse
) -> None:
    response = browse(admin).post(NEW, {"orgnr": BAKEREN, "name": "En annen"})

    assert response.status_code == 422
    assert "Bakeren AS er allerede registrert med dette nummeret." in text(response)


def test_a_national_id_in_the_form_is_not_shown_back(admin: User, browse: Browse) -> None:
    response = browse(admin).post(NEW, {"orgnr": "010170 12345", "name": "Åse"})

    assert response.status_code == 422
    assert "aldri et fødselsnummer" in text(response)
    assert "010170" not in text(response)


def test_a_second_firm_is_refused_and_the_first_named(
    admin: User, bakeren: Client, now: datetime, browse: Browse
) -> None:
    actions.register_client(orgnr=FIRM, name="Firmaet AS", is_firm=True, actor=None, now=now)

    response = browse(admin).post(
        reverse("clients:edit", args=[bakeren.pk]), {"name": "Bakeren AS", "is_firm": "on"}
    )

    assert response.status_code == 422
    assert "Firmaet AS er registrert som firmaet" in text(response)


def test_an_administrator_changes_who_works_for_a_client(
    admin: User, ola: User, bakeren: Client, browse: Browse
) -> None:
    address = reverse("clients:edit", args=[bakeren.pk])
    browser = browse(admin)
    assert "Kari Hansen" in text(browser.get(address))

    response = browser.post(address, {"name": "Bakeren AS", "responsible": ola.pk})

    assert response.status_code == 302
    bakeren.refresh_from_db()
    assert bakeren.responsible == ola
    assert not bakeren.members.exists()


def test_archiving_asks_first(admin: User, bakeren: Client, browse: Browse) -> None:
    browser, address = browse(admin), reverse("dialogs:client-archive", args=[bakeren.pk])

    assert "Arkivere Bakeren AS?" in text(browser.get(address))
    bakeren.refresh_from_db()
    assert bakeren.archived_at is None

    browser.post(address)
    bakeren.refresh_from_db()
    assert bakeren.archived_at is not None

    back = reverse("clients:unarchive", args=[bakeren.pk])
    assert "Hente tilbake Bakeren AS?" in text(browser.get(back))
    browser.post(back)
    bakeren.refresh_from_db()
    assert bakeren.archived_at is None


@pytest.fixture
def three_found(regnskap: SystemUser, now: datetime) -> None:
    person = listed(PERSON, "Åse Dahl")
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED, FISKEREN_LISTED, person), now=now)


@pytest.mark.usefixtures("three_found")
def test_what_altinn_lists_is_shown_without_sub_units_and_national_ids(
    admin: User, browse: Browse
) -> None:
    page = text(browse(admin).get(FOUND))

    assert "FISKEREN AS" in page
    assert "Listen for Regnskap ble sist lest" in page
    assert "AVD BERGEN" not in page
    assert "Åse Dahl" in page
    assert "Privatperson" in page
    assert "01017" not in page


@pytest.mark.usefixtures("three_found")
def test_those_picked_are_registered(
    admin: User,
    browse: Browse,
    queue: Queue,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    fiskeren = Party.objects.get(orgnr=FISKEREN)

    with django_capture_on_commit_callbacks(execute=True):
        response = browse(admin).post(FOUND, {"party": [fiskeren.pk]})

    assert response.status_code == 302
    assert Client.objects.get().orgnr == FISKEREN
    assert AuditEntry.objects.get().actor == admin
    assert queue.readings == 1  # so that sub-units follow


@pytest.mark.usefixtures("three_found")
def test_all_are_registered_at_once(admin: User, browse: Browse) -> None:
    browser = browse(admin)

    browser.post(FOUND, {"everyone": "on"})

    assert Client.objects.count() == 3
    assert "Alle på listen er registrert." in text(browser.get(FOUND))
    for page in (LIST, reverse("clients:edit", args=[Client.objects.get(orgnr=None).pk])):
        assert "01017" not in text(browser.get(page))


@pytest.mark.usefixtures("three_found")
@pytest.mark.parametrize(
    ("picked", "said"), [([], "Velg minst én av klientene"), (["x", "-1"], "Velg minst én")]
)
def test_none_picked_is_said(picked: list[str], said: str, admin: User, browse: Browse) -> None:
    response = browse(admin).post(FOUND, {"party": picked})

    assert response.status_code == 422
    assert said in text(response)
    assert not Client.objects.exists()


def test_the_list_is_read_again_by_a_worker(admin: User, browse: Browse, queue: Queue) -> None:
    response = browse(admin).post(reverse("clients:read-again"))

    assert queue.readings == 1
    assert "Listen leses nå" in str(next(iter(get_messages(response.wsgi_request))))


def test_without_redis_a_sentence_says_so_and_registering_still_works(
    admin: User,
    browse: Browse,
    queue: Queue,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    queue.is_down = True
    browser = browse(admin)

    response = browser.post(reverse("clients:read-again"))
    with django_capture_on_commit_callbacks(execute=True):
        registered = browser.post(NEW, {"orgnr": BAKEREN, "name": "Bakeren AS"})

    assert "Køen svarer ikke" in str(next(iter(get_messages(response.wsgi_request))))
    assert registered.status_code == 302
    assert Client.objects.exists()


def test_system_users_show_what_is_wrong_since_when_and_how_many_parties(
    admin: User, regnskap: SystemUser, now: datetime, browse: Browse
) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    SystemUser.objects.update(trouble="Systembrukeren er ikke godkjent.", trouble_since_at=now)

    page = text(browse(admin).get(reverse("clients:system-users")))

    assert "Regnskap får ikke lest fra Altinn siden" in page
    assert "Systembrukeren er ikke godkjent." in page
    assert "2 enheter" in page


def test_a_system_user_is_registered_and_a_second_one_like_it_named(
    admin: User, browse: Browse
) -> None:
    browser, address = browse(admin), reverse("clients:system-user-new")

    assert browser.post(address, SYSTEM_USER).status_code == 302
    again = browser.post(address, SYSTEM_USER | {"name": "Kopi"})

    system_user = SystemUser.objects.get()
    assert (system_user.owner_orgnr, system_user.kind) == (FIRM, "AGENT")
    assert not system_user.adds_clients
    assert again.status_code == 422
    assert "«Post» er allerede registrert med denne eieren og referansen." in text(again)


def test_a_system_user_is_changed_and_switched_off(
    admin: User, regnskap: SystemUser, browse: Browse
) -> None:
    browser = browse(admin)
    address = reverse("clients:system-user-edit", args=[regnskap.pk])
    assert 'value="regnskap"' in text(browser.get(address))

    changed = {"external_ref": "regnskap", "is_active": "", "adds_clients": "on"}
    browser.post(address, SYSTEM_USER | changed)

    regnskap.refresh_from_db()
    assert (regnskap.name, regnskap.is_active, regnskap.adds_clients) == ("Post", False, True)
    assert AuditEntry.objects.get().actor == admin
