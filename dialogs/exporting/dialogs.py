"""The inbox as a table: the rows that its filters let through, in its order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.masking import masked_names
from dialogs.exporting.table import AT_ONCE, Row, Table, TooBroad
from dialogs.inbox import listed, listing
from dialogs.inbox.filters import Filters
from dialogs.inbox.grouped import find_grouped
from dialogs.inbox.listed import Listed
from dialogs.inbox.listing import Query, Scope
from dialogs.inbox.rows import Row as Shown
from dialogs.inbox.sight import Sight
from dialogs.models import Dialog
from staff.models import User
from staff.tables import Cell


def table(user: User, query: QueryDict, *, now: datetime) -> Table:
    return of_filters(user, replace(Filters.read(query), after=None), now=now)


def of_filters(user: User, filters: Filters, *, now: datetime) -> Table:
    scope = Scope.of(Sight(user), filters, now=now)
    return Table(_headings(), lambda most: _count(scope, most), lambda: _batches(scope))


def seen(user: User, keys: list[str]) -> int:
    """Return how many of these dialogs this person may see now."""
    return Dialog.objects.visible_to(user).filter(pk__in=keys).count()


def _count(scope: Scope, most: int) -> int:
    if scope.clients == []:
        return 0
    sql, params = Query(replace(scope, filters=scope.filters.bare)).capped_count(most)
    rows = listing.run(sql, params, is_search=bool(scope.filters.words))
    if rows is None:
        raise TooBroad
    return int(rows[0][2])


def _batches(scope: Scope) -> Iterator[list[Row]]:
    today, told = timezone.localdate(scope.now), set[str]()
    find = find_grouped if scope.filters.order in {"klient", "ansvarlig"} else listing.find
    while True:
        found = find(scope, size=AT_ONCE, count=False)
        if found.too_broad:
            raise TooBroad
        dialogs = _masked(listed.fetch(found.ids, sight=scope.sight, today=today), scope)
        rows = [Row(str(pk), _cells(dialogs[pk], scope.now)) for pk in found.ids if pk in dialogs]
        # One that has moved on in the list meanwhile is told of once.
        yield [row for row in rows if row.key not in told]
        told.update(row.key for row in rows)
        if found.next_after is None:
            return
        scope = replace(scope, filters=replace(scope.filters, after=found.next_after))


def _masked(dialogs: dict[UUID, Listed], scope: Scope) -> dict[UUID, Listed]:
    """Put numbers for persons whom this person does not work with, and has no dialog of."""
    user = scope.sight.user
    persons = {one.client_id for one in dialogs.values() if not one.client_orgnr}
    names = masked_names(persons, user=user) if persons else {}
    return {
        pk: one._replace(client=names[one.client_id])
        if one.client_id in names and one.responsible_id != user.pk
        else one
        for pk, one in dialogs.items()
    }


def _headings() -> list[str]:
    return [
        _("Dialog"),
        _("Klient"),
        _("Org.nr."),
        _("Underenhet"),
        _("Tjenesteeier"),
        _("Status"),
        _("Mappe"),
        _("Frist"),
        _("Type frist"),
        _("Intern frist"),
        _("Haster"),
        _("Ansvarlig"),
        _("Ulest i Altinn"),
        _("Sist oppdatert"),
        _("Utsatt til"),
        _("Notater"),
        _("Vedlegg"),
        _("Lenke"),
    ]


def _cells(one: Listed, now: datetime) -> list[Cell]:
    shown = Shown(one, now)
    due_at = one.deadline_at or one.due_at
    return [
        shown.title,
        one.client,
        one.client_orgnr,
        one.unit,
        one.sender,
        shown.status.text if shown.status else "",
        str(dict(Dialog.Folder.choices).get(one.folder, one.folder)),
        timezone.localdate(due_at) if due_at else None,
        shown.deadline_kind or (_("fra tjenesteeieren") if due_at else ""),
        one.internal_due_on,
        one.pinned_why,
        one.responsible,
        _("Ja") if one.is_unread else _("Nei"),
        one.content_updated_at,
        one.snoozed_until_on,
        one.note_count,
        one.attachment_count,
        settings.PUBLIC_URL + reverse("dialogs:dialog", args=[one.id]),
    ]
