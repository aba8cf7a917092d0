"""«Dette har vi håndtert for deg»: what came to a client, what was done, and what is left.

Made by somebody for their client, of what they may see themselves. Nothing is asked of Altinn.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients.models import Client, Firm
from dialogs.bulk.words import number
from dialogs.exporting.periods import begins, ends
from dialogs.inbox.deadlines import long_deadline, short_date
from dialogs.inbox.rows import spaced
from dialogs.models import Dialog, DialogCopy, DialogQuerySet, ServiceAction
from staff.models import User

MOST_LINES = 300  # of each section
OPEN = (Dialog.Folder.INBOX, Dialog.Folder.SNOOZED)
_DONE = (ServiceAction.State.DONE, ServiceAction.State.ACCEPTED)

Line = tuple[str, str]


@dataclass(frozen=True)
class Section:
    heading: str
    lines: list[Line]
    total: int


@dataclass(frozen=True)
class Report:
    """All that the paper says, in the language that is active."""

    title: str
    facts: list[Line]
    sections: list[Section]
    made_at: datetime

    @property
    def totals(self) -> dict[str, int]:
        """How many each section holds, for the log."""
        keys = ("came", "finished", "sent", "open")
        return dict(zip(keys, (one.total for one in self.sections), strict=True))


def report(client: Client, first: date, last: date, *, user: User, now: datetime) -> Report:
    """Gather what is told of some days, the first and the last among them."""
    theirs = _with_copies(Dialog.objects.visible_to(user).filter(client=client))
    start, end = begins(first), ends(last)
    today = timezone.localdate(now)

    def day(at: datetime) -> str:
        return short_date(timezone.localdate(at), today=today)

    came = theirs.filter(created_at__gte=start, created_at__lt=end).order_by("created_at", "pk")
    finished = theirs.filter(done_at__gte=start, done_at__lt=end).order_by("done_at", "pk")
    still_open = theirs.filter(folder__in=OPEN)
    still_open = still_open.order_by(F("deadline_at").asc(nulls_last=True), "created_at", "pk")
    sent = ServiceAction.objects.visible_to(user).filter(
        dialog__client=client, state__in=_DONE, sent_at__gte=start, sent_at__lt=end
    )
    sections = [
        _section(_("Dette kom"), came, lambda one: (day(one.created_at), _came(one, day))),
        _section(_("Dette er gjort ferdig"), finished, lambda one: (day(one.done_at), _done(one))),
        _section(
            _("Dette er sendt inn, med kvittering"),
            _acted(sent),
            lambda one: (day(one.sent_at), _sent(one)),
        ),
        _section(_("Dette gjenstår"), still_open, lambda one: (_due(one), _named(one))),
    ]
    return Report(
        title=_("Dette har vi håndtert for deg"),
        facts=[*_facts(client, first, last, now=now), *_numbers(sections, still_open, now=now)],
        sections=sections,
        made_at=now,
    )


def _with_copies(dialogs: DialogQuerySet) -> DialogQuerySet:
    related = dialogs.select_related("copy", "owner", "finished__by")
    return related.defer("copy__search", "copy__other_words", "copy__summary")


def _acted(actions: Any) -> Any:
    related = actions.select_related("dialog__copy", "dialog__owner")
    related = related.defer("request", "answer", "dialog__copy__search")
    return related.order_by("sent_at", "pk")


def _section(heading: str, found: Any, line: Callable[[Any], Line]) -> Section:
    return Section(heading, [line(one) for one in found[:MOST_LINES]], found.count())


def _facts(client: Client, first: date, last: date, *, now: datetime) -> Iterable[Line]:
    yield _("Klient"), client.name
    if client.orgnr:
        yield _("Org.nr."), spaced(client.orgnr)
    yield _("Periode"), f"{long_deadline(begins(first))} – {long_deadline(begins(last))}"
    if firm := str(Firm.get()):
        yield _("Regnskapsfører"), firm
    if client.responsible:
        yield _("Kontakt"), client.responsible.name
    yield _("Laget"), long_deadline(begins(timezone.localdate(now)))


def _numbers(sections: list[Section], still_open: DialogQuerySet, *, now: datetime) -> list[Line]:
    overdue = still_open.filter(deadline_at__lt=begins(timezone.localdate(now))).count()
    came, finished, sent, left = (number(one.total) for one in sections)
    late = _("%(n)s over frist") % {"n": number(overdue)}
    return [
        (_("Kom"), came),
        (_("Gjort ferdig"), finished),
        (_("Sendt inn"), sent),
        (_("Gjenstår"), f"{left} ({late})" if overdue else left),
    ]


def _named(one: Dialog) -> str:
    """Return «Mva-melding» and under it who sent it."""
    return f"{_title(one.copy)}\n{one.owner}"


def _came(one: Dialog, day: Callable[[datetime], str]) -> str:
    if one.done_at:
        became = _("ferdig %(day)s") % {"day": day(one.done_at)}
    elif one.folder in OPEN and one.deadline_at:
        became = _("åpen, frist %(day)s") % {"day": day(one.deadline_at)}
    elif one.folder in OPEN:
        became = _("åpen")
    else:
        became = str(Dialog.Folder(one.folder).label).lower()
    return f"{_named(one)} – {became}"


def _done(one: Dialog) -> str:
    finished = getattr(one, "finished", None)
    return f"{_named(one)} – {finished.by.name}" if finished else _named(one)


def _due(one: Dialog) -> str:
    if one.deadline_at is None:
        return _("Uten frist")
    return long_deadline(one.deadline_at)


def _sent(one: ServiceAction) -> str:
    receipt = _("Kvittering %(number)s") % {"number": one.pk}
    told = ", ".join(filter(None, [str(one.dialog.owner), receipt, one.reference]))
    return f"{one.name}: {_title(one.dialog.copy)}\n{told}"


def _title(copy: DialogCopy) -> str:
    """Return the title in the reader's language, where the service owner has written one."""
    language = get_language()
    content = copy.received.get("content") or {}
    for one in (content.get("title") or {}).get("value") or []:
        if one.get("languageCode") == language and one.get("value"):
            return str(one["value"])
    return copy.title or _("Uten tittel")
