"""From a push to the row: coalesced, repeatable, in any order, and nothing is lost."""

import itertools
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from clients.models import Subscription, SystemUser
from dialogs.ingest import events, refresh
from dialogs.models import Dialog, InboundEvent, RefreshNeed
from tests.dialogs.ingest.conftest import Push, accept, altinns_id, drain
from tests.stand_in import Altinn

State = InboundEvent.State


@pytest.fixture
def party(synced: SystemUser, altinn: Altinn) -> str:
    party: str = altinn.listed(altinns_id(altinn, synced))[0]["party"]
    return party


def test_a_created_dialog_arrives_by_one_search(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    item = altinn.post("/dialogs", {"party": party, "title": "Varsel om kontroll"})
    event = push(item, "created")

    drain()

    event.refresh_from_db()
    assert event.state == State.DONE
    assert Dialog.objects.get(pk=item["id"]).copy.title == "Varsel om kontroll"
    assert altinn.counts()["search"] == 1
    assert altinn.counts()["details"] == 0


def test_a_hundred_events_about_one_client_cost_at_most_two_searches(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    for number in range(100):
        item = altinn.post("/dialogs", {"party": party, "title": f"Sak {number}"})
        push(item, "created")

    drain()

    assert Dialog.objects.filter(copy__title__startswith="Sak ").count() == 100
    assert altinn.counts()["search"] <= 2


def test_the_same_push_twice_is_one_row(push: Push, synced: SystemUser, party: str) -> None:
    item = {"id": str(uuid4()), "party": party, "serviceResource": "urn:altinn:resource:x"}
    push(item, id="the-same")
    push(item, id="the-same")

    assert InboundEvent.objects.count() == 1


def test_a_backdated_dialog_is_found_all_the_same(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    item = altinn.post(
        "/dialogs",
        {"party": party, "createdAt": "2019-03-01T10:00:00Z", "updatedAt": "2019-03-01T10:00:00Z"},
    )
    push(item, "created", time=timezone.now().isoformat())

    drain()

    assert Dialog.objects.filter(pk=item["id"]).exists()
    assert not RefreshNeed.objects.exists()


def test_a_deleted_dialog_is_marked_gone_and_a_restored_one_comes_back(
    synced: SystemUser, altinn: Altinn, push: Push
) -> None:
    dialog = Dialog.objects.filter(folder="INBOX").select_related("party", "service")[0]
    item = {"id": str(dialog.pk), "party": dialog.party.urn, "serviceResource": dialog.service.urn}
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "delete"})
    push(item, "deleted")
    drain()
    dialog.refresh_from_db()
    assert dialog.folder == Dialog.Folder.GONE

    altinn.post(f"/dialogs/{dialog.pk}", {"do": "restore"})
    push(item, "restored")
    drain()
    dialog.refresh_from_db()
    assert (dialog.folder, dialog.gone_at) == (Dialog.Folder.INBOX, None)


def test_a_seen_event_refreshes_the_read_mark_alone(
    synced: SystemUser, altinn: Altinn, push: Push
) -> None:
    dialog = Dialog.objects.filter(is_unread=True, folder="INBOX").select_related(
        "party", "service"
    )[0]
    item = {"id": str(dialog.pk), "party": dialog.party.urn, "serviceResource": dialog.service.urn}
    altinn.post("/people/see", {"dialog": str(dialog.pk), "name": "Eva Dahl"})
    push(item, "seen")

    drain()
    drain(later=events.SEEN_WAIT)

    dialog.refresh_from_db()
    assert not dialog.is_unread
    assert altinn.counts()["details"] == 0


def test_an_event_about_somebody_elses_client_is_kept_and_asks_for_nothing(
    synced: SystemUser, altinn: Altinn, push: Push
) -> None:
    event = push(
        {
            "id": str(uuid4()),
            "party": "urn:altinn:organization:identifier-no:974761076",
            "serviceResource": "urn:altinn:resource:x",
        }
    )

    drain()

    event.refresh_from_db()
    assert event.state == State.IGNORED
    assert event.error
    assert altinn.counts()["search"] == 0


POISON = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe{}",
    b'{"id": 1, "source": "a", "type": "b"}',
    b'{"specversion":"1.0","id":"a\\u0000b","source":"s","type":"dialogporten.dialog.created.v1"}',
    b'{"specversion":"1.0","id":"\\ud800","source":"s","type":"t"}',
    b"[" * 50_000,
    b'{"id":"x","source":"s","type":' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", POISON, ids=lambda body: repr(body[:20]))
def test_poison_is_kept_as_such_and_the_next_event_is_unaffected(
    synced: SystemUser, altinn: Altinn, push: Push, party: str, body: bytes
) -> None:
    poison = accept(body)
    item = altinn.post("/dialogs", {"party": party, "title": "Den neste"})
    push(item, "created")

    drain()

    poison.refresh_from_db()
    assert poison.state == State.POISON
    assert bytes(poison.body) == body
    assert Dialog.objects.filter(pk=item["id"]).exists()


def test_a_validation_marks_the_subscription_and_asks_for_nothing(
    synced: SystemUser, altinn: Altinn
) -> None:
    subscription = Subscription.objects.all()[0]
    row = accept(
        b'{"specversion":"1.0","id":"v","source":"https://platform.altinn.no/events/api/v1/'
        b'subscriptions/7","type":"platform.events.validatesubscription"}'
    )
    InboundEvent.objects.filter(pk=row.pk).update(subscription_id=subscription.pk)

    drain()

    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.VALIDATED
    assert altinn.counts()["search"] == 0


def test_events_claimed_by_a_worker_that_died_are_taken_again_after_the_lease(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    item = altinn.post("/dialogs", {"party": party})
    push(item, "created")
    claimed_at = timezone.now() + timedelta(seconds=1)
    assert len(events.claim(now=claimed_at)) == 1

    assert events.take_in(now=claimed_at + timedelta(seconds=5)) == 0
    assert events.take_in(now=claimed_at + events.LEASE + timedelta(seconds=5)) == 1


def test_an_event_that_keeps_killing_its_worker_is_given_up_and_kept(
    synced: SystemUser, push: Push, party: str
) -> None:
    event = push({"id": str(uuid4()), "party": party, "serviceResource": "urn:altinn:resource:x"})
    at = timezone.now()
    for _ in range(events.MOST_ATTEMPTS):
        at += events.LEASE + timedelta(seconds=1)
        events.claim(now=at)

    events.take_in(now=at + events.LEASE + timedelta(seconds=1))

    event.refresh_from_db()
    assert event.state == State.POISON


def test_an_event_that_comes_while_its_service_is_read_is_not_lost(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    first = altinn.post("/dialogs", {"party": party})
    push(first, "created")
    events.take_in(now=timezone.now())
    [need] = refresh.claim(now=timezone.now())

    second = altinn.post("/dialogs", {"party": party, "resource": first["serviceResource"]})
    push(second, "created")
    events.take_in(now=timezone.now())
    refresh._settled(need)

    assert RefreshNeed.objects.filter(pk=need.pk, lease_until_at=None).exists()
    drain()
    assert Dialog.objects.filter(pk=second["id"]).exists()
    assert not RefreshNeed.objects.exists()


@pytest.mark.parametrize("retry_after", ["30", "Wed, 01 Jan 2031 00:00:00 GMT", None])
def test_a_read_that_altinn_cannot_answer_now_stays_and_is_done_later(
    synced: SystemUser, altinn: Altinn, push: Push, party: str, retry_after: str | None
) -> None:
    item = altinn.post("/dialogs", {"party": party})
    push(item, "created")
    fault = {"operation": "search", "status": 503, "times": 10, "retry_after": retry_after}
    altinn.post("/faults", {key: value for key, value in fault.items() if value})
    drain()
    need = RefreshNeed.objects.get()
    assert need.due_at > timezone.now()
    assert need.error
    altinn.delete("/faults")

    drain(later=refresh.LONGEST_WAIT)

    assert Dialog.objects.filter(pk=item["id"]).exists()


def test_a_dialog_not_yet_visible_is_looked_for_again_and_then_left_to_the_poll(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    at = timezone.now() + timedelta(days=3)
    item = altinn.post("/dialogs", {"party": party, "visibleFrom": at.isoformat()})
    push(item, "created", time=timezone.now().isoformat())

    for hours in range(len(refresh.MISS_WAITS) + 1):
        drain(later=timedelta(hours=2 * hours))

    assert not RefreshNeed.objects.exists()
    assert altinn.counts()["details"] == 0


def test_any_order_and_doubling_of_a_history_ends_in_the_same_row(
    synced: SystemUser, altinn: Altinn, push: Push, party: str
) -> None:
    item = altinn.post("/dialogs", {"party": party, "title": "Først"})
    altinn.post(f"/dialogs/{item['id']}", {"do": "update", "title": "Så"})
    altinn.post(f"/dialogs/{item['id']}", {"do": "update", "title": "Sist", "status": "Completed"})
    for order in itertools.permutations(["created", "updated", "activity.information"]):
        Dialog.objects.filter(pk=item["id"]).delete()
        for kind in (*order, *order):
            push(item, kind)
            drain()

        dialog = Dialog.objects.select_related("copy").get(pk=item["id"])
        assert (dialog.copy.title, dialog.status) == ("Sist", "Completed")
