"""A file as it is shown: what is in it, how far it has come, how long it lies."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.bulk.words import number
from dialogs.exporting.lists import LISTS
from dialogs.inbox.deadlines import short_moment
from dialogs.models import ExportJob

State = ExportJob.State


class Shown:
    def __init__(self, job: ExportJob, *, now: datetime) -> None:
        self.job = job
        self.now = now
        self.is_there = bool(job.state == State.READY and job.stored_as)
        self.is_under_way = job.state in {State.WAITING, State.RUNNING}

    @property
    def title(self) -> str:
        """«Dialoger (Excel)»."""
        kinds = {"csv": "CSV", "xlsx": "Excel"}
        return f"{LISTS[self.job.listed].title} ({kinds[self.job.kind]})"

    @property
    def asked(self) -> str:
        return short_moment(self.job.asked_at, now=self.now)

    @property
    def kept_until(self) -> str:
        return short_moment(self.job.keep_until_at, now=self.now) if self.job.keep_until_at else ""

    @property
    def text(self) -> str:
        job = self.job
        if job.state == State.FAILED:
            return job.reason
        if job.state == State.READY:
            rows = ngettext("%(n)s rad", "%(n)s rader", job.rows) % {"n": number(job.rows)}
            if self.is_there:
                return _("Klar: %(rows)s.") % {"rows": rows}
            return _("Slettet. Den hadde %(rows)s.") % {"rows": rows}
        if not job.total:
            return _("Venter på tur.")
        far = {"n": number(job.rows), "all": number(job.total)}
        return _("Lages: %(n)s av %(all)s rader.") % far

    @property
    def color(self) -> str:
        if self.job.state == State.FAILED:
            return "warning"
        return "success" if self.is_there else "info"

    @property
    def list_href(self) -> str:
        """Return where the list is looked at."""
        page = reverse(LISTS[self.job.listed].page)
        return f"{page}?{self.job.query}" if self.job.query else page
