"""Tell colleagues what concerns them, where they want to hear of it. Never the one who did it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from dialogs.models import Dialog, Notice
from dialogs.outgoing.wishes import wishes_of, write_down
from dialogs.readers import Readers
from staff.models import User


def notify(
    users: Iterable[User],
    kind: Notice.Kind,
    *,
    now: datetime,
    actor: User | None = None,
    dialog: Dialog | None = None,
    query: str = "",
    count: int = 1,
    comment: str = "",
) -> None:
    """Add one line for each person. About many dialogs: `query` is the list that shows them.

    Who may not read the dialog is not told of it.
    """
    people = {user.pk: user for user in users if user != actor and user.is_active}
    if dialog is not None and people:
        readers = Readers([dialog.restriction_id])
        people = {
            pk: one for pk, one in people.items() if readers.include(pk, dialog.restriction_id)
        }
    wishes = wishes_of(people.keys())
    client_id = dialog.client_id if dialog else client_in(kind, query)
    notices = [
        Notice(
            user=user,
            kind=kind,
            actor=actor,
            dialog=dialog,
            query=query,
            count=count,
            comment=comment,
            created_at=now,
        )
        for user in people.values()
    ]
    for notice in notices:
        notice.is_in_bell = wishes[notice.user_id].in_bell(kind, client_id)
        notice.read_at = None if notice.is_in_bell else now
    with transaction.atomic():
        Notice.objects.bulk_create(notices)
        write_down(notices, wishes, client_id=client_id, now=now)


def client_in(kind: str, query: str) -> int | None:
    """Return the client whose note somebody is named in."""
    key = query.removeprefix("klient=")
    return int(key) if kind == Notice.Kind.MENTIONED and key.isdigit() else None


def notify_each_of(dialogs: Iterable[Dialog], kind: Notice.Kind, *, now: datetime) -> None:
    """Tell those responsible: of one dialog by name, of several by one line with their number."""
    by_person: dict[int, list[Dialog]] = defaultdict(list)
    dialogs = list(dialogs)
    readers = Readers(one.restriction_id for one in dialogs)
    for dialog in dialogs:
        holder = dialog.responsible_id
        if holder is not None and readers.include(holder, dialog.restriction_id):
            by_person[holder].append(dialog)
    people = User.objects.in_bulk(list(by_person))
    for pk, theirs in by_person.items():
        query = "ansvarlig=meg"
        if len(theirs) == 1:
            notify([people[pk]], kind, now=now, dialog=theirs[0])
        else:
            notify([people[pk]], kind, now=now, query=query, count=len(theirs))
