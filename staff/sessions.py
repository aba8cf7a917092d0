"""End people's sessions: at once, all of them, whoever began them."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from staff import audit
from staff.models import ProviderSession, User


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Delete every session of one person, `but` the one they sit in; return how many."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but)
    keys = [
        one.session_key
        for one in live.iterator()
        if one.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    _delete(keys)
    UserSession.objects.filter(user=user).exclude(session_key=but).delete()
    return len(keys)


def end_of_provider(provider: str, *, sid: str, subject: str, now: datetime) -> None:
    """End what began in a session of the provider's, or all of one person's there."""
    found = ProviderSession.objects.filter(provider=provider)
    found = found.filter(sid=sid) if sid else found
    found = found.filter(subject=subject) if subject else found
    with transaction.atomic():
        rows = list(found.select_for_update(of=("self",)).select_related("user"))
        _delete([one.session_key for one in rows])
        for user in {one.user for one in rows}:
            about = f"user {user.pk}"
            audit.record(
                actor=user, act="logged out at provider", about=about, now=now, provider=provider
            )


def _delete(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    ProviderSession.objects.filter(session_key__in=keys).delete()
