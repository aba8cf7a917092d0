"""The clients behind a figure of the coverage page, and what they lack."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clients.health import figures
from clients.health.alarms import Kind
from clients.models import Access, Alarm, Client, GrantedPackages
from clients.setup.packages import label_of


def behind(asked: QueryDict) -> tuple[str, QuerySet[Any, Any]]:
    """Return the heading and the clients of the figure that was followed, by name.

    Raises:
        Http404: there is no such figure.
    """
    heading, clients = _figure(asked)
    accesses = Access.objects.select_related("system_user").order_by("pk")
    clients = clients.select_related("responsible").prefetch_related(
        "parties", Prefetch("parties__accesses", accesses)
    )
    return heading, clients.order_by(Lower("name"), "pk")


def _figure(asked: QueryDict) -> tuple[str, QuerySet[Any, Any]]:
    headings = {
        figures.FULL: _("Klienter vi ser alt av"),
        figures.PARTLY: _("Klienter vi ser noe av"),
        figures.NONE: _("Klienter vi ikke ser"),
    }
    if (grade := asked.get("tilgang", "")) in headings:
        return headings[grade], figures.graded().filter(grade=grade)
    if package := asked.get("pakke"):
        return _("Klienter som mangler «%s»") % label_of(package), figures.who_lack(package)
    if asked.get("vis") == "stille":
        return _("Klienter som er blitt stille"), figures.with_alarm(Kind.SILENT)
    if (number := asked.get("varsel", "")).isascii() and number.isdigit() and len(number) < 18:
        alarm = get_object_or_404(Alarm, pk=int(number), kind=Kind.MANY)
        return str(Kind(alarm.facts["kind"]).label).capitalize(), figures.named_by(alarm)
    raise Http404


def lacked_by(clients: Sequence[Client]) -> dict[str, list[str]]:
    rows = GrantedPackages.objects.filter(
        orgnr__in=[one.orgnr for one in clients if one.orgnr],
        system_user__is_active=True,
        missing__len__gt=0,
    )
    found: dict[str, list[str]] = {}
    for orgnr, missing in rows.values_list("orgnr", "missing"):
        found[orgnr] = sorted({*found.get(orgnr, []), *missing})
    return found
