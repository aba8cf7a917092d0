"""Invite somebody, or let them in again: a link that is good once, for choosing a password."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from staff import audit
from staff.models import Invitation, User


def make(user: User, *, actor: User, now: datetime) -> str:
    """Make a link and return its code. It is kept nowhere, and those made before are dead."""
    code = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(user=user, used_at=None).delete()
        Invitation.objects.create(
            user=user,
            code_digest=_digest(code),
            made_by=actor,
            made_at=now,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        audit.record(actor=actor, act="invitation made", about=f"user {user.pk}", now=now)
    return code


def find(code: str, *, now: datetime) -> Invitation | None:
    """Return the invitation a link belongs to, while it is good."""
    good = Invitation.objects.filter(used_at=None, expires_at__gt=now, user__is_active=True)
    return good.filter(code_digest=_digest(code)).select_related("user").first()


def accept(code: str, password: str, *, now: datetime) -> User | None:
    """Use a link up and set the password; None if somebody was first."""
    with transaction.atomic():
        found = find(code, now=now)
        if found is None:
            return None
        user = User.objects.select_for_update(of=("self",)).get(pk=found.user_id)
        if not Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
            return None
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record(actor=user, act="invitation used", about=f"user {user.pk}", now=now)
    return user


def address_of(code: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('invitation', args=[code])}"


def send(user: User, code: str, *, actor: User) -> None:
    """Send the link by e-mail, in the receiver's language.

    Raises:
        OSError: the mail server did not take it (smtplib's errors among them).
    """
    with translation.override(user.language):
        EmailMessage(
            _("Tilgang til Regnskapsportalen"),
            _(
                "Hei %(name)s\n\n%(actor)s gir deg tilgang til Regnskapsportalen. Åpne lenken for å"
                " komme inn. Den virker én gang, og i %(days)s dager.\n\n%(link)s\n"
            )
            % {
                "name": user.name,
                "actor": actor.name,
                "days": settings.INVITATION_DAYS,
                "link": address_of(code),
            },
            to=[user.email],
        ).send()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
