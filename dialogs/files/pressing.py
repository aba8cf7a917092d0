"""Let a file be fetched by a press on one of our own pages alone.

Fetching is noted by the service owner and seen by the client. A browser that fetches ahead of a
press, or a link on somebody else's page, must not do that. Source: Fetch Metadata (W3C), 2021.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from dialogs.views import StaffRequest

_AHEAD = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")


def by_a_press(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse requests that no person's press on a page of ours has made, as far as browsers say."""

    @wraps(view)
    def checked(request: StaffRequest, dialog_id: UUID, *args: Any, **kwargs: Any) -> Any:
        if any(request.headers.get(name) for name in _AHEAD):
            return HttpResponse(status=403)
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            context = {"dialog_id": dialog_id}
            return render(request, "dialogs/files/not_pressed.html", context, status=403)
        return view(request, dialog_id, *args, **kwargs)

    return checked
