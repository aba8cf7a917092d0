"""What is kept of an answer: never older over newer, and never what is ours."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from altinn.searching import Page, read_page
from clients.models import Access, Client, SystemUser
from dialogs import counters
from dialogs.ingest.store import let_lapse, store
from dialogs.models import NO_DEADLINE, Dialog, DialogCopy
from dialogs.pinning import LAPSE
from staff.models import User
from tests.naughty import naughty_strings

PARTY = "urn:altinn:organization:identifier-no:310495921"
ID = "019cd12e-6612-71fc-9e1c-9c00146e6042"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "samples"


def item_json(**fields: Any) -> dict[str, Any]:
    """A valid list item; a test names what it is about."""
    return {
        "id": ID,
        "org": "skd",
        "serviceResource": "urn:altinn:resource:ske-demo",
        "serviceResourceType": "correspondenceservice",
        "party": PARTY,
        "createdAt": "2026-03-01T09:00:00.0000000Z",
        "updatedAt": "2026-03-02T09:00:00.0000000Z",
        "contentUpdatedAt": "2026-03-02T09:00:00.0000000Z",
        "status": "RequiresAttention",
        "hasUnopenedContent": False,
        "systemLabel": "Default",
        "isApiOnly": False,
        "fromServiceOwnerTransmissionsCount": 0,
        "fromPartyTransmissionsCount": 0,
        "seenSinceLastUpdate": [],
        "seenSinceLastContentUpdate": [],
        "isContentSeen": False,
        "endUserContext": {
            "revision": "3e246462-619e-478e-bd20-725eba29d4cd",
            "systemLabels": ["Default"],
        },
        "content": {
            "title": {
                "value": [{"value": "Varsel", "languageCode": "nb"}],
                "mediaType": "text/plain",
            }
        },
    } | fields


def titled(title: str, **fields: Any) -> dict[str, Any]:
    value = [{"value": title, "languageCode": "nb"}]
    return item_json(content={"title": {"value": value, "mediaType": "text/plain"}}, **fields)


def page_of(*items: dict[str, Any]) -> Page:
    body = {"items": items, "hasNextPage": False, "orderBy": "updatedat_asc,id_asc"}
    return read_page(json.dumps(body).encode())


@pytest.fixture
def access(bakeren: Client, now: datetime) -> Access:
    system_user = SystemUser.objects.create(
        name="Regnskap", owner_orgnr="310010693", external_ref="regnskap"
    )
    [party] = bakeren.parties.all()
    return Access.objects.create(system_user=system_user, party=party, found_at=now)


def keep(access: Access, *items: dict[str, Any], read_at: datetime = NOON) -> Sequence[Any]:
    access = Access.objects.select_related("party").get(pk=access.pk)
    return store(page_of(*items).items, accesses=[access], read_at=read_at, now=read_at)


def test_an_old_answer_does_not_replace_a_newer_one(access: Access) -> None:
    keep(access, titled("Nyest", updatedAt="2026-03-02T09:00:00.0000002Z", status="Completed"))
    keep(
        access,
        titled("Eldre", updatedAt="2026-03-02T08:59:59.0000000Z"),
        read_at=NOON + timedelta(minutes=1),
    )

    assert Dialog.objects.get().status == "Completed"
    assert DialogCopy.objects.get().title == "Nyest"


def test_of_two_answers_with_the_same_update_the_one_asked_for_last_stays(access: Access) -> None:
    keep(access, titled("Lest sist"), read_at=NOON + timedelta(seconds=2))
    keep(access, titled("Lest først"), read_at=NOON)

    assert DialogCopy.objects.get().title == "Lest sist"


def test_what_did_not_change_is_not_written(access: Access) -> None:
    assert len(keep(access, item_json())) == 1
    assert keep(access, item_json(), read_at=NOON + timedelta(hours=1)) == []


def test_ingest_leaves_our_columns_alone(access: Access, ola: User) -> None:
    keep(access, item_json())
    Dialog.objects.update(responsible=ola, work_version=3)

    keep(access, item_json(status="InProgress"), read_at=NOON + timedelta(hours=1))

    dialog = Dialog.objects.get()
    assert (dialog.status, dialog.responsible, dialog.work_version) == ("InProgress", ola, 3)


def test_a_new_dialog_goes_to_the_one_responsible_for_the_client(
    access: Access, kari: User
) -> None:
    keep(access, item_json())

    dialog = Dialog.objects.get()
    assert dialog.responsible == kari
    assert dialog.assigned_why == "CLIENT_RESPONSIBLE"


def test_a_dialog_of_a_party_that_was_not_asked_for_is_left_out(access: Access) -> None:
    keep(access, item_json(party="urn:altinn:organization:identifier-no:310010693"))

    assert not Dialog.objects.exists()


@pytest.mark.parametrize(
    ("labels", "status", "folder"),
    [
        (["Default"], "RequiresAttention", "INBOX"),
        (["Default"], "Draft", "DRAFTS"),
        (["Archive"], "Draft", "ARCHIVE"),
        (["Bin", "Sent"], "Completed", "BIN"),
        ([], "NotApplicable", "INBOX"),
        (["SomethingNew"], "SomethingNew", "INBOX"),
    ],
)
def test_labels_and_status_decide_the_folder(
    access: Access, labels: list[str], status: str, folder: str
) -> None:
    keep(access, item_json(status=status, endUserContext={"systemLabels": labels}))

    dialog = Dialog.objects.get()
    assert dialog.folder == folder
    assert dialog.status == status
    assert dialog.is_sent == ("Sent" in labels)


@pytest.mark.parametrize("status", ["Completed", "Awaiting"])
def test_a_settled_dialog_has_no_binding_deadline(access: Access, status: str) -> None:
    keep(access, item_json(status=status, dueAt="2026-04-01T10:00:00.0000000Z"))

    dialog = Dialog.objects.get()
    assert dialog.due_at is not None
    assert dialog.deadline_at is None
    assert dialog.urgency > NO_DEADLINE / 2


def test_the_deadline_of_a_letter_without_a_status_lapses_a_month_after_it_has_passed(
    access: Access,
) -> None:
    due = "2026-03-20T10:00:00.0000000Z"
    for number, status in enumerate(["NotApplicable", "RequiresAttention"]):
        keep(access, item_json(id=str(UUID(int=number)), status=status, dueAt=due))
    letter, task = Dialog.objects.order_by("pk")
    assert letter.deadline_at == task.deadline_at == letter.due_at

    due_at = datetime(2026, 3, 20, 10, tzinfo=UTC)
    assert let_lapse(now=due_at + LAPSE) == 0
    assert let_lapse(now=due_at + LAPSE + timedelta(seconds=1)) == 1

    letter, task = Dialog.objects.order_by("pk")
    assert (letter.deadline_at, task.deadline_at) == (None, task.due_at)
    assert letter.urgency > task.urgency
    assert counters.drift() == {}


def test_a_letter_that_lapsed_before_it_reached_us_is_not_overdue(access: Access) -> None:
    keep(access, item_json(status="NotApplicable", dueAt="2025-03-20T10:00:00.0000000Z"))

    dialog = Dialog.objects.get()
    assert dialog.due_at is not None
    assert dialog.deadline_at is None


def test_every_deadline_is_more_urgent_than_none_and_the_soonest_most(access: Access) -> None:
    soon, late = "2025-04-12T10:00:00.0000000Z", "2026-04-12T10:00:00.0000000Z"
    wanted = [{"dueAt": soon}, {"dueAt": late}, {"contentUpdatedAt": late}, {}]
    for number, fields in enumerate(wanted, start=1):
        keep(access, item_json(id=str(UUID(int=number)), **{"dueAt": None} | fields))

    order = Dialog.objects.order_by("urgency").values_list("pk", flat=True)

    assert [pk.int for pk in order] == [1, 2, 3, 4]


def test_a_dialog_without_content_is_kept(access: Access) -> None:
    item = item_json(isApiOnly=True)
    del item["content"]

    keep(access, item)

    assert DialogCopy.objects.get().title == ""


def test_every_naughty_string_is_kept_as_it_is(access: Access) -> None:
    strings = [text for text in naughty_strings() if text]
    for start in range(0, len(strings), 100):
        keep(
            access,
            *(
                titled(text, id=str(UUID(int=number)), externalReference=text)
                for number, text in enumerate(strings[start : start + 100], start)
            ),
        )

    for number, text in enumerate(strings):
        kept = DialogCopy.objects.get(pk=UUID(int=number))
        assert kept.title == text.replace("\x00", "\ufffd")  # PostgreSQL has no NUL


@pytest.mark.parametrize("name", ["dialogs/search.page1.json", "dialogs/search.page2-last.json"])
def test_the_sample_pages_are_kept(access: Access, name: str) -> None:
    page = json.loads((SAMPLES / name).read_text(encoding="utf-8-sig"))

    keep(access, *(item | {"party": PARTY} for item in page["items"]))

    assert Dialog.objects.count() == len(page["items"])


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5),  # which dialog
        st.sampled_from(["RequiresAttention", "Completed", "Draft", "Awaiting"]),
        st.sampled_from(["Default", "Archive", "Bin"]),
        st.booleans(),  # seen
        st.sampled_from([None, "2026-03-28T23:30:00.0000000Z", "2026-10-25T00:30:00.0000000Z"]),
        st.integers(0, 9),  # minute of the update
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES)
def test_counters_equal_a_recount_after_any_history(
    access: Access, changes: list[tuple[int, str, str, bool, str | None, int]]
) -> None:
    for step, (number, status, label, seen, due, minute) in enumerate(changes):
        item = item_json(
            id=str(UUID(int=number)),
            status=status,
            isContentSeen=seen,
            updatedAt=f"2026-03-02T09:0{minute}:00.0000000Z",
            endUserContext={"systemLabels": [label]},
            **({"dueAt": due} if due else {}),
        )
        keep(access, item, read_at=NOON + timedelta(seconds=step))

    assert counters.drift() == {}
