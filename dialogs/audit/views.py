"""The audit log: who saw and did what with which client. For administrators and auditors."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dialogs.audit.finding import FindForm, Wanted, entries_for, older_than
from dialogs.audit.lines import Line, lines_of
from dialogs.views import StaffRequest
from staff import audit, tables
from staff.models import AuditEntry, User
from staff.rules import check, may_audit

PAGE_SIZE = 100
AT_ONCE = 1000  # lines fetched at a time for a file
EXPORTED = "log exported"


@require_safe
@never_cache
def log(request: StaffRequest) -> HttpResponse:
    """List the entries that fit, page by page."""
    check(may_audit(request.user))
    form = FindForm(request.GET)
    wanted = Wanted.by(form)
    before = _number(request.GET.get("eldre", ""))
    entries = list(older_than(entries_for(request.user, wanted), before)[: PAGE_SIZE + 1])
    shown = entries[:PAGE_SIZE]
    context = {
        "form": form,
        "lines": lines_of(shown, user=request.user, today=timezone.localdate()),
        "older": shown[-1].pk if len(entries) > PAGE_SIZE else None,
        "is_first": before is None,
        "is_filtered": wanted != Wanted(),
    }
    return render(request, "dialogs/audit/log.html", context)


@require_safe
@never_cache
def log_file(request: StaffRequest) -> StreamingHttpResponse:
    """Give all that fits as CSV, a thousand lines at a time. The log tells of it."""
    check(may_audit(request.user))
    wanted = Wanted.by(FindForm(request.GET))
    now = timezone.now()
    entries = entries_for(request.user, wanted).filter(at__lte=now)
    detail = wanted.as_detail()
    audit.record(actor=request.user, act=EXPORTED, about="log", now=now, **detail)
    headings = [_("Når"), _("Hvem"), _("Klient"), _("Hva"), _("Hvor fra"), "act", "about", "id"]
    rows = (_row(one) for one in _all_lines(entries, user=request.user))
    kind = tables.Kind.CSV
    response = StreamingHttpResponse(
        tables.written(kind, _("Revisjonslogg"), headings, rows), content_type=kind.media_type
    )
    name = f"revisjonslogg-{timezone.localdate(now).isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _all_lines(entries: QuerySet[AuditEntry], *, user: User) -> Iterator[Line]:
    today, last = timezone.localdate(), None
    while some := list(older_than(entries, last)[:AT_ONCE]):
        yield from lines_of(some, user=user, today=today)
        last = some[-1].pk


def _row(line: Line) -> list[tables.Cell]:
    entry = line.entry
    return [
        entry.at, line.who, line.client, line.text, line.address, entry.act, entry.about, entry.pk,
    ]  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
