"""After a full sync, each dialog Altinn lists is here exactly once, and nobody was marked."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from altinn.problems import iso_date
from clients import actions, connect
from clients.models import Access, Client, Subscription, SystemUser
from dialogs import counters, tasks
from dialogs.models import Dialog, RefreshNeed
from tests.dialogs.ingest.conftest import altinns_id, drain
from tests.stand_in import Altinn


def moment(text: str | None) -> datetime | None:
    return iso_date(text) if text else None


def as_altinn_has_it(item: dict[str, Any]) -> dict[str, Any]:
    labels = item["endUserContext"]["systemLabels"]
    places = [label for label in labels if label in {"Archive", "Bin"}]
    return {
        "id": item["id"],
        "party": item["party"],
        "service": item["serviceResource"],
        "owner": item["org"],
        "status": item["status"],
        "labels": sorted(places),
        "is_unread": not item["isContentSeen"],
        "created_at": moment(item["createdAt"]),
        "updated_at": moment(item["updatedAt"]),
        "due_at": moment(item.get("dueAt")),
        "title": next(
            (
                value["value"]
                for code in ("nb", "nn", "en")
                for value in item.get("content", {}).get("title", {}).get("value", [])
                if value["languageCode"] == code
            ),
            "",
        ),
        "revision": item["endUserContext"]["revision"],
    }


def as_we_have_it(dialog: Dialog) -> dict[str, Any]:
    label = {Dialog.Folder.ARCHIVE: ["Archive"], Dialog.Folder.BIN: ["Bin"]}
    return {
        "id": str(dialog.pk),
        "party": dialog.party.urn,
        "service": dialog.service.urn,
        "owner": dialog.owner_id,
        "status": dialog.status,
        "labels": label.get(Dialog.Folder(dialog.folder), []),
        "is_unread": dialog.is_unread,
        "created_at": dialog.created_at,
        "updated_at": dialog.updated_at,
        "due_at": dialog.due_at,
        "title": dialog.copy.title,
        "revision": str(dialog.label_revision),
    }


def ours() -> list[dict[str, Any]]:
    held = Dialog.objects.filter(gone_at=None).select_related("party", "service", "copy")
    return sorted((as_we_have_it(dialog) for dialog in held), key=lambda row: row["id"])


def theirs(altinn: Altinn, system_user: SystemUser) -> list[dict[str, Any]]:
    listed = altinn.listed(altinns_id(altinn, system_user))
    return sorted((as_altinn_has_it(item) for item in listed), key=lambda row: row["id"])


def test_every_listed_dialog_is_here_once_with_the_right_values(
    synced: SystemUser, altinn: Altinn
) -> None:
    assert len(ours()) > 40
    assert ours() == theirs(altinn, synced)


def test_after_a_full_sync_of_the_demo_world_both_sides_agree_and_nobody_was_marked(
    altinn: Altinn, agent: SystemUser, now: datetime
) -> None:
    altinn.reset("demo", dialogs=2600)  # some pages of them
    agent.owner_orgnr = altinn.system_users()[0]["orgnr"]
    agent.save()
    with connect.end_user(agent) as api:
        actions.keep_in_step(agent, api.parties(), now=now)

    tasks.load_new()
    tasks.poll_all()
    tasks.reread_open()

    assert Client.objects.count() == 150
    assert Dialog.objects.count() > 2_200
    assert ours() == theirs(altinn, agent)
    assert altinn.counts()["details"] == 0
    assert altinn.seen() == []
    assert counters.drift() == {}


def test_a_full_sync_opens_nothing_and_marks_nothing_as_seen(
    registered: SystemUser, altinn: Altinn
) -> None:
    tasks.load_new()
    tasks.poll_all()
    tasks.reread_open()
    tasks.reconcile()
    tasks.read_names()
    drain()

    assert altinn.counts()["details"] == 0
    assert altinn.seen() == []


def test_reading_everything_again_writes_nothing(synced: SystemUser) -> None:
    before = set(Dialog.objects.values_list("pk", "read_at"))

    tasks.reconcile()
    tasks.poll_all()

    assert set(Dialog.objects.values_list("pk", "read_at")) == before


def test_the_counters_equal_a_recount(synced: SystemUser) -> None:
    assert counters.drift() == {}


def test_a_poll_finds_what_no_event_told(synced: SystemUser, altinn: Altinn) -> None:
    item = altinn.listed(altinns_id(altinn, synced))[0]
    altinn.post("/deliveries", {"lose": 1000})
    altinn.post(
        f"/dialogs/{item['id']}", {"do": "update", "title": "Endret uten at vi fikk vite det"}
    )

    tasks.poll_all()

    assert Dialog.objects.get(pk=item["id"]).copy.title == "Endret uten at vi fikk vite det"
    assert SystemUser.objects.get(pk=synced.pk).polled_at is not None


def test_what_becomes_visible_later_appears_without_an_event(
    synced: SystemUser, altinn: Altinn
) -> None:
    hidden = altinn.get("/ledger", system_user=altinns_id(altinn, synced))["hidden"]
    early = next(one for one in hidden if "visible" in one["reason"].lower())
    assert not Dialog.objects.filter(pk=early["id"]).exists()

    altinn.post("/clock", {"advance_seconds": 8 * 24 * 3600})
    tasks.poll_all()

    assert Dialog.objects.filter(pk=early["id"]).exists()


def test_a_silent_change_of_an_open_dialog_is_found(synced: SystemUser, altinn: Altinn) -> None:
    dialog = Dialog.objects.filter(status="RequiresAttention", folder="INBOX")[0]
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "silent-update", "status": "NotApplicable"})

    tasks.poll_all()
    dialog.refresh_from_db()
    assert dialog.status == "RequiresAttention"

    tasks.reread_open()
    drain()
    dialog.refresh_from_db()
    assert dialog.status == "NotApplicable"
    assert not RefreshNeed.objects.exists()


def test_a_dialog_altinn_no_longer_lists_is_marked_gone_and_kept(
    synced: SystemUser, altinn: Altinn
) -> None:
    dialog = Dialog.objects.filter(folder="INBOX")[0]
    altinn.post(f"/dialogs/{dialog.pk}", {"do": "silent-delete"})

    tasks.reconcile()

    dialog.refresh_from_db()
    assert dialog.gone_at is not None
    assert dialog.folder == Dialog.Folder.GONE
    assert counters.drift() == {}


def test_an_empty_answer_because_access_was_lost_removes_nothing(
    synced: SystemUser, altinn: Altinn
) -> None:
    dialog = Dialog.objects.filter(folder="INBOX").select_related("party")[0]
    altinn.post(
        "/delegations", {"system_user": altinns_id(altinn, synced), "remove": dialog.party.urn}
    )

    tasks.reconcile()

    dialog.refresh_from_db()
    assert dialog.gone_at is None


def test_two_system_users_that_see_the_same_dialog_do_not_fight_over_it(
    synced: SystemUser, altinn: Altinn
) -> None:
    other = next(one for one in altinn.system_users() if one["external_ref"] == "lonn")
    payroll = SystemUser.objects.create(
        name="Lønn", owner_orgnr=other["orgnr"], external_ref="lonn", adds_clients=True
    )
    from clients.tasks import keep_parties_in_step

    keep_parties_in_step()
    assert payroll.accesses.exists()
    before = set(Dialog.objects.values_list("pk", "access_id", "read_at"))

    tasks.load_new()
    tasks.reconcile()

    assert set(Dialog.objects.values_list("pk", "access_id", "read_at")) == before


def test_a_search_that_is_too_broad_is_split_until_it_answers(
    registered: SystemUser, altinn: Altinn
) -> None:
    altinn.post("/faults", {"operation": "search", "status": 422, "times": 3})

    tasks.load_new()

    assert ours() == theirs(altinn, registered)


def test_subscriptions_are_wanted_for_each_service_seen_at_a_party(synced: SystemUser) -> None:
    pairs = set(Dialog.objects.values_list("access_id", "service__urn"))

    assert set(Subscription.objects.values_list("access_id", "resource")) == pairs


def test_trouble_is_noted_with_its_first_moment_and_forgotten_when_it_ends(
    synced: SystemUser, altinn: Altinn
) -> None:
    altinn.post("/faults", {"operation": "search", "status": 503, "times": 50})
    began_at = timezone.now()
    tasks.poll_all()
    synced.refresh_from_db()
    assert synced.trouble_since_at is not None
    assert synced.trouble_since_at >= began_at
    assert Access.objects.current().exists()

    altinn.delete("/faults")
    tasks.poll_all()
    synced.refresh_from_db()
    assert synced.trouble_since_at is None
