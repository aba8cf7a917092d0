"""What can be done with an opened dialog, and for what cannot: why, and where instead.

A dialog names its actions twice: as buttons for people and as calls for systems. The rights to
them differ: who receives a letter may press «Bekreft», and may not call confirm. So an action is
offered once, the button first.

Every address is somebody else's input. A press goes only where a token may go; everything else is
a link for the person's own browser, without a token, and only when it is a plain https address.

Source: altinn-correspondence da785168, altinn-dialogporten-adapter e09798f0, hag-dialog e65a4b5e,
fp-inntektsmelding bd2039e9; read 2026-08.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from altinn.correspondence import correspondence_in
from altinn.credentials import may_have_dialog_token
from altinn.details import ApiAction, Details, GuiAction
from altinn.http import is_below
from altinn.wire import DialogStatus, Priority
from dialogs.answering import nav
from dialogs.answering.endpoints import newest
from dialogs.content.language import said
from dialogs.models import Dialog, ServiceAction
from staff.models import User

Kind = ServiceAction.Kind
ORDER = {Priority.PRIMARY: 0, Priority.SECONDARY: 1, Priority.TERTIARY: 2}
OTHERS = 3  # calls come after the buttons


class Way(StrEnum):
    """How something is done."""

    PRESS = "PRESS"  # we send it, after asking once more
    FILL_IN = "FILL_IN"  # a form of ours, then we send it
    LINK = "LINK"  # in the person's own browser
    HAND_OVER = "HAND_OVER"  # in Altinn or with the service owner; we cannot do it
    REFUSED = "REFUSED"  # we may not


@dataclass(frozen=True)
class Offer:
    """One thing that can be done, or that cannot and is named all the same."""

    id: UUID
    way: Way
    kind: Kind
    title: str
    method: str = "GET"
    url: str = ""
    prompt: str = ""
    note: str = ""
    rank: int = OTHERS
    is_destructive: bool = False
    reference: str = ""  # what the form is asked for by
    attribute: str = ""  # which part of the service's policy it needs
    under_way: ServiceAction | None = None  # what has been done with it already

    @property
    def host(self) -> str:
        """The address' host as the wire has it, so that a look-alike letter shows."""
        return host_of(self.url)

    @property
    def is_done_by_us(self) -> bool:
        return self.way in {Way.PRESS, Way.FILL_IN}

    @property
    def is_primary(self) -> bool:
        return self.rank == 0


def offers(dialog: Dialog, details: Details, *, user: User, now: datetime) -> list[Offer]:
    """Return what can be done, the most important first, with what is under way already."""
    del user  # everybody who sees a dialog may act on it; views check that they see it
    found = sorted(_distinct([*_buttons(details), *_calls(details, now=now)]), key=_rank)
    done = {
        (row.action_id, row.revision): row
        for row in dialog.service_actions.blocking().select_related("actor").order_by("pk")
    }
    open_ones = {row.action_id: row for row in done.values() if row.state in row.UNDER_WAY}
    return [
        replace(one, under_way=open_ones.get(one.id) or done.get((one.id, details.revision)))
        for one in found
    ]


def offer_of(offered: list[Offer], action_id: UUID) -> Offer | None:
    """Return the one of these that we do ourselves, or nothing."""
    return next((one for one in offered if one.id == action_id and one.is_done_by_us), None)


def host_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
        return host.encode("idna").decode("ascii")
    except ValueError:
        return ""


