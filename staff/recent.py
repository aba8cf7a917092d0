"""Some acts ask that whoever sits there has shown quite lately who they are."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

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
        if is_recent(request):
            return view(request, *args, **options)
        if request.method == "POST":
            return _suspended(request)
        raise ReauthenticationRequired

    return cast("View", asked_first)


def _suspended(request: HttpRequest) -> HttpResponse:
    """Keep the form, with the query of its address, and lead to where one shows who one is.

    allauth carries it out when it leads back to the form's bare path, and drops it otherwise.
    Source: django-allauth 65.21.1, `resume_request`; read 2026-11.
    """
    ways = get_adapter().get_reauthentication_methods(request.user)
    where = ways[0]["url"] if ways else reverse("account_login")
    suspend_request(request, where)
    return redirect(f"{where}?{urlencode({REDIRECT_FIELD_NAME: request.path})}")


def changes_need_recent_login(view: View) -> View:
    """Decorator: as `needs_recent_login`, on a page that others may look at too."""
    strictly = needs_recent_login(view)

    @wraps(view)
    def asked_first(request: HttpRequest, *args: Any, **options: Any) -> Any:
        chosen = strictly if request.method == "POST" else view
        return chosen(request, *args, **options)

    return cast("View", asked_first)
