"""Who reads a client's parties for us, and since when nobody does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from clients.models import Access, Client, Party

MOST_NAMES = 2


@dataclass(frozen=True)
class Sight:
    """How well we see a client or a party: a short sentence and the colour of its tag."""

    text: str
    color: str


def short_date(moment: datetime, *, now: datetime) -> str:
    """«3. nov.», with the year when it is not this one."""
    is_this_year = localtime(moment).year == localtime(now).year
    return date_format(localtime(moment), "j. N" if is_this_year else "j. N Y")


def sight_of(accesses: Iterable[Access], *, now: datetime) -> Sight:
    """Sum up some accesses with their system users: what a reader of the list must know."""
    accesses = list(accesses)
    if not accesses:
        return Sight(_("Venter på Altinn"), "neutral")
    held = [access for access in accesses if access.lost_at is None]
    if not held:
        lost_at = max(access.lost_at for access in accesses if access.lost_at)
        return Sight(_("Tilgang mistet %s") % short_date(lost_at, now=now), "danger")
    current = [access for access in held if access.system_user.is_active]
    if not current:
        return Sight(_("Leses ikke: %s er slått av") % _names(held), "warning")
    return _sight_of_current(current, now=now)


def _sight_of_current(current: list[Access], *, now: datetime) -> Sight:
    well = [access for access in current if access.system_user.trouble_since_at is None]
    if not well:
        troubles = [access.system_user.trouble_since_at for access in current]
        since = short_date(max(at for at in troubles if at), now=now)
        text = _("%(who)s får ikke lest siden %(when)s")
        return Sight(text % {"who": _names(current), "when": since}, "danger")
    if all(access.loaded_at is None for access in well):
        return Sight(_("Hentes inn av %s") % _names(well), "info")
    return Sight(_("Leses av %s") % _names(well), "success")


def sight_of_client(client: Client, *, now: datetime) -> Sight:
    """Sum up all of a client's parties, which are fetched with their accesses beforehand."""
    if client.archived_at is not None:
        return Sight(_("Arkivert %s") % short_date(client.archived_at, now=now), "neutral")
    return sight_of((a for party in client.parties.all() for a in party.accesses.all()), now=now)


def _names(accesses: Iterable[Access]) -> str:
    names = sorted({access.system_user.name for access in accesses})
    if len(names) > MOST_NAMES:
        return _("%d systembrukere") % len(names)
    return ", ".join(names)


def unregistered_parties() -> QuerySet[Party]:
    """Main units that Altinn lists and nobody has made clients.

    One that nobody ever had access to is there for its sub-units; one whose access is gone is not
    offered any more.
    """
    accesses = Access.objects.filter(party=OuterRef("pk"))
    is_listed = Q(Exists(accesses.filter(lost_at=None))) | ~Q(Exists(accesses))
    return Party.objects.filter(is_listed, client=None, kind=Party.Kind.MAIN)
