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


def work_only(view: View) -> View:
    """Mark a page that is work though it is only fetched: a form to fill in, a file at Altinn."""
    view.is_work = True  # type: ignore[attr-defined]
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
        if isinstance(request.user, User) and is_work(view, request.method):
            check_may_work(request.user)


def is_work(view: Callable[..., Any], method: str | None) -> bool:
    """Whether a request to this page changes something, or is the beginning of it."""
    if method in SAFE:
        return getattr(view, "is_work", False)
    return not (view.__module__.startswith(ACCOUNT) or getattr(view, "is_own_affair", False))
