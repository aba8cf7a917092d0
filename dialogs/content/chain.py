"""Where a dialog belongs: the others of the same process, and the client's others.

A process is a service owner's own name for a matter that goes on over several dialogs. Asks our
copy alone, and shows nobody a client that is not theirs.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from dialogs.inbox.deadlines import Tag, short_moment
from dialogs.inbox.rows import status_tag
from dialogs.models import Dialog, DialogQuerySet
from staff.models import User

MOST = 10
TITLE = ("copy__title",)


class Other(NamedTuple):
    title: str
    href: str
    role: str  # «Forrige», «Neste», or empty
    status: Tag | None
    moment: str


def process_chain(dialog: Dialog, user: User, *, query: str, now: datetime) -> list[Other]:
    """Return the other dialogs of the same matter, in the order they were made."""
    here = dialog.copy.received
    process, before = here.get("process"), here.get("precedingProcess")
    wanted = Q()
    if process:
        wanted |= Q(copy__received__process=process)
        wanted |= Q(copy__received__precedingProcess=process)
    if before:
        wanted |= Q(copy__received__process=before)
    if not wanted:
        return []
    # The client's own: that is what there is an index for, and a matter has one party.
    mine = Dialog.objects.visible_to(user).filter(client=dialog.client_id).exclude(pk=dialog.pk)
    found = list(_titled(mine.filter(wanted)).order_by("created_at", "pk")[: 2 * MOST])
    earlier = [one for one in found if one.created_at < dialog.created_at][-MOST:]
    later = [one for one in found if one.created_at >= dialog.created_at][:MOST]
    roles = [""] * len(earlier[:-1]) + [_("Forrige")] * bool(earlier)
    roles += [_("Neste")] * bool(later) + [""] * len(later[1:])
    return _others([*earlier, *later], roles, query=query, now=now)


def others_of_client(dialog: Dialog, user: User, *, query: str, now: datetime) -> list[Other]:
    """Return the client's most urgent dialogs in the inbox, but for this one."""
    mine = Dialog.objects.visible_to(user).filter(client=dialog.client_id, folder="INBOX")
    found = _titled(mine.exclude(pk=dialog.pk)).order_by("urgency", "pk")[:5]
    return _others(found, [""] * 5, query=query, now=now)


def _titled(dialogs: DialogQuerySet) -> DialogQuerySet:
    """Fetch the titles with them, and not the copies, which are large."""
    return dialogs.select_related("copy").only("status", "created_at", "content_updated_at", *TITLE)


def _others(
    dialogs: Iterable[Dialog], roles: list[str], *, query: str, now: datetime
) -> list[Other]:
    return [
        Other(
            one.copy.title or _("Uten tittel"),
            reverse("dialogs:whole", args=[one.pk]) + query,
            role,
            status_tag(one.status),
            short_moment(one.content_updated_at, now=now),
        )
        for one, role in zip(dialogs, roles, strict=False)
    ]
