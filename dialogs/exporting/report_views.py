"""A client's report over HTTP. The form is a tab of the client's page."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clients.models import Client
from dialogs.exporting.acts import REPORTED
from dialogs.exporting.forms import ReportForm
from dialogs.exporting.periods import last_month
from dialogs.exporting.report import report
from dialogs.views import StaffRequest
from staff import audit
from staff.rules import check, may_export


def form_of(request: StaffRequest) -> ReportForm:
    """Return the form as it was sent, or with last month in it."""
    if "fra" in request.GET:
        return ReportForm(request.GET)
    first, last = last_month(timezone.localdate())
    return ReportForm(initial={"fra": first, "til": last, "sprak": request.user.language})


@require_GET
@never_cache
def report_pdf(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the report as a file, and write down that it was made."""
    from dialogs.exporting import report_paper  # eighteen megabytes, for this page alone

    check(may_export(request.user))
    visible = Client.objects.visible_to(request.user).select_related("responsible")
    client = get_object_or_404(visible, pk=pk)
    form = ReportForm(request.GET)
    if not form.is_valid():
        back = {name: request.GET.get(name, "") for name in form.fields}
        return HttpResponseRedirect(reverse("dialogs:client-report", args=[pk], query=back))
    now, first, last = timezone.now(), form.cleaned_data["fra"], form.cleaned_data["til"]
    language = form.cleaned_data["sprak"]
    with translation.override(language):
        found = report(client, first, last, user=request.user, now=now)
        content = report_paper.pdf(found)
    audit.record(
        actor=request.user,
        act=REPORTED,
        about=f"client {client.pk}",
        now=now,
        days=[first.isoformat(), last.isoformat()],
        language=language,
        **found.totals,
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{client.name} {first} {last}.pdf"
    how = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = how or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
