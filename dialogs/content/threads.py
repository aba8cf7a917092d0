"""Transmissions as they are read: what answers what together, the newest thread first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from altinn.details import NavigationalAction, Transmission
from altinn.wire import EXPIRED_URL, ConsumerType, TransmissionType
from dialogs.content import bodies
from dialogs.content.language import Said, said, said_in
from dialogs.content.links import host_of, may_follow
from dialogs.content.shown_body import ShownBody
from dialogs.content.told import Teller
from dialogs.inbox.deadlines import Tag, long_moment
from dialogs.models import OpenedBody
from dialogs.work.days import moment_in_words

T = TransmissionType
FIRST_SHOWN = 3  # threads; the others are behind «Vis mer»

_KINDS = {
    T.INFORMATION: (gettext_lazy("Informasjon"), "neutral"),
    T.ACCEPTANCE: (gettext_lazy("Godkjent"), "success"),
    T.REJECTION: (gettext_lazy("Avvist"), "danger"),
    T.REQUEST: (gettext_lazy("Forespørsel"), "accent"),
    T.ALERT: (gettext_lazy("Varsel"), "warning"),
    T.DECISION: (gettext_lazy("Avgjørelse"), "info"),
    T.SUBMISSION: (gettext_lazy("Innsending"), "neutral"),
    T.CORRECTION: (gettext_lazy("Rettelse"), "neutral"),
}
FROM_PARTY = frozenset({T.SUBMISSION, T.CORRECTION})


class Way(NamedTuple):
    """Somewhere to go on to, or why not."""

    label: Said
    href: str
    host: str
    state: str  # empty: the link works


@dataclass(frozen=True)
class Sent:
    """One transmission as it is shown."""

    it: Transmission
    teller: Teller
    row: OpenedBody | None

    @property
    def pk(self) -> UUID:
        return self.it.id

    @property
    def title(self) -> Said:
        return said_in(self.it.content.title) or Said(_("Forsendelse uten tittel"))

    @property
    def summary(self) -> Said:
        return said_in(self.it.content.summary)

    @property
    def kind(self) -> Tag | None:
        if self.it.type not in _KINDS:
            return None
        label, color = _KINDS[self.it.type]
        return Tag(str(label), color, "outline" if color == "neutral" else "tinted")

    @property
    def sender(self) -> str:
        return self.teller.name_of(self.it.sender)

    @property
    def moment(self) -> str:
        return moment_in_words(self.it.created_at, now=self.teller.now)

    @property
    def in_full(self) -> str:
        return long_moment(self.it.created_at)

    @property
    def opened(self) -> str:
        """Whether the service owner knows it to be opened; of what we sent it says nothing."""
        if self.it.is_opened is None or self.it.type in FROM_PARTY:
            return ""
        return _("Åpnet") if self.it.is_opened else _("Ulest innhold")

    @property
    def is_masked(self) -> bool:
        return not self.it.is_authorized

    @property
    def excluded(self) -> int:
        return len(self.it.excluded_attachments) + len(self.it.excluded_navigational_actions)

    @cached_property
    def body(self) -> ShownBody | None:
        return ShownBody(self.row) if self.row else None

    @property
    def may_fetch(self) -> bool:
        """Whether there is content of its own, which nobody has asked for here yet."""
        reference = self.it.content.content_reference
        is_new = self.row is None and not self.is_masked and self._has_content
        return is_new and bodies.is_ours_to_fetch(reference)

    @property
    def elsewhere(self) -> str:
        """The host of content that only a person's own log-in reads."""
        reference = self.it.content.content_reference
        if self.is_masked or not self._has_content or bodies.is_ours_to_fetch(reference):
            return ""
        return host_of(said_in(reference).text)

    @property
    def _has_content(self) -> bool:
        return bodies.is_shown_by_us(self.it.content.content_reference)

    @property
    def ways(self) -> list[Way]:
        return [_way(one) for one in self.it.navigational_actions]

    @property
    def note(self) -> str:
        """What is said where there is nothing for a person to see."""
        if self.is_masked or self._has_content or self.summary or self.it.navigational_actions:
            return ""
        kinds = {url.consumer_type for one in self.it.attachments for url in one.urls}
        if not kinds:
            return "" if self.excluded else _("Denne forsendelsen har ikke synlig innhold.")
        if ConsumerType.GUI not in kinds:
            return _("Forsendelse kun med maskinlesbart vedlegg.")
        return ""


@dataclass(frozen=True)
class Thread:
    sent: list[Sent]

    @property
    def at(self) -> datetime:
        return max(one.it.created_at for one in self.sent)


def threads_of(
    transmissions: tuple[Transmission, ...],
    teller: Teller,
    rows: Mapping[UUID | None, OpenedBody],
) -> list[Thread]:
    """Return the threads, the one with the newest transmission first; in each, the oldest first."""
    root = _roots(transmissions)
    groups: dict[UUID, list[Sent]] = {}
    for one in sorted(transmissions, key=lambda one: one.created_at):
        groups.setdefault(root(one.id), []).append(Sent(one, teller, rows.get(one.id)))
    return sorted(map(Thread, groups.values()), key=lambda thread: thread.at, reverse=True)


def _roots(transmissions: tuple[Transmission, ...]) -> Callable[[UUID], UUID]:
    """Return what leads from a transmission to the one its thread began with."""
    answers = {one.id: one.related_transmission_id for one in transmissions}

    def root(pk: UUID) -> UUID:
        passed = {pk}
        while (before := answers.get(pk)) and before in answers and before not in passed:
            pk = before
            passed.add(pk)
        return pk

    return root


def _way(action: NavigationalAction) -> Way:
    label = said(action.title) or Said(_("Gå til tjenesten"))
    if action.url == EXPIRED_URL:
        return Way(label, "", "", _("Utløpt"))
    if action.is_authorized is False or action.url.lower().startswith("urn:"):
        return Way(label, "", "", _("Ingen tilgang"))
    if not may_follow(action.url):
        return Way(label, "", "", _("Lenken er ikke trygg, og vises ikke"))
    return Way(label, action.url, host_of(action.url), "")
