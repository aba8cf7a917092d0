"""System users that the clients own: many are asked at once, followed, and written to."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from clients import connect
from clients.adding import standard, tasks
from clients.models import Client, SystemRegistration, SystemUser, SystemUserRequest
from clients.setup import letters
from clients.setup import tasks as setup_tasks
from staff.models import AuditEntry, User
from tests.clients.adding.conftest import approve
from tests.clients.conftest import Queue
from tests.stand_in import Altinn

pytestmark = pytest.mark.django_db
Status = SystemUserRequest.Status
LIST = reverse("clients:standard")
ASK = reverse("clients:standard-ask")
LETTERS = reverse("clients:standard-letters")
POST = "ordinaer-post-til-virksomheten"


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def clients(system: SystemRegistration, altinn: Altinn) -> list[Client]:
    rows = [row for row in altinn.get("/onboarding", all=1) if not row["fault"]][:4]
    now = timezone.now()
    return [Client.objects.create(orgnr=r["orgnr"], name=r["name"], added_at=now) for r in rows]


@pytest.fixture
def asked(clients: list[Client], admins: Browser) -> list[SystemUserRequest]:
    """Each client asked, and the worker done."""
    admins.post(ASK, {"packages": [POST], "everyone": "on"})
    return list(standard.asked().order_by("pk"))


def test_each_chosen_client_gets_a_request_of_its_own(
    clients: list[Client], admins: Browser, altinn: Altinn
) -> None:
    picked = [client.pk for client in clients[:3]]
    admins.post(ASK, {"packages": [POST], "client": picked})

    made = list(standard.asked())
    assert {one.party_orgnr for one in made} == {client.orgnr for client in clients[:3]}
    assert {one.status for one in made} == {Status.NEW}
    assert all(one.confirm_url and one.external_ref for one in made)
    there = {one["partyOrgNo"]: one for one in altinn.get("/access-requests")}
    assert {one.external_ref for one in made} == {
        there[one.party_orgnr]["externalRef"] for one in made
    }
    assert list(standard.without()) == [clients[3]]
    assert AuditEntry.objects.filter(act="system user asked for").count() == 3


def test_sending_again_after_a_kill_makes_no_second_request(
    asked: list[SystemUserRequest], altinn: Altinn
) -> None:
    """The answers came, and the worker was killed before it wrote them down."""
    ids = {one.altinn_id for one in asked}
    standard.asked().update(status=Status.UNSENT, altinn_id=None, confirm_url="")

    tasks.send_requests()

    assert {one.altinn_id for one in standard.asked()} == ids
    assert len(altinn.get("/access-requests")) == len(ids)


def test_when_altinn_is_away_the_rest_waits_and_goes_by_itself(
    clients: list[Client], admins: Browser, altinn: Altinn
) -> None:
    altinn.post("/faults", {"operation": "systemuser-requests", "times": 1, "status": 503})
    admins.post(ASK, {"packages": [POST], "everyone": "on"})
    assert {one.status for one in standard.asked()} == {Status.UNSENT}
    assert {one.trouble for one in standard.asked()} == {""}
    assert "Ikke sendt" in text(admins.get(LIST))

    tasks.send_requests()

    assert {one.status for one in standard.asked()} == {Status.NEW}


def test_one_altinn_refuses_is_told_and_the_others_are_sent(
    clients: list[Client], admins: Browser
) -> None:
    Client.objects.filter(pk=clients[0].pk).update(orgnr="987654325")  # not in the stand-in
    admins.post(ASK, {"packages": [POST], "everyone": "on"})

    refused = standard.asked().get(party_orgnr="987654325")
    assert refused.status == Status.UNSENT
    assert refused.trouble
    assert standard.asked().filter(status=Status.NEW).count() == 3
    assert refused.trouble in text(admins.get(LIST)).replace("&#x27;", "'")


def test_an_approved_one_is_taken_into_use_and_read(
    asked: list[SystemUserRequest],
    altinn: Altinn,
    queue: Queue,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    approve(altinn, asked[0])
    queue.readings = 0
    with django_capture_on_commit_callbacks(execute=True):
        setup_tasks.follow_requests()

    made = SystemUser.objects.get(kind=SystemUser.Kind.STANDARD)
    assert made.owner_orgnr == asked[0].party_orgnr
    assert made.external_ref == asked[0].external_ref
    assert queue.readings == 1
    with connect.end_user(made) as api:
        assert [party.party[-9:] for party in api.parties()] == [asked[0].party_orgnr]


def test_a_rejected_one_is_deleted_and_asked_again_from_the_list(
    asked: list[SystemUserRequest], altinn: Altinn, admins: Browser
) -> None:
    altinn.post("/access-requests", {"id": str(asked[0].altinn_id), "do": "reject"})
    setup_tasks.follow_requests()
    page = text(admins.get(LIST))
    assert "Avvist" in page
    assert "Slett og spør igjen" in page

    admins.post(reverse("clients:setup-request-again", args=[asked[0].pk]))

    again = SystemUserRequest.objects.get(pk=asked[0].pk)
    assert again.status == Status.NEW
    assert again.altinn_id != asked[0].altinn_id


@pytest.mark.parametrize(
    ("what", "says"), [("escalate", "Sendt videre"), ("time-out", "Utløpt"), ("", "Venter på")]
)
def test_each_state_is_explained_in_the_list(
    what: str, says: str, asked: list[SystemUserRequest], altinn: Altinn, admins: Browser
) -> None:
    if what:
        altinn.post("/access-requests", {"id": str(asked[0].altinn_id), "do": what})
    setup_tasks.follow_requests()

    page = text(admins.get(LIST))

    assert says in page
    assert "mailto:" in page


def test_the_letter_is_about_the_client_and_names_where_to_approve(
    asked: list[SystemUserRequest], admin: User
) -> None:
    letter = letters.letter_for(asked[0], sender=admin)

    assert asked[0].area in letter.subject
    assert asked[0].confirm_url in letter.body
    assert "Ordinær post til virksomheten" in letter.body
    assert f"hovedadministrator for {asked[0].area}" in letter.body


def test_letters_are_posted_once_each_to_those_filled_in(
    asked: list[SystemUserRequest], admins: Browser, settings: Settings
) -> None:
    settings.EMAIL_HOST = "post.invalid"
    wanted = {f"til-{one.pk}": f"leder{one.pk}@klient.invalid" for one in asked[:2]}

    admins.post(LETTERS, wanted)
    tasks.post_letters()

    assert sorted(one.to[0] for one in mail.outbox) == sorted(wanted.values())
    assert asked[0].confirm_url in mail.outbox[0].body
    assert standard.asked().filter(mailed_at__isnull=False).count() == 2
    assert AuditEntry.objects.filter(act="system user request mailed").count() == 2


def test_an_address_that_is_none_is_told_and_nothing_is_posted(
    asked: list[SystemUserRequest], admins: Browser, settings: Settings
) -> None:
    settings.EMAIL_HOST = "post.invalid"

    response = admins.post(LETTERS, {f"til-{asked[0].pk}": "ikke en adresse"})

    assert response.status_code == 422
    assert "Dette er ikke en e-postadresse." in text(response)
    assert mail.outbox == []


def test_a_letter_the_mail_server_did_not_take_is_tried_again(
    asked: list[SystemUserRequest],
    admins: Browser,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EMAIL_HOST = "post.invalid"

    def away(self: mail.EmailMessage) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", away)
        admins.post(LETTERS, {f"til-{asked[0].pk}": "leder@klient.invalid"})
    assert standard.asked().filter(mailed_at__isnull=False).count() == 0
    tasks.post_letters()

    assert len(mail.outbox) == 1


def test_choosing_nobody_or_nothing_is_told(clients: list[Client], admins: Browser) -> None:
    for body in ({"packages": [POST]}, {"everyone": "on"}):
        assert admins.post(ASK, body).status_code == 422
    assert not standard.asked().exists()


def test_those_asked_or_owning_one_are_not_asked_again(
    asked: list[SystemUserRequest], clients: list[Client], admin: User
) -> None:
    new = Client.objects.create(orgnr="987654325", name="Ny AS", added_at=timezone.now())
    SystemUser.objects.create(name="Ny", kind="STANDARD", owner_orgnr=new.orgnr or "")

    assert list(standard.without()) == []
    assert standard.ask(clients, [POST], actor=admin, now=timezone.now()) == []
    assert timezone.now() - asked[0].created_at < timedelta(minutes=5)
