"""The daily summary: what Min dag shows, with what is over its deadline first."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client
from dialogs.home.day import Day, Mentioned
from dialogs.inbox.deadlines import short_date, wording
from dialogs.inbox.filters import Filters
from dialogs.inbox.sight import Sight
from dialogs.models import Delivery, Dialog
from dialogs.notes.place import NOT_SHOWN
from dialogs.outgoing.events import DAILY
from dialogs.outgoing.letters import Letter, Line, Section, whole
from dialogs.outgoing.masks import Masks
from dialogs.outgoing.telling import reason_of
from dialogs.working_days import working_days_before
from staff.models import User

MOST_LINES = 10  # of each part; the rest is a link


def letter_for(user: User, delivery: Delivery, *, now: datetime) -> Letter | None:
    """Return what presses today, or None when there is nothing to say."""
    today = timezone.localdate(now)
    since = working_days_before(today, 1)
    day = Day(Sight(user), since=since, now=now)
    sections = [one for one in Summary(user, day, now=now).sections() if one]
    if not sections:
        return None
    return Letter(_subject(day), sections, why=[reason_of(delivery)], events=[DAILY])


def _subject(day: Day) -> str:
    """Say the numbers that press; without any, that there is news."""
    parts = []
    if day.overdue:
        parts.append(_("%(n)s over frist") % {"n": day.overdue})
    if day.due_today:
        parts.append(_("%(n)s med frist i dag") % {"n": day.due_today})
    if not parts:
        return _("Dagen din: ingenting haster")
    return _("Dagen din: %(numbers)s") % {"numbers": ", ".join(parts)}


class Summary:
    def __init__(self, user: User, day: Day, *, now: datetime) -> None:
        self._user = user
        self._day = day
        self._now = now
        self._masks = Masks.read()

    def sections(self) -> Iterator[Section | None]:
        day = self._day
        today, tomorrow = _midnight(day.today), _midnight(day.today + timedelta(days=1))
        listed = self._dialogs().filter(folder=Dialog.Folder.INBOX)
        yield self._listed(
            _("Over frist"),
            listed.filter(deadline_at__lt=today).order_by("deadline_at", "pk"),
            total=day.overdue,
            filters=day.overdue_list,
        )
        yield self._listed(
            _("Frist i dag"),
            listed.filter(deadline_at__gte=today, deadline_at__lt=tomorrow).order_by(
                "deadline_at", "pk"
            ),
            total=day.due_today,
            filters=day.today_list,
        )
        yield self._listed(
            _("Tilbake fra utsatt i dag"),
            listed.filter(pk__in=day.back).order_by("urgency", "pk"),
            total=len(day.back),
        )
        yield self._listed(
            _("Intern frist passert"),
            listed.filter(pk__in=day.internal).order_by("internal_due_on", "pk"),
            total=day.internal_total,
            filters=day.internal_list,
        )
        yield self._mentions()
        yield self._news()

    def _dialogs(self) -> QuerySet[Dialog]:
        """The dialogs Min dag is about: of the whole firm, or of the clients one works on."""
        dialogs = Dialog.objects.visible_to(self._user)
        if not self._day.is_whole_firm:
            dialogs = dialogs.filter(client__in=Client.objects.mine(self._user).values("pk"))
        related = dialogs.select_related("client", "copy", "owner", "service")
        return related.defer(*NOT_SHOWN)

    def _listed(
        self,
        heading: str,
        dialogs: QuerySet[Dialog],
        *,
        total: int,
        filters: Filters | None = None,
    ) -> Section | None:
        if not total:
            return None
        lines = [self._line(one) for one in dialogs[:MOST_LINES]]
        if not filters:
            return Section(f"{heading} ({total})", lines)
        more = ngettext("Åpne listen", "Vis alle %(n)s", total) % {"n": total}
        return Section(f"{heading} ({total})", lines, more, _list(filters))

    def _line(self, dialog: Dialog) -> Line:
        client = self._masks.client_of(dialog.client)
        text = f"{self._masks.title_of(dialog)} – {client}"
        below = [str(dialog.owner)]
        if dialog.deadline_at:
            said = wording(dialog.deadline_at, now=self._now, settled=False)
            below = [f"{said.text} ({said.below})" if said.below else said.text, *below]
        return Line(text, whole(reverse("dialogs:dialog", args=[dialog.pk])), ", ".join(below))

    def _mentions(self) -> Section | None:
        """Who has named the reader, and nothing of what was written."""
        lines = [_about(one) for one in self._day.mentions[:MOST_LINES]]
        return Section(_("Noen har nevnt deg"), lines) if lines else None

    def _news(self) -> Section | None:
        day = self._day
        if not day.new_total:
            return None
        numbers = {"n": day.new_total, "clients": day.new_clients}
        text = ngettext(
            "%(n)s dialog er ny eller endret", "%(n)s dialoger er nye eller endret", day.new_total
        )
        since = _("siden %(day)s") % {"day": short_date(day.since, today=day.today)}
        return Section(_("Nytt"), [Line(f"{text % numbers} {since}", _list(day.new_list))])


def _about(mentioned: Mentioned) -> Line:
    text = _("%(who)s nevnte deg i et notat") % {"who": mentioned.author}
    if mentioned.dialog_id:
        href = reverse("dialogs:dialog-notes", args=[mentioned.dialog_id])
    elif mentioned.client_id:
        href = reverse("dialogs:client-all-notes", args=[mentioned.client_id])
    else:
        href = reverse("dialogs:service", args=[mentioned.service_id])
    return Line(text, whole(href))


def _list(filters: Filters) -> str:
    return whole(f"{reverse('dialogs:inbox')}?{filters.as_query()}")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
