"""How somebody likes to work: keys, density, language, and where to begin."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dialogs.models import StartSearch
from dialogs.searches import actions
from dialogs.searches.forms import ProfileForm
from dialogs.views import StaffRequest
from staff.reading import own_affair


@own_affair
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def profile(request: StaffRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = ProfileForm(posted, user=request.user, initial=_initial(request))
    if posted is not None and form.is_valid():
        _save(request, form.cleaned_data)
        messages.success(request, _("Profilen er lagret."))
        return redirect("dialogs:profile")
    return render(request, "dialogs/searches/profile.html", {"form": form})


def _initial(request: StaffRequest) -> dict[str, Any]:
    user = request.user
    start = StartSearch.objects.filter(user=user).values_list("search", flat=True).first()
    return {
        "is_compact": "ja" if user.is_compact else "nei",
        "uses_single_keys": user.uses_single_keys,
        "language": user.language,
        "start": start,
    }


def _save(request: StaffRequest, wanted: dict[str, Any]) -> None:
    names = ("is_compact", "uses_single_keys", "language")
    for name in names:
        setattr(request.user, name, wanted[name])
    request.user.save(update_fields=names)
    actions.set_start(request.user, wanted["start"])
