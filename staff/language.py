"""Each person's own language. What the browser prefers is not asked: the firm is Norwegian."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from staff.models import User


class PersonalLanguage:
    """Middleware: speak the language somebody has chosen on the profile page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return self._get_response(request)
        with translation.override(user.language):
            return self._get_response(request)
