"""The command menu over HTTP: what is found for the dialog on Ctrl+K, or a page without it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dialogs.inbox.filters import LONGEST_SEARCH
from dialogs.searches.commands import Commands
from dialogs.views import StaffRequest, wants_part


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def commands(request: StaffRequest) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\x00", " ")
    words = " ".join(typed.split())[:LONGEST_SEARCH]
    found = Commands(request, words, now=timezone.now())
    context = {"words": words, "sections": found.sections(), "is_too_broad": found.is_too_broad}
    part = wants_part(request)
    template = "dialogs/searches/commands.html" if part else "dialogs/searches/commands_page.html"
    return render(request, template, context)
