"""Some acts ask that whoever sits there has shown quite lately who they are."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])


def is_recent(request: HttpRequest) -> bool:
    """Whether the person has logged in, or shown anew who they are, within the minutes allowed."""
    if not settings.RECENT_LOGIN_MINUTES:
        return True
    oldest = time.time() - settings.RECENT_LOGIN_MINUTES * 60
    records = get_authentication_records(request, request.user)
    return any(record["at"] >= oldest for record in records)


def needs_recent_login(view: View) -> View:
    """Decorator: ask who it is before the page is shown or the form is carried out.

    A form that was sent is carried out afterwards, without being filled in again.
    """

    @wraps(view)
    def asked_first(request: HttpRequest, *args: Any, **options: Any) -> Any:
        if not is_recent(request):
            raise ReauthenticationRequired
        return view(request, *args, **options)

    return cast("View", asked_first)


def changes_need_recent_login(view: View) -> View:
    """Decorator: as `needs_recent_login`, on a page that others may look at too."""
    strictly = needs_recent_login(view)

    @wraps(view)
    def asked_first(request: HttpRequest, *args: Any, **options: Any) -> Any:
        chosen = strictly if request.method == "POST" else view
        return chosen(request, *args, **options)

    return cast("View", asked_first)
