"""What is shown before many dialogs are changed: how many, whose, and the first of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from dialogs.bulk import words
from dialogs.bulk.acts import IN_ALTINN, Act, fits
from dialogs.bulk.selection import Selection, Total
from dialogs.models import DialogQuerySet
from staff.models import User

FIRST = 5


@dataclass(frozen=True)
class Preview:
    act: Act
    heading: str  # also what the button says
    about: str  # «37 dialoger hos 21 klienter.»
    left_out: str
    titles: list[str]
    clients: str  # «Bakeren AS (12), Fjordbygg AS (9) og 19 til»
    responsible: str
    is_in_altinn: bool


def preview(act: Act, selection: Selection, total: Total, user: User, *, now: datetime) -> Preview:
    dialogs = selection.dialogs(user, now=now).filter(fits(act))
    count = total.fitting[act]
    by_client = _shares(dialogs, "client__name")
    where = {"dialogs": words.dialogs(count), "clients": words.clients(len(by_client))}
    return Preview(
        act=act,
        heading=words.question(act, count),
        about=_("%(dialogs)s hos %(clients)s.") % where,
        left_out=_left_out(total.dialogs - count),
        titles=[
            title or _("Uten tittel")
            for title in dialogs.order_by("urgency", "pk").values_list("copy__title", flat=True)[
                :FIRST
            ]
        ],
        clients=_listed(by_client),
        responsible=_listed(_responsibles(dialogs)),
        is_in_altinn=act in IN_ALTINN,
    )


def _left_out(count: int) -> str:
    if not count:
        return ""
    return _("%(dialogs)s av utvalget passer ikke for dette, og blir ikke endret.") % {
        "dialogs": words.dialogs(count)
    }


def _shares(dialogs: DialogQuerySet, column: str) -> list[tuple[str, int]]:
    counted = dialogs.order_by().values_list(column).annotate(n=Count("pk"))
    return list(counted.order_by("-n", column))


def _responsibles(dialogs: DialogQuerySet) -> list[tuple[str, int]]:
    shares = dict(_shares(dialogs, "responsible"))
    people = User.objects.in_bulk([key for key in shares if key])
    return [(people[key].name if key else _("ufordelt"), count) for key, count in shares.items()]


def _listed(shares: list[tuple[str, int]]) -> str:
    """Return «Bakeren AS (12), Fjordbygg AS (9) og 19 til»."""
    text = ", ".join(f"{name} ({words.number(count)})" for name, count in shares[:FIRST])
    if more := len(shares) - FIRST:
        text += " " + _("og %(n)s til") % {"n": words.number(more)} if more > 0 else ""
    return text
