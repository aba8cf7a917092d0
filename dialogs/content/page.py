"""All that the page of one dialog shows, in words. Asks our own database alone."""

from datetime import datetime

from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from altinn.details import Details
from dialogs.content import bodies, cleaning, opening
from dialogs.content.language import Said, said_in
from dialogs.content.opening import Opened
from dialogs.inbox.rows import Row
from staff.models import User


class ContentPage:
    def __init__(self, row: Row, user: User, *, now: datetime) -> None:
        self.row = row
        self.dialog = row.dialog
        self.user = user
        self.now = now

    @cached_property
    def kept(self) -> Opened | None:
        return opening.kept(self.dialog)

    @property
    def details(self) -> Details | None:
        return self.kept.details if self.kept else None

    @property
    def title(self) -> Said:
        content = self.details.content if self.details else None
        return said_in(content.title if content else None) or Said(self.row.title)

    @cached_property
    def main(self) -> SafeString:
        body = bodies.kept_bodies(self.dialog).get(None)
        return cleaning.dress(bodies.html_of(body)) if body else SafeString("")
