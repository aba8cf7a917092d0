"""From nothing to an approved system user, against the stand-in's system register and pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from clients import connect
from clients.models import (
    Firm,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
    VendorClient,
    VendorKey,
)
from clients.setup import registering, requesting, tasks
from clients.setup.packages import FROM_ROLE
from staff.models import AuditEntry, User
from tests.clients.conftest import Browse, Queue
from tests.stand_in import Altinn

Status = SystemUserRequest.Status
SYSTEM = reverse("clients:setup-system")
LIST = reverse("clients:setup-requests")
NEW = reverse("clients:setup-request-new")
WISH = {"area": "Lønn", "packages": ["regnskapsforer-lonn"], "adds_clients": "on"}


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def at(name: str, wish: SystemUserRequest) -> str:
    return reverse(f"clients:setup-request{name}", args=[wish.pk])


def decide(altinn: Altinn, wish: SystemUserRequest, what: str) -> None:
    altinn.post("/access-requests", {"id": str(wish.altinn_id), "do": what})


@pytest.fixture
def firm(db: None, world: dict[str, Any]) -> Firm:
    return Firm.objects.create(**world["firm"])


@pytest.fixture
def system(
    vendor: VendorClient, in_use: VendorKey, admin: User, now: datetime
) -> SystemRegistration:
    return registering.register(
        vendor,
        system_id=registering.system_id_of(vendor, "portalen"),
        name="Regnskapsportalen",
        packages=[*FROM_ROLE, "ordinaer-post-til-virksomheten"],
        actor=admin,
        now=now,
    )


@pytest.fixture
def admins(admin: User, browse: Browse) -> Browser:
    return browse(admin)


@pytest.fixture
def wish(firm: Firm, system: SystemRegistration, admins: Browser) -> SystemUserRequest:
    admins.post(NEW, WISH)
    return SystemUserRequest.objects.get()


def test_the_system_is_registered_hidden_and_brought_in_line(
    vendor: VendorClient, in_use: VendorKey, altinn: Altinn, admins: Browser
) -> None:
    fields = {"name": "Regnskapsportalen", "slug": "portalen", "packages": FROM_ROLE}
    made = admins.post(SYSTEM, fields)
    changed = admins.post(SYSTEM, fields | {"packages": [*FROM_ROLE, "lonn"]})

    assert made.status_code == changed.status_code == 302
    ours = SystemRegistration.objects.get()
    assert ours.system_id == f"{vendor.vendor_orgnr}_portalen"
    with connect.system_register() as api:
        there = api.read(ours.system_id)
    assert not there.is_visible
    assert there.client_ids == (vendor.client_id,)
    assert "urn:altinn:accesspackage:lonn" in there.packages
    acts = AuditEntry.objects.values_list("act", flat=True)
    assert {"system registered", "system updated"} <= set(acts)


def test_a_system_that_altinn_refuses_says_why_and_keeps_what_was_typed(
    vendor: VendorClient, in_use: VendorKey, admin: User, now: datetime, admins: Browser
) -> None:
    VendorClient.objects.update(vendor_orgnr="974760673")  # another's number

    page = admins.post(SYSTEM, {"name": "Portalen", "slug": "portalen", "packages": FROM_ROLE})

    assert page.status_code == 422
    ours = SystemRegistration.objects.get()
    assert ours.registered_at is None
    assert ours.trouble in text(page)
    assert ours.trouble in text(admins.get(reverse("clients:setup")))


def test_without_a_client_the_system_waits(db: None, nothing: None, admins: Browser) -> None:
    assert "Legg inn klienten i Maskinporten først" in text(admins.get(SYSTEM))
    assert "Legg inn firmaet og registrer systemet" in text(admins.get(NEW, follow=True))


def test_a_request_is_sent_with_a_reference_of_our_own(
    wish: SystemUserRequest, altinn: Altinn
) -> None:
    [there] = altinn.get("/access-requests")

    assert (wish.status, wish.external_ref, wish.area) == (Status.NEW, "lonn", "Lønn")
    assert str(wish.altinn_id) == there["id"]
    assert there["externalRef"] == "lonn"
    assert wish.confirm_url.startswith(altinn.base_url)


def test_a_second_of_the_same_area_has_another_reference(
    wish: SystemUserRequest, admins: Browser
) -> None:
    admins.post(NEW, WISH)

    refs = SystemUserRequest.objects.values_list("external_ref", flat=True)
    assert set(refs) == {"lonn", "lonn-2"}


def test_sending_twice_asks_once(
    wish: SystemUserRequest, altinn: Altinn, admin: User, now: datetime
) -> None:
    requesting.send(wish, actor=admin, now=now)

    assert len(altinn.get("/access-requests")) == 1
    wish.refresh_from_db()
    assert wish.confirm_url


def test_packages_the_system_does_not_have_are_not_offered(
    wish: SystemUserRequest, admins: Browser
) -> None:
    page = admins.post(NEW, WISH | {"packages": ["merverdiavgift"]})

    assert page.status_code == 422
    assert 'value="merverdiavgift"' not in text(admins.get(NEW))


def test_an_approved_request_becomes_a_system_user_that_is_read_at_once(
    wish: SystemUserRequest,
    altinn: Altinn,
    admins: Browser,
    queue: Queue,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    decide(altinn, wish, "approve")

    with django_capture_on_commit_callbacks(execute=True):
        tasks.follow_requests()

    wish.refresh_from_db()
    assert wish.status == Status.ACCEPTED
    user = wish.system_user
    assert user is not None
    assert (user.name, user.kind, user.external_ref) == ("Lønn", SystemUser.Kind.AGENT, "lonn")
    assert (user.adds_clients, user.is_active) == (True, True)
    assert queue.readings == 1
    with connect.end_user(user) as api:
        assert api.parties() == []
    assert "Godkjent" in text(admins.get(at("", wish)))
    assert AuditEntry.objects.filter(act="system user accepted").count() == 1


def test_an_approval_that_two_look_up_makes_one_system_user(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    decide(altinn, wish, "approve")

    admins.get(at("", wish))
    admins.post(at("-check", wish))
    tasks.follow_requests()

    assert SystemUser.objects.count() == 1
    assert AuditEntry.objects.filter(act="system user accepted").count() == 1


@pytest.mark.parametrize(
    ("what", "status", "said", "button"),
    [
        ("reject", Status.REJECTED, "avviste forespørselen", "Slett og spør igjen"),
        ("time-out", Status.TIMEDOUT, "180 dager", "Spør igjen"),
    ],
)
def test_one_that_ended_is_explained_and_asked_again(
    what: str,
    status: str,
    said: str,
    button: str,
    wish: SystemUserRequest,
    altinn: Altinn,
    admins: Browser,
) -> None:
    before = wish.altinn_id
    decide(altinn, wish, what)
    tasks.follow_requests()
    wish.refresh_from_db()
    assert wish.status == status
    page = text(admins.get(at("", wish)))
    assert said in page
    assert button in page

    admins.post(at("-again", wish))

    wish.refresh_from_db()
    assert wish.status == Status.NEW
    assert wish.altinn_id != before
    decide(altinn, wish, "approve")
    tasks.follow_requests()
    wish.refresh_from_db()
    assert wish.status == Status.ACCEPTED


def test_an_escalated_one_says_who_must_approve(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    decide(altinn, wish, "escalate")
    tasks.follow_requests()

    page = text(admins.get(at("-state", wish)))

    assert "Sendt videre" in page
    assert "tilgangsstyreren" in page


def test_a_denied_one_offers_fewer_packages(wish: SystemUserRequest, admins: Browser) -> None:
    SystemUserRequest.objects.update(status=Status.DENIED)

    page = text(admins.get(at("", wish)))

    assert "har ikke alle tilgangspakkene" in page
    assert f"{NEW}?som={wish.pk}" in page
    assert "checked" in text(admins.get(f"{NEW}?som={wish.pk}"))


def test_one_that_is_withdrawn_cannot_be_approved_any_more(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    assert "Trekke forespørselen?" in text(admins.get(at("-withdraw", wish)))

    admins.post(at("-withdraw", wish))

    wish.refresh_from_db()
    assert wish.status == Status.WITHDRAWN
    assert altinn.get("/access-requests") == []


def test_one_that_somebody_deleted_elsewhere_is_noticed(
    wish: SystemUserRequest, admins: Browser
) -> None:
    assert wish.altinn_id
    with connect.system_user_requests() as api:
        api.delete(wish.altinn_id)

    tasks.follow_requests()

    wish.refresh_from_db()
    assert wish.status == Status.WITHDRAWN
    assert "slettet i Altinn" in text(admins.get(at("", wish)))


def test_a_system_user_that_the_customer_deletes_is_noticed_and_clears_when_it_is_back(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    decide(altinn, wish, "approve")
    tasks.follow_requests()
    altinn.post("/system-users", {"id": str(wish.altinn_id), "do": "delete"})

    tasks.follow_system_users()

    wish.refresh_from_db()
    assert wish.revoked_at is not None
    page = text(admins.get(at("", wish)))
    assert "finnes ikke lenger i Altinn" in page
    assert f"{NEW}?som={wish.pk}" in page
    altinn.post("/system-users", {"id": str(wish.altinn_id), "do": "restore"})
    tasks.follow_system_users()
    wish.refresh_from_db()
    assert wish.revoked_at is None


def test_a_request_that_altinn_does_not_answer_is_kept_and_sent_later(
    firm: Firm, system: SystemRegistration, altinn: Altinn, admins: Browser
) -> None:
    altinn.post("/faults", {"operation": "systemuser-requests", "status": 503, "times": 9})
    admins.post(NEW, WISH)
    wish = SystemUserRequest.objects.get()
    assert (wish.status, wish.altinn_id) == (Status.UNSENT, None)
    assert wish.trouble in text(admins.get(at("", wish)))
    altinn.delete("/faults")

    admins.post(at("-send", wish))

    wish.refresh_from_db()
    assert (wish.status, wish.trouble) == (Status.NEW, "")


def test_the_address_is_sent_by_mail_or_opened_in_ones_own_program(
    wish: SystemUserRequest, admins: Browser, settings: Settings
) -> None:
    assert "Send fra portalen" not in text(admins.get(at("", wish)))
    assert "mailto:?subject=Godkjenn" in text(admins.get(at("", wish)))
    settings.EMAIL_HOST = "localhost"
    assert "Send fra portalen" in text(admins.get(at("", wish)))

    admins.post(at("-mail", wish), {"address": "daglig.leder@firmaet.invalid"})

    [letter] = mail.outbox
    assert wish.confirm_url in letter.body
    assert "Regnskapsfører lønn" in letter.body
    assert letter.to == ["daglig.leder@firmaet.invalid"]
    assert "daglig.leder@firmaet.invalid" in text(admins.get(at("", wish)))


def test_an_address_that_is_none_sends_nothing(wish: SystemUserRequest, admins: Browser) -> None:
    admins.post(at("-mail", wish), {"address": "ikke en adresse\nBcc: x@y.no"})

    assert mail.outbox == []


def test_a_page_that_looks_again_asks_altinn_now_and_then(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    altinn.delete("/requests")

    for _ in range(4):
        assert "Venter på godkjenning" in text(admins.get(at("-state", wish)))

    assert sum(altinn.counts().values()) <= 2  # one look, one token at most
    decide(altinn, wish, "approve")
    SystemUserRequest.objects.update(checked_at=timezone.now() - timedelta(minutes=1))
    assert admins.get(at("-state", wish), {"var": "NEW"})["HX-Refresh"] == "true"


def test_whoever_comes_back_from_altinn_is_thanked_and_told_nothing(
    wish: SystemUserRequest, client: Browser, admins: Browser, kari: User, browse: Browse
) -> None:
    there = f"{reverse('clients:setup-approved')}?foresporsel={wish.pk}"

    for visitor in (client, browse(kari)):
        page = visitor.get(there)
        assert page.status_code == 200
        assert "Takk" in text(page)
        assert "Lønn" not in text(page)
    assert admins.get(there)["Location"] == at("", wish)
    assert admins.get(f"{reverse('clients:setup-approved')}?foresporsel=²").status_code == 200


def test_the_pages_wait_for_nobody_when_altinn_is_away(
    wish: SystemUserRequest, altinn: Altinn, admins: Browser
) -> None:
    altinn.post("/faults", {"operation": "*", "status": 503, "times": 99})

    assert "Venter på godkjenning" in text(admins.get(at("", wish)))
    assert admins.post(at("-check", wish)).status_code == 302
    tasks.follow_requests()
    altinn.delete("/faults")
