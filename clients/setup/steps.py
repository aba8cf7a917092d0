"""The checklist of the set-up: what is done, what is next, and where it goes on.

Nothing here is remembered that can be counted: a step is done when what it is about is there. What
cannot be counted («nobody else is to be invited») an administrator says.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import (
    ONLY,
    Access,
    Client,
    Firm,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
    VendorKey,
)
from clients.setup.keys import Expiring, by_settings, keys_expiring
from staff.models import User
from staff.rules import may_register

MAY_BE_PASSED = ("clients", "responsibles", "staff")


@dataclass(frozen=True)
class Step:
    """One step: what it is, how it stands, and where to do it."""

    name: str
    title: str
    text: str
    is_done: bool
    href: str = ""
    verb: str = ""
    is_next: bool = False
    may_pass: bool = False  # somebody may say that it is done

    @property
    def tag(self) -> tuple[str, str]:
        if self.is_done:
            return _("Fullført"), "success"
        return (_("Neste"), "info") if self.is_next else (_("Gjenstår"), "neutral")


@dataclass(frozen=True)
class Checklist:
    steps: list[Step]
    expiring: list[Expiring]
    is_hidden: bool

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_finished(self) -> bool:
        return self.done == len(self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if step.is_next), None)

    @property
    def says(self) -> str:
        return _("%(done)s av %(all)s fullført") % {"done": self.done, "all": len(self.steps)}


def card_for(user: User, *, now: datetime) -> Checklist | None:
    """Return the checklist for Min dag: for administrators, until it is finished or put away."""
    if not may_register(user) or Firm.objects.filter(hidden_at__isnull=False).exists():
        return None
    found = checklist(now=now)
    return None if found.is_finished else found


def checklist(*, now: datetime) -> Checklist:
    firm = Firm.get()
    steps = [
        _firm(firm),
        _maskinporten(),
        _system(),
        _system_users(),
        _clients(),
        _adding(),
        _responsibles(),
        _staff(),
        _reading(),
    ]
    passed = [
        step if step.is_done else _with(step, is_done=step.name in firm.passed) for step in steps
    ]
    following = next((step.name for step in passed if not step.is_done), "")
    marked = [_with(step, is_next=step.name == following) for step in passed]
    return Checklist(marked, keys_expiring(now), firm.hidden_at is not None)


def _with(step: Step, **changed: bool) -> Step:
    return Step(**{**step.__dict__, **changed})


def _firm(firm: Firm) -> Step:
    return Step(
        "firm",
        _("Firmaopplysninger"),
        firm.name or _("Skriv organisasjonsnummeret, så henter vi navnet fra Enhetsregisteret."),
        is_done=bool(firm.orgnr),
        href=reverse("clients:setup-firm"),
        verb=_("Se opplysningene") if firm.orgnr else _("Legg inn firmaet"),
    )


def _maskinporten() -> Step:
    key = VendorKey.objects.filter(state=VendorKey.State.CURRENT).first()
    waiting = VendorKey.objects.filter(state=VendorKey.State.NEXT).exists()
    if key is not None:
        text = key.trouble or _("Nøkkelen er prøvd og i bruk.")
    elif by_settings():
        text = _("Klient og nøkkel kommer fra serverens innstillinger.")
    elif waiting:
        text = _("Nøkkelen er laget. Registrer den offentlige delen, og prøv den.")
    else:
        text = _("Klient-ID fra Digdirs selvbetjening, og en nøkkel å signere med.")
    return Step(
        "maskinporten",
        _("Klient og nøkkel i Maskinporten"),
        text,
        is_done=not key.trouble if key else by_settings(),
        href=reverse("clients:setup-maskinporten"),
        verb=_("Se nøkkelen") if key else _("Sett opp Maskinporten"),
    )


def _system() -> Step:
    ours = SystemRegistration.objects.filter(pk=ONLY).first()
    is_done = bool(ours and ours.registered_at)
    text = _("Altinn må kjenne systemet før noen kan gi det tilgang.")
    if ours:
        text = ours.trouble or ours.system_id
    return Step(
        "system",
        _("Registrer systemet i Altinn"),
        text,
        is_done=is_done,
        href=reverse("clients:setup-system"),
        verb=_("Se registreringen") if is_done else _("Registrer systemet"),
    )


def _system_users() -> Step:
    waiting = SystemUserRequest.objects.waiting().count()
    in_use = SystemUser.objects.usable().count()
    if in_use:
        text = ngettext("%(n)s systembruker i bruk.", "%(n)s systembrukere i bruk.", in_use)
        text %= {"n": in_use}
    elif waiting:
        text = _("Venter på at firmaet godkjenner i Altinn.")
    else:
        text = _("Be om én for hvert fagområde, eller én for alt. Firmaet godkjenner i Altinn.")
    return Step(
        "system-users",
        _("Systembruker for firmaet"),
        text,
        is_done=in_use > 0,
        href=reverse("clients:setup-requests"),
        verb=_("Se systembrukerne") if in_use or waiting else _("Be om systembruker"),
    )


def _clients() -> Step:
    count = Client.objects.active().filter(is_firm=False).count()
    text = _("Klientene finnes i Enhetsregisteret, eller hentes fra en fil.")
    if count:
        text = ngettext("%(n)s klient.", "%(n)s klienter.", count) % {"n": count}
    return Step(
        "clients",
        _("Finn klientene"),
        text,
        is_done=count > 0,
        href=reverse("clients:finding"),
        verb=_("Finn klienter"),
        may_pass=True,
    )


def _adding() -> Step:
    clients = Client.objects.active().filter(is_firm=False)
    read = Access.objects.current().filter(party__client=OuterRef("pk"))
    counts = clients.aggregate(total=Count("pk"), read=Count("pk", filter=Exists(read)))
    text = _(
        "En systembruker ser bare klientene som er lagt til den. Koble til med ID-porten, så "
        "legger portalen dem til."
    )
    if counts["read"]:
        text = _("%(n)s av %(all)s klienter kan leses.")
        text %= {"n": counts["read"], "all": counts["total"]}
    return Step(
        "adding",
        _("Legg klientene til systembrukeren"),
        text,
        is_done=counts["read"] > 0,
        href=reverse("clients:adding"),
        verb=_("Legg til klienter"),
    )


def _responsibles() -> Step:
    counted = Client.objects.active().filter(is_firm=False)
    counts = counted.aggregate(
        total=Count("pk"), without=Count("pk", filter=Q(responsible__isnull=True))
    )
    text = _("Nye dialoger går til klientansvarlig.")
    if counts["total"] and counts["without"]:
        text = _("%(n)s av %(all)s klienter mangler klientansvarlig.")
        text %= {"n": counts["without"], "all": counts["total"]}
    elif counts["total"]:
        text = _("Alle klientene har klientansvarlig.")
    return Step(
        "responsibles",
        _("Sett klientansvarlige"),
        text,
        is_done=counts["total"] > 0 and counts["without"] == 0,
        href=f"{reverse('clients:list')}?ansvarlig=ingen",
        verb=_("Se hvem som mangler"),
        may_pass=True,
    )


def _staff() -> Step:
    others = User.objects.filter(is_active=True).exclude(role=User.Role.ADMIN).count()
    text = _("Legg til kollegene, med rolle. Serverens drifter kjører «manage.py add_staff».")
    if others:
        text = ngettext("%(n)s kollega er lagt til.", "%(n)s kolleger er lagt til.", others)
        text %= {"n": others}
    return Step(
        "staff",
        _("Inviter ansatte"),
        text,
        is_done=others > 0,
        may_pass=True,
    )


def _reading() -> Step:
    counts = Access.objects.current().aggregate(
        total=Count("pk"), loaded=Count("pk", filter=Q(loaded_at__isnull=False))
    )
    text = _("Begynner av seg selv når en systembruker ser en klient.")
    if counts["total"]:
        text = _("%(n)s av %(all)s enheter er hentet. Du kan gå fra siden.")
        text %= {"n": counts["loaded"], "all": counts["total"]}
    return Step(
        "reading",
        _("Første henting"),
        text,
        is_done=counts["total"] > 0 and counts["loaded"] == counts["total"],
        href=reverse("clients:system-users"),
        verb=_("Se systembrukerne"),
    )
