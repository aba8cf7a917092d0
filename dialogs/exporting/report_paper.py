"""A client's report as PDF."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dialogs.bulk.words import number
from dialogs.exporting.report import Report, Section
from dialogs.paper import Paper


def pdf(report: Report) -> bytes:
    """Return the report as a file, in the language that is active."""
    paper = Paper(report.title, language=get_language() or "nb", at=report.made_at)
    paper.heading(report.title)
    paper.lines(_("Kort fortalt"), report.facts)
    for section in report.sections:
        paper.lines(section.heading, _lines(section))
    return bytes(paper.output())


def _lines(section: Section) -> list[tuple[str, str]]:
    if not section.lines:
        return [("–", _("Ingenting."))]
    more = section.total - len(section.lines)
    left_out = [("…", _("og %(n)s til") % {"n": number(more)})] if more else []
    return [*section.lines, *left_out]
