"""All that the page of one dialog shows, in words. Asks our own database alone."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from altinn.details import Content, Details
from dialogs.content import bodies, cleaning, opening
from dialogs.content.chain import Other, others_of_client, process_chain
from dialogs.content.following import Followed, followed
from dialogs.content.labels import Labels
from dialogs.content.language import Said, said_in
from dialogs.content.opening import Opened
from dialogs.content.shown_body import ShownBody
from dialogs.content.threads import FIRST_SHOWN, Thread, threads_of
from dialogs.content.told import Line, Teller
from dialogs.inbox.deadlines import long_moment
from dialogs.inbox.rows import Row
from dialogs.models import OpenedBody
from dialogs.work.days import moment_in_words
from staff.models import User


class ContentPage:
    """Costs a statement for each part that is shown, whatever there is in it."""

    def __init__(self, row: Row, user: User, *, now: datetime) -> None:
        self.row = row
        self.dialog = row.dialog
        self.user = user
        self.now = now

    # What was opened.

    @cached_property
    def kept(self) -> Opened | None:
        return opening.kept(self.dialog)

    @property
    def details(self) -> Details | None:
        return self.kept.details if self.kept else None

    @property
    def content(self) -> Content:
        return (self.details and self.details.content) or Content()

    @cached_property
    def _rows(self) -> Mapping[UUID | None, OpenedBody]:
        return bodies.kept_bodies(self.dialog) if self.kept else {}

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.dialog, self.user, now=self.now)

    # The head.

    @property
    def title(self) -> Said:
        return said_in(self.content.title) or Said(self.row.title)

    @property
    def sender(self) -> str:
        return said_in(self.content.sender_name).text or self._teller.owner

    @property
    def extended_status(self) -> Said:
        return said_in(self.content.extended_status) or Said(self.dialog.copy.extended_status)

    @property
    def opened(self) -> str:
        """«Åpnet av Kari Hansen i dag kl. 08.43, og vist slik den var da.»"""
        if self.kept is None:
            return ""
        by = User.objects.filter(pk=self.kept.by_id).first()
        values = {"name": by or _("en tidligere kollega"), "at": self._moment(self.kept.at)}
        return _("Åpnet av %(name)s %(at)s, og vist slik den var da.") % values

    # What stands in the way of believing the page.

    @property
    def newer(self) -> str:
        """What has happened in Altinn since the page was opened there."""
        details = self.details
        if details is None:
            return ""
        if self.dialog.content_updated_at > details.content_updated_at:
            at = self._moment(self.dialog.content_updated_at)
            return _("Tjenesteeieren la inn nytt innhold %(at)s. Det vises ikke her ennå.") % {
                "at": at
            }
        if self._is_changed_since(details):
            return _("Dialogen er endret i Altinn siden den ble åpnet her.")
        return ""

    def _is_changed_since(self, details: Details) -> bool:
        """Whether the list knows of something later. A silent change moves no time."""
        is_later = self.kept is not None and self.dialog.read_at > self.kept.at
        moved = self.dialog.updated_at > details.updated_at
        return moved or (is_later and self.dialog.status != details.status)

    @cached_property
    def followed(self) -> Followed | None:
        return followed(self.dialog, now=self.now)

    @property
    def excluded(self) -> str:
        """«3 deler er holdt tilbake.»"""
        it = self.details
        if it is None:
            return ""
        groups = (
            it.excluded_attachments,
            it.excluded_transmissions,
            it.excluded_gui_actions,
            it.excluded_api_actions,
        )
        n = sum(map(len, groups)) + sum(
            len(one.excluded_attachments) + len(one.excluded_navigational_actions)
            for one in it.transmissions
        )
        if not n:
            return ""
        said = ngettext(
            "%(n)s del av dialogen er holdt tilbake for systemtilgangen.",
            "%(n)s deler av dialogen er holdt tilbake for systemtilgangen.",
            n,
        )
        return said % {"n": n}

    # The content.

    @cached_property
    def main(self) -> ShownBody | None:
        row = self._rows.get(None)
        return ShownBody(row) if row else None

    @property
    def is_main_masked(self) -> bool:
        reference = self.content.main_content_reference
        return bool(reference and reference.is_authorized is False)

    @property
    def summary(self) -> Said:
        return said_in(self.content.summary) or Said(self.dialog.copy.summary)

    @property
    def more(self) -> Said:
        return said_in(self.content.additional_info)

    @property
    def more_html(self) -> SafeString:
        info = self.content.additional_info
        kind = cleaning.kind_of(info.media_type if info else "")
        return cleaning.dress(cleaning.clean(self.more.text, kind))

    @property
    def progress(self) -> int | None:
        found = self.details.progress if self.details else None
        return None if found is None else min(max(found, 0), 100)

    @property
    def expires(self) -> str:
        at = self.details.expires_at if self.details else None
        return long_moment(at) if at else ""

    # Transmissions.

    @cached_property
    def threads(self) -> list[Thread]:
        found = self.details.transmissions if self.details else ()
        return threads_of(found, self._teller, self._rows)

    @property
    def first_threads(self) -> list[Thread]:
        return self.threads[:FIRST_SHOWN]

    @property
    def more_threads(self) -> list[Thread]:
        return self.threads[FIRST_SHOWN:]

    # What happened, and what it hangs together with.

    @cached_property
    def _teller(self) -> Teller:
        found = self.details.transmissions if self.details else ()
        titles = {one.id: said_in(one.content.title) for one in found if one.content.title}
        return Teller(self.dialog, titles, self.now)

    @property
    def activities(self) -> list[Line]:
        return self._teller.activities(self.details) if self.details else []

    @property
    def seen_by(self) -> list[Line]:
        return self._teller.seen_by(self.details) if self.details else []

    @cached_property
    def chain(self) -> list[Other]:
        return process_chain(self.dialog, self.user, query=self.row.query, now=self.now)

    @cached_property
    def others(self) -> list[Other]:
        return others_of_client(self.dialog, self.user, query=self.row.query, now=self.now)

    def _moment(self, at: datetime) -> str:
        return moment_in_words(at, now=self.now)
