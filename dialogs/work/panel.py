"""Everything the panel shows of one dialog, in words. Asks the database twice."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from dialogs.inbox.rows import Row
from dialogs.models import Dialog
from dialogs.work import colleagues, days, history
from dialogs.work.answers import Answer
from dialogs.work.colleagues import Colleague, Group
from dialogs.work.deadlines import Deadlines
from dialogs.work.facts import Entry, Facts, facts_of
from dialogs.work.reopened import changes_since
from staff.models import User


@dataclass(frozen=True)
class Told:
    at: str
    text: str


@dataclass(frozen=True)
class Step:
    pk: int
    text: str
    is_done: bool
    by: str


class Panel:
    def __init__(
        self,
        row: Row,
        user: User,
        *,
        now: datetime,
        answer: Answer | None = None,
        recent: list[int] | None = None,
    ) -> None:
        self.dialog = row.dialog
        self.user = user
        self.now = now
        self.today = timezone.localdate(now)
        self.answer = answer or Answer()
        self.query = row.query
        self.deadlines = Deadlines(row.dialog, now=now)
        self._recent = recent or []

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.dialog, user=self.user)

    @cached_property
    def _colleagues(self) -> dict[int, Colleague]:
        also = self.facts.mentioned | {self.user.pk}
        also |= {key for key in (self.dialog.responsible_id,) if key}
        return colleagues.colleagues_of(self.dialog, also=also, today=self.today)

    def name_of(self, key: int) -> str:
        found = self._colleagues.get(key)
        return found.name if found else _("en tidligere kollega")

    @property
    def shown_at(self) -> str:
        return self.now.isoformat()

    # Who is responsible.

    @property
    def responsible(self) -> str:
        """«Kari Hansen (stedfortreder Ola Berg)» while Kari is away."""
        key = self.dialog.responsible_id
        found = self._colleagues.get(key) if key else None
        if found is None:
            return ""
        away = found.away(today=self.today)
        return found.name_while_away if found.substitute or not away else f"{found.name} ({away})"

    @property
    def assigned_why(self) -> str:
        """Why the dialog got the one responsible, or nobody, when it arrived."""
        team, area = self.dialog.client.team, self.dialog.service.area
        why = self.dialog.assigned_why
        if why == "AREA" and area:
            return _("Tildelt automatisk, som ansvarlig for %(area)s.") % {"area": area}
        if why in {"AREA", "CLIENT_RESPONSIBLE"}:
            return _("Tildelt automatisk, som klientansvarlig.")
        if why == "NO_READER":
            return _("Ikke tildelt automatisk: den ansvarlige kan ikke lese slike dialoger.")
        if why == "TEAM" and team:
            return _("Lagt i køen til team %(team)s: klienten har ingen ansvarlig.") % {
                "team": team
            }
        return ""

    @property
    def groups(self) -> list[Group]:
        """Whom it can be given to."""
        dialog = self.dialog
        grouped = colleagues.in_groups(
            self._colleagues.values(),
            me=self.user.pk,
            client_responsible=dialog.client.responsible_id,
            recent=self._recent,
            team=str(dialog.client.team or ""),
        )
        return colleagues.offers(
            grouped,
            open_counts=self.facts.open_counts,
            chosen=self._chosen,
            today=self.today,
        )

    @property
    def _chosen(self) -> str:
        return self.answer.wish.get("responsible", str(self.dialog.responsible_id or ""))

    @property
    def is_nobody_chosen(self) -> bool:
        return not self._chosen

    @property
    def may_take(self) -> bool:
        return self.dialog.responsible_id != self.user.pk

    # Where the work stands.

    @property
    def is_snoozed(self) -> bool:
        return self.dialog.folder == Dialog.Folder.SNOOZED

    @property
    def is_done(self) -> bool:
        return self.dialog.folder == Dialog.Folder.DONE

    @property
    def may_snooze(self) -> bool:
        return self.dialog.folder in {Dialog.Folder.INBOX, Dialog.Folder.SNOOZED}

    @property
    def done(self) -> str:
        """«Ola Berg merket dialogen som ferdig i går kl. 08.43.»"""
        finished = self.facts.finished
        if finished is None:
            return ""
        said = {"name": self.name_of(finished.by_id), "at": self._moment(finished.at)}
        return _("%(name)s merket dialogen som ferdig %(at)s.") % said

    @property
    def changes(self) -> list[str]:
        """What the authority has changed since somebody was done with it."""
        finished = self.facts.finished
        return changes_since(finished, self.dialog) if finished else []

    @property
    def reopened(self) -> str:
        """Since when and since what."""
        if self.dialog.reopened_at is None:
            return ""
        at = self._moment(self.dialog.reopened_at)
        said = _("Tjenesteeieren endret dialogen %(at)s, så den er tilbake i innboksen.") % {
            "at": at
        }
        finished = self.facts.finished
        if finished is None:
            return said
        since = {"name": self.name_of(finished.by_id), "at": self._moment(finished.at)}
        changed = _("Endret siden %(name)s var ferdig %(at)s:") % since
        return f"{said} {changed}"

    @property
    def is_pinned(self) -> bool:
        return self.dialog.pin_id is not None and self.dialog.urgency < 0

    @property
    def pin_rule(self) -> str:
        """Which rule put it on top."""
        pin = self.dialog.pin
        if pin is None:
            return ""
        if pin.words:
            return _("En regel ser etter «%(words)s».") % {"words": pin.words}
        return _("En regel gjelder denne tjenesten eller tjenesteeieren.")

    # What was read, and by whom.

    @property
    def read_by_me(self) -> str:
        at = self.facts.read_at
        return self._moment(at) if at else _("ikke før nå")

    @property
    def openings(self) -> list[str]:
        """«Ola Berg i går kl. 08.43»."""
        return [
            f"{self.name_of(one.user_id)} {self._moment(one.at)}" for one in self.facts.openings
        ]

    # The rest.

    @property
    def follows(self) -> bool:
        return self.user.pk in self.facts.follower_ids

    @property
    def followers(self) -> str:
        return ", ".join(self.name_of(key) for key in self.facts.follower_ids)

    @property
    def steps(self) -> list[Step]:
        return [
            Step(one.id, one.text, one.is_done, self._ticked(one.by_id, one.at))
            for one in self.facts.steps
        ]

    @property
    def steps_done(self) -> int:
        return sum(one.is_done for one in self.facts.steps)

    @property
    def history(self) -> list[Told]:
        return [Told(self._moment(entry.at), self.tell(entry)) for entry in self.facts.log]

    def tell(self, entry: Entry) -> str:
        return history.tell(
            entry.act,
            actor_id=entry.actor_id,
            after=entry.detail.get("after") or {},
            name_of=self.name_of,
            today=self.today,
        )

    def _ticked(self, by_id: int | None, at: datetime | None) -> str:
        if by_id is None or at is None:
            return ""
        return f"{self.name_of(by_id)} {self._moment(at)}"

    def _moment(self, at: datetime) -> str:
        return days.moment_in_words(at, now=self.now)
