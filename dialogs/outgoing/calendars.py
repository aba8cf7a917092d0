"""Deadlines as a calendar that other programs read, by a secret address.

The address is all it takes to read, so it is long, kept as a digest alone, and can be revoked. It
gives what its owner may see at the moment it is read, with the titles that may leave the portal.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from dialogs.inbox.deadlines import long_deadline
from dialogs.models import CalendarFeed, Dialog
from dialogs.notes.place import NOT_SHOWN
from dialogs.outgoing.letters import whole
from dialogs.outgoing.masks import Masks
from staff import audit
from staff.models import Team, User
from staff.rules import may_oversee

if TYPE_CHECKING:
    from icalendar import Event

Scope = CalendarFeed.Scope
MADE = "calendar made"
REVOKED = "calendar revoked"

MOST_FEEDS = 20  # of one person
MOST_EVENTS = 2000
BEHIND = timedelta(days=60)
AHEAD = timedelta(days=400)
OFTEN_ENOUGH = timedelta(hours=1)  # noting that it was read


def make(
    owner: User,
    *,
    scope: str,
    team: Team | None,
    client: Client | None,
    hides_clients: bool,
    now: datetime,
) -> tuple[CalendarFeed, str]:
    """Make a feed; return it and its code, which is not kept and cannot be shown again."""
    code = secrets.token_urlsafe(32)
    with transaction.atomic():
        feed = CalendarFeed.objects.create(
            owner=owner,
            scope=scope,
            team=team,
            client=client,
            hides_clients=hides_clients,
            code_hash=digest(code),
            created_at=now,
        )
        about = f"client {client.pk}" if client else f"user {owner.pk}"
        audit.record(actor=owner, act=MADE, about=about, now=now, feed=str(feed.pk), scope=scope)
    return feed, code


def revoke(feed: CalendarFeed, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        if CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now):
            about = f"user {feed.owner_id}"
            audit.record(actor=actor, act=REVOKED, about=about, now=now, feed=str(feed.pk))


def feed_behind(code: str) -> CalendarFeed | None:
    """Return the feed of an address: not a revoked one, nor that of somebody who has left."""
    feeds = CalendarFeed.objects.filter(revoked_at=None, owner__is_active=True)
    return feeds.select_related("owner", "team", "client").filter(code_hash=digest(code)).first()


def digest(code: str) -> str:
    """The code has 256 random bits: a plain digest gives nothing away."""
    return hashlib.sha256(code.encode()).hexdigest()


def teams_for(user: User) -> QuerySet[Team]:
    """Return the teams whose calendar this person may have."""
    teams = Team.objects.order_by("name")
    return teams if may_oversee(user) else teams.filter(pk__in=user.teams.values("pk"))


def is_allowed(feed: CalendarFeed) -> bool:
    """Whether the owner may still have it: they may have lost the team or the client since."""
    owner = feed.owner
    if feed.scope == Scope.TEAM:
        return teams_for(owner).filter(pk=feed.team_id or 0).exists()
    if feed.scope == Scope.CLIENT:
        return Client.objects.visible_to(owner).filter(pk=feed.client_id or 0).exists()
    return True


def dialogs_of(feed: CalendarFeed, *, now: datetime) -> QuerySet[Dialog]:
    """Return the open dialogs with a deadline, as far as the owner may see them."""
    within = Q(deadline_at__gte=now - BEHIND, deadline_at__lte=now + AHEAD)
    folders = [Dialog.Folder.INBOX, Dialog.Folder.SNOOZED]
    dialogs = Dialog.objects.visible_to(feed.owner).filter(within, folder__in=folders)
    if feed.scope == Scope.USER:
        dialogs = dialogs.filter(responsible=feed.owner)
    elif feed.scope == Scope.TEAM:
        dialogs = dialogs.filter(client__team=feed.team_id)
    else:
        dialogs = dialogs.filter(client=feed.client_id)
    related = dialogs.select_related("client", "copy", "owner", "service").defer(*NOT_SHOWN)
    return related.order_by("deadline_at", "pk")


def name_of(feed: CalendarFeed) -> str:
    """Say what it shows; of what its owner has lost, nothing is said."""
    if not is_allowed(feed):
        return _("Frister du ikke lenger har tilgang til")
    if feed.team:
        return _("Frister i %(team)s") % {"team": feed.team}
    if feed.client:
        name = _("en klient") if feed.hides_clients else Masks.read().client_of(feed.client)
        return _("Frister hos %(client)s") % {"client": name}
    return _("Frister for %(name)s") % {"name": feed.owner.name}


def as_ics(feed: CalendarFeed, *, now: datetime) -> bytes:
    """Write the calendar. Source for the properties: RFC 5545, RFC 7986."""
    from icalendar import Calendar  # eight megabytes, for this address alone

    masks = Masks.read()
    calendar = Calendar()
    calendar.add("prodid", "-//Regnskapsportalen//Frister//NO")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, name_of(feed))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval;value=duration", "PT1H")
    calendar.add("x-published-ttl", "PT1H")
    if is_allowed(feed):
        for dialog in dialogs_of(feed, now=now)[:MOST_EVENTS]:
            calendar.add_component(_event(dialog, masks, hides_clients=feed.hides_clients))
    return bytes(calendar.to_ical())


def note_reading(feed: CalendarFeed, *, now: datetime) -> None:
    """Note that it is in use, so that its owner can tell which ones are not."""
    if feed.read_at is None or now - feed.read_at > OFTEN_ENOUGH:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)


def _event(dialog: Dialog, masks: Masks, *, hides_clients: bool) -> "Event":
    """A deadline is a whole day: it takes no time, and shows at the top of it."""
    from icalendar import Event

    assert dialog.deadline_at is not None  # noqa: S101 (dialogs_of asks for it)
    day = timezone.localdate(dialog.deadline_at)
    title = masks.title_of(dialog)
    event = Event()
    event.add("uid", f"{dialog.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("dtstamp", dialog.content_updated_at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("sequence", dialog.work_version)
    client = "" if hides_clients else masks.client_of(dialog.client)
    event.add("summary", _kind(dialog) + (f"{title} – {client}" if client else title))
    href = whole(reverse("dialogs:dialog", args=[dialog.pk]))
    due = _("Frist: %(due)s") % {"due": long_deadline(dialog.deadline_at)}
    event.add("description", "\n".join([str(dialog.owner), due, href]))
    event.add("url", href)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _kind(dialog: Dialog) -> str:
    """Say whose deadline it is, when it is not the authority's: an estimate is never a fact."""
    if dialog.binding_at:
        return ""
    return _("Anslått frist: ") if dialog.estimated_due_on else _("Intern frist: ")
