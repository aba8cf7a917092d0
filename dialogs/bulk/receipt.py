"""What a job has come to, as it is shown: how far, what was done, what failed and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from dialogs.bulk import jobs, words
from dialogs.bulk.acts import is_in_altinn
from dialogs.inbox.deadlines import at_clock, short_moment
from dialogs.models import BulkItem, BulkJob, Dialog
from staff.models import User

MOST_SHOWN = 200  # of what failed
Outcome = BulkItem.Outcome


@dataclass(frozen=True)
class Failed:
    title: str
    client: str
    href: str
    reason: str


class Receipt:
    def __init__(self, job: BulkJob, *, now: datetime) -> None:
        self.job = job
        self.now = now

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_of([self.job]).get(self.job.pk, {})

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        return self.counts.get(Outcome.FAILED, 0)

    @property
    def is_done(self) -> bool:
        return self.job.state == BulkJob.State.FINISHED

    @property
    def settled(self) -> int:
        return self.total - self.counts.get(Outcome.WAITING, 0)

    @property
    def color(self) -> str:
        if not self.is_done:
            return "info"
        return "warning" if self.failed else "success"

    @property
    def title(self) -> str:
        return words.title(self.job, who=self.who)

    @cached_property
    def text(self) -> str:
        """«Flyttet 34 til arkivet, 3 feilet»."""
        if not self.is_done:
            far = {"n": words.number(self.settled), "all": words.number(self.total)}
            return f"{words.under_way(self.job)}: " + _("%(n)s av %(all)s") % far
        changed = self.counts.get(Outcome.CHANGED, 0)
        same = self.counts.get(Outcome.SAME, 0)
        said = [words.done(self.job, changed, who=self.who) if changed else _("Ingen ble endret")]
        if same:
            said.append(_("%(n)s var slik fra før") % {"n": words.number(same)})
        if self.failed:
            said.append(self._failed_in_words)
        return ", ".join(said)

    @property
    def _failed_in_words(self) -> str:
        count = {"n": words.number(self.failed)}
        if self.job.undoes_id:
            return _("%(n)s ble ikke angret") % count
        return _("%(n)s feilet") % count

    @cached_property
    def who(self) -> User | None:
        """The colleague the dialogs were given to."""
        key = self.job.wish.get("responsible")
        return User.objects.filter(pk=key).first() if key else None

    @property
    def show_failed(self) -> str:
        return words.show_failed(self.failed)

    @property
    def waits(self) -> str:
        """Why nothing happens just now, if so."""
        until = self.job.lease_until_at
        if self.job.state != BulkJob.State.WAITING or until is None or until <= self.now:
            return ""
        return _("Altinn svarer ikke nå. Vi prøver igjen %(at)s.") % {"at": at_clock(until)}

    @property
    def is_in_altinn(self) -> bool:
        return is_in_altinn(self.job)

    @cached_property
    def may_undo(self) -> bool:
        return jobs.may_undo(self.job, now=self.now)

    @cached_property
    def undoing(self) -> BulkJob | None:
        return BulkJob.objects.filter(undoes=self.job).first()

    @property
    def may_retry(self) -> bool:
        return self.is_done and self.failed > 0

    @property
    def began(self) -> str:
        return short_moment(self.job.created_at, now=self.now)

    @property
    def list_href(self) -> str:
        """Return where the dialogs were chosen."""
        query = self.job.wish.get("list", "")
        return reverse("dialogs:inbox") + (f"?{query}" if query else "")

    def reasons(self) -> list[tuple[str, str]]:
        """Return each reason and how often, the most frequent first."""
        failed = self.job.items.filter(outcome=Outcome.FAILED)
        found = failed.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
        return [(reason, words.dialogs(count)) for reason, count in found]

    def failures(self, user: User) -> list[Failed]:
        """Return what failed, as far as the person may still see it."""
        failed = self.job.items.filter(
            outcome=Outcome.FAILED, dialog__in=Dialog.objects.visible_to(user)
        )
        related = failed.select_related("dialog__client", "dialog__copy")
        related = related.defer("dialog__copy__received", "dialog__copy__search")
        return [
            Failed(
                item.dialog.copy.title or _("Uten tittel"),
                item.dialog.client.name,
                reverse("dialogs:dialog", args=[item.dialog_id]),
                item.reason,
            )
            for item in related.order_by("dialog__client__name", "pk")[:MOST_SHOWN]
        ]


def counts_of(some: Iterable[BulkJob]) -> dict[int, dict[str, int]]:
    """Return how many items of each job ended how; one statement for all."""
    items = BulkItem.objects.filter(job__in=[job.pk for job in some])
    found: dict[int, dict[str, int]] = {}
    for job, outcome, count in items.values_list("job", "outcome").annotate(Count("pk")):
        found.setdefault(job, {})[outcome] = count
    return found


def lately(user: User, *, now: datetime, most: int) -> list[Receipt]:
    """Return a person's own jobs, the latest first; three statements."""
    mine = (
        BulkJob.objects.filter(actor=user).select_related("undoes").order_by("-created_at", "-pk")
    )
    receipts = [Receipt(job, now=now) for job in mine[:most]]
    counts = counts_of([one.job for one in receipts])
    people = User.objects.in_bulk({one.job.wish.get("responsible") or 0 for one in receipts})
    for one in receipts:
        one.counts = counts.get(one.job.pk, {})
        one.who = people.get(one.job.wish.get("responsible") or 0)
    return receipts