def is_link(url: str) -> bool:
    """Whether an address may be given to a browser: plain https, or a stand-in on this machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or any(letter <= " " or letter == "\\" for letter in url):
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.netloc in settings.ALTINN.content_hosts
    )


def _rank(offer: Offer) -> tuple[int, bool]:
    return offer.rank, offer.way == Way.REFUSED


def _distinct(found: list[Offer]) -> Iterator[Offer]:
    """Leave out a call that is a button too: the same address, or the same thing refused."""
    seen: set[tuple[str, str]] = set()
    kinds: set[Kind] = set()
    for one in found:
        is_letters = one.kind in {Kind.CONFIRM, Kind.PURGE}
        if one.is_done_by_us and (one.method, one.url) in seen:
            continue
        if is_letters and one.kind in kinds:
            continue
        if one.way != Way.REFUSED:
            seen.add((one.method, one.url))
        if is_letters:
            kinds.add(one.kind)
        yield one


def _buttons(details: Details) -> Iterator[Offer]:
    """Buttons that we may press come before the refused ones, so that they win over them."""
    made = [_button(action) for action in details.gui_actions]
    yield from sorted(made, key=lambda one: one.way == Way.REFUSED)


def _button(action: GuiAction) -> Offer:
    offer = Offer(
        action.id,
        Way.PRESS,
        kind_of(action.http_method, action.url),
        said(action.title).text or _("Uten tittel"),
        action.http_method.upper(),
        action.url,
        said(action.prompt).text,
        rank=ORDER.get(action.priority, OTHERS),
        is_destructive=action.is_delete_dialog_action or action.http_method.upper() == "DELETE",
        attribute=action.authorization_attribute or "",
    )
    if not action.is_authorized:
        return replace(offer, way=Way.REFUSED)
    if offer.method == "GET":
        if is_link(action.url):
            return replace(offer, way=Way.LINK)
        return replace(offer, way=Way.HAND_OVER, note=_("Adressen kan ikke åpnes trygt herfra."))
    if offer.method not in {"POST", "DELETE"} or not may_have_dialog_token(
        action.url, settings.ALTINN
    ):
        return replace(offer, way=Way.HAND_OVER, note=_not_from_here())
    return offer


def _calls(details: Details, *, now: datetime) -> Iterator[Offer]:
    """Calls that change something. Reading is not an action: the page itself shows what is read."""
    for action in details.api_actions:
        endpoint = newest(action.endpoints)
        if endpoint is None or endpoint.http_method.upper() == "GET":
            continue
        method, url = endpoint.http_method.upper(), endpoint.url
        kind = _kind_of_call(action, method, url)
        offer = Offer(
            action.id,
            Way.PRESS,
            kind,
            _title_of_call(action, kind),
            method,
            url,
            note=_sunset(endpoint.sunset_at, now=now),
            is_destructive=method == "DELETE",
            attribute=action.authorization_attribute or "",
        )
        if not action.is_authorized:
            yield replace(offer, way=Way.REFUSED)
        elif kind in nav.KINDS:
            yield from _nav(offer, details)
        elif _can_be_pressed(offer, endpoint.request_schema):
            yield offer
        else:
            yield replace(offer, way=Way.HAND_OVER, note=_not_from_here())


def _can_be_pressed(offer: Offer, request_schema: str | None) -> bool:
    """Whether a call can be made as a button is: it needs the dialog token alone, and no body.

    Of a kind we do not know, only DELETE needs none for certain.
    """
    is_a_letters = offer.kind in {Kind.CONFIRM, Kind.PURGE}
    needs_no_body = is_a_letters or (offer.method == "DELETE" and not request_schema)
    return needs_no_body and may_have_dialog_token(offer.url, settings.ALTINN)


def _nav(offer: Offer, details: Details) -> Iterator[Offer]:
    """Offer Nav's form while it is asked for.

    The call is never taken out of a dialog for parental leave, so the status tells there. For sick
    leave it is taken out, and stays after a refusal, with another status.
    """
    is_open = details.status == DialogStatus.REQUIRES_ATTENTION
    if offer.kind == Kind.FORELDREPENGER and not is_open:
        return
    reference = nav.reference_in(details, offer.kind)
    if reference:
        yield replace(offer, way=Way.FILL_IN, reference=reference, rank=0)
    else:
        note = _("Forespørselen fra Nav er ikke med i dialogen. Svar på nav.no.")
        yield replace(offer, way=Way.HAND_OVER, note=note)


def kind_of(method: str, url: str) -> Kind:
    """What an address does when it is called so, if it is one of those we know."""
    if correspondence_in(url, settings.ALTINN):
        path = urlsplit(url).path.rstrip("/")
        if method.upper() == "POST" and path.endswith("/confirm"):
            return Kind.CONFIRM
        if method.upper() == "DELETE" and path.endswith("/purge"):
            return Kind.PURGE
    return Kind.BUTTON


def _kind_of_call(action: ApiAction, method: str, url: str) -> Kind:
    named = {"confirmCorrespondence": Kind.CONFIRM, "purgeCorrespondence": Kind.PURGE}
    if not action.is_authorized:  # the address is masked then; the name is all there is
        return named.get(action.name or "", Kind.CALL)
    kind = kind_of(method, url)
    if kind != Kind.BUTTON:
        return kind
    bases = {
        Kind.SYKEPENGER: f"{settings.ALTINN.nav_sykepenger_url}/v1/inntektsmelding",
        Kind.FORELDREPENGER: (
            f"{settings.ALTINN.nav_foreldrepenger_url}/v1/inntektsmelding/send-inn"
        ),
    }
    if method == "POST":
        for nav_kind, base in bases.items():
            if is_below(url, base):
                return nav_kind
    return Kind.CALL


def _title_of_call(action: ApiAction, kind: Kind) -> str:
    known = {Kind.CONFIRM: _("Bekreft"), Kind.PURGE: _("Slett")}
    return known.get(kind) or action.name or action.action or _("Uten tittel")


def _not_from_here() -> str:
    return _("Dette kan ikke gjøres herfra. Gjør det i Altinn.")


def _sunset(at: datetime | None, *, now: datetime) -> str:
    if at is None or at > now:
        return ""
    return _("Tjenesteeieren har varslet at denne adressen er tatt ut av bruk.")
