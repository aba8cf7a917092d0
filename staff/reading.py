"""Keep those who may only read from changing anything, wherever they try.

Refused unless said otherwise: a new page that changes something is closed to auditors without a
line in it. What concerns nobody but oneself is open to everybody.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from staff.models import User
from staff.rules import check_may_work

View = TypeVar("View", bound=Callable[..., Any])
SAFE = {"GET", "HEAD", "OPTIONS"}
ACCOUNT = "allauth."  # logging out, one's own password and second factors


def own_affair(view: View) -> View:
    """Mark a page whose POST changes nothing but how the portal looks to oneself."""
    view.is_own_affair = True  # type: ignore[attr-defined]
    return view


class ReadersOnlyRead:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> None:
        user = request.user
        if request.method in SAFE or not isinstance(user, User):
            return
        if not (view.__module__.startswith(ACCOUNT) or getattr(view, "is_own_affair", False)):
            check_may_work(user)
