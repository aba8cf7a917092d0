"""The keys the portal signs with: made or taken in, tried at Maskinporten, and changed in time.

A registered key lives for a year, so two are held at once while one follows the other. The private
part is sealed at rest, leaves the database only to sign, and is wiped when the key is retired.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from altinn.errors import AltinnError, TokenRefused
from altinn.grants import Grant
from altinn.http import open_http
from altinn.keys import Key, new_key
from altinn.maskinporten import Maskinporten, MemoryTokenCache
from clients import connect
from clients.advice import advice_for
from clients.models import ONLY, VendorClient, VendorKey, a_year_after
from staff import audit
from staff.models import User
from staff.sealing import seal

State = VendorKey.State
WARN_AT_DAYS = (30, 14, 3)
LARGEST_JWK = 20_000  # characters; a key of 4096 bits takes some 3,300

# Every scope the portal uses. Source: platform documentation of each API, read 2026-08.
SCOPES = (
    *connect.VENDOR,
    *connect.DIALOGS,
    *connect.EVENTS,
    *connect.AUTHORIZED_PARTIES,
    "altinn:correspondence.read",
    "altinn:instances.read",
)
_SCOPE_CODES = frozenset({"MP-200", "MP-201", "MP-250", "MP-251"})
_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def by_settings() -> bool:
    """Whether the server's settings hold a client and a key, used until there is one here."""
    return bool(settings.MASKINPORTEN_CLIENT_ID and settings.MASKINPORTEN_JWK)


def set_client(
    *, client_id: str, vendor_orgnr: str, actor: User | None, now: datetime
) -> VendorClient:
    """Say which client at Maskinporten is ours. Its keys stay."""
    with transaction.atomic():
        before = VendorClient.objects.select_for_update().filter(pk=ONLY).first()
        facts = {"client_id": client_id, "vendor_orgnr": vendor_orgnr}
        if before and facts == {name: getattr(before, name) for name in facts}:
            return before
        client, _is_new = VendorClient.objects.update_or_create(pk=ONLY, defaults=facts)
        audit.record(actor=actor, act="vendor client set", about="vendor client", now=now, **facts)
    return client


def make_key(client: VendorClient, *, actor: User | None, now: datetime) -> VendorKey:
    """Make a key in the portal, to be registered at Maskinporten.

    Raises:
        ValidationError: there is a next key already.
    """
    return _add(client, new_key(), act="vendor key made", actor=actor, now=now)


def take_key(client: VendorClient, jwk: str, *, actor: User | None, now: datetime) -> VendorKey:
    """Take in a key that was made elsewhere.

    Raises:
        ValidationError: it is not a private RSA key that Maskinporten takes, or there is a next
            key already. The text never quotes the key.
    """
    return _add(client, read_jwk(jwk), act="vendor key uploaded", actor=actor, now=now)


def read_jwk(text: str) -> Key:
    """Read a private JWK as somebody pastes it.

    Raises:
        ValidationError: a sentence says what is wrong with it, and what to do.
    """
    parts = _parts_of(text)
    _check_kind(parts)
    try:
        return Key.from_jwk(parts)
    except ValueError as exc:
        weak = "bits" in str(exc)
        message = (
            _("Nøkkelen er for kort. Maskinporten krever minst 2048 bit. Lag en ny på 3072 bit.")
            if weak
            else _("Nøkkelen er ødelagt eller ufullstendig. Hent den på nytt der den ble laget.")
        )
        raise ValidationError(message, code="weak" if weak else "broken") from None


def _parts_of(text: str) -> dict[str, Any]:
    if "-----BEGIN" in text:
        message = _("Dette er PEM. Portalen tar nøkkelen som JWK: et JSON-objekt med «kty», «d»…")
        raise ValidationError(message, code="pem")
    try:
        parts = json.loads(text[: LARGEST_JWK + 1])
    except (ValueError, RecursionError):
        message = _("Dette er ikke JSON. Lim inn hele nøkkelen, med krøllparentesene.")
        raise ValidationError(message, code="json") from None
    if isinstance(parts, dict) and isinstance(parts.get("keys"), list):
        parts = parts["keys"][0] if len(parts["keys"]) == 1 else None
    if not isinstance(parts, dict):
        message = _("Lim inn én nøkkel, ikke en liste med flere.")
        raise ValidationError(message, code="many")
    return parts


def _check_kind(parts: dict[str, Any]) -> None:
    if parts.get("kty") != "RSA":
        message = _("Nøkkelen er ikke av typen RSA. Maskinporten tar bare RSA (RS256).")
        raise ValidationError(message, code="kind")
    if not parts.get("d"):
        message = _(
            "Dette er den offentlige delen. Portalen må ha den private (med «d») for å signere; "
            "den offentlige legges inn i Digdirs selvbetjening."
        )
        raise ValidationError(message, code="public")
    if not isinstance(parts.get("kid"), str) or not parts["kid"]:
        message = _("Nøkkelen mangler «kid». Legg til den den er registrert med i Maskinporten.")
        raise ValidationError(message, code="kid")
    if parts.get("use", "sig") != "sig" or parts.get("alg", "RS256") not in (
        "RS256",
        "RS384",
        "RS512",
    ):
        message = _("Nøkkelen er laget til noe annet enn signering («use» eller «alg»).")
        raise ValidationError(message, code="use")


def _add(
    client: VendorClient, key: Key, *, act: str, actor: User | None, now: datetime
) -> VendorKey:
    public = key.public_jwk()
    if _PRIVATE_PARTS & set(public):
        raise AssertionError("A public key holds a private part")
    with transaction.atomic():
        VendorClient.objects.select_for_update().get(pk=client.pk)
        if VendorKey.objects.filter(kid=key.kid).exists():
            message = _("Denne nøkkelen (kid) er her allerede. Bruk en ny.")
            raise ValidationError(message, code="taken")
        if client.keys.filter(state=State.NEXT).exists():
            message = _("Det ligger en neste nøkkel her. Ta den i bruk, eller forkast den først.")
            raise ValidationError(message, code="next")
        added = VendorKey.objects.create(
            client=client,
            kid=key.kid,
            public_jwk=public,
            sealed_private=seal(json.dumps(key.private_jwk()).encode()),
            made_at=now,
        )
        audit.record(actor=actor, act=act, about=f"vendor key {added.pk}", now=now, kid=key.kid)
    return added


@dataclass(frozen=True)
class Tried:
    """What Maskinporten answered a key."""

    trouble: str = ""  # empty: the key works
    missing: list[str] = field(default_factory=list)  # scopes the client lacks

    @property
    def works(self) -> bool:
        return not self.trouble


def try_key(
    key: VendorKey, *, registered_on: date | None, actor: User | None, now: datetime
) -> Tried:
    """Ask for a token of each scope, and remember the answer. The first key that works is used.

    Raises:
        NotConfigured: the key's private part cannot be opened.
    """
    tried = _ask_for_tokens(key)
    if not tried.works:
        VendorKey.objects.filter(pk=key.pk).update(trouble=tried.trouble[:1000])
        return tried
    with transaction.atomic():
        VendorClient.objects.select_for_update().get(pk=key.client_id)
        key.refresh_from_db()
        key.tested_at, key.trouble = now, ""
        registered = registered_on or key.registered_on or timezone.localdate(now)
        key.registered_on, key.expires_on = registered, a_year_after(registered)
        key.save(update_fields=["tested_at", "trouble", "registered_on", "expires_on"])
        about = f"vendor key {key.pk}"
        audit.record(actor=actor, act="vendor key tested", about=about, now=now, kid=key.kid)
        is_first = not key.client.keys.filter(state=State.CURRENT).exists()
        if is_first and key.state == State.NEXT:
            _use(key, actor=actor, now=now)
    return tried


def _ask_for_tokens(key: VendorKey) -> Tried:
    """Ask scope by scope, past every cache, so that each missing one can be named."""
    missing = []
    opened = connect.opened(key)
    with open_http() as http:
        maskinporten = Maskinporten(
            settings.ALTINN, key.client.client_id, opened, MemoryTokenCache(), http
        )
        for scope in SCOPES:
            try:
                maskinporten.token(Grant(scopes=(scope,)))
            except TokenRefused as exc:
                if exc.code not in _SCOPE_CODES:
                    return Tried(_sentence(exc))
                missing.append(scope)
            except AltinnError as exc:
                return Tried(_sentence(exc))
    return Tried(missing=missing)


def _sentence(exc: AltinnError) -> str:
    advice = advice_for(exc)
    code = getattr(exc, "code", "")
    return f"{advice.text} {advice.next_step}{f' ({code})' if code else ''}"


def switch(key: VendorKey, *, actor: User | None, now: datetime) -> None:
    """Sign with the next key from now on; the current one is retired and its private part wiped.

    Raises:
        ValidationError: Maskinporten has not given it a token yet, or it is not the next one.
    """
    with transaction.atomic():
        VendorClient.objects.select_for_update().get(pk=key.client_id)
        key.refresh_from_db()
        if key.state != State.NEXT:
            message = _("Nøkkelen er allerede tatt i bruk, eller ute av bruk.")
            raise ValidationError(message, code="state")
        if key.tested_at is None or key.trouble:
            message = _("Prøv nøkkelen mot Maskinporten først, så lesingen ikke stopper.")
            raise ValidationError(message, code="untested")
        _use(key, actor=actor, now=now)


def _use(key: VendorKey, *, actor: User | None, now: datetime) -> None:
    for former in key.client.keys.filter(state=State.CURRENT):
        _retire(former, act="vendor key retired", actor=actor, now=now)
    key.state = State.CURRENT
    key.save(update_fields=["state"])
    about = f"vendor key {key.pk}"
    audit.record(actor=actor, act="vendor key taken into use", about=about, now=now, kid=key.kid)


def discard(key: VendorKey, *, actor: User | None, now: datetime) -> None:
    """Give up a next key before it was used.

    Raises:
        ValidationError: it is in use, or has been.
    """
    with transaction.atomic():
        VendorClient.objects.select_for_update().get(pk=key.client_id)
        key.refresh_from_db()
        if key.state != State.NEXT:
            message = _("Nøkkelen er allerede tatt i bruk, eller ute av bruk.")
            raise ValidationError(message, code="state")
        _retire(key, act="vendor key discarded", actor=actor, now=now)


def _retire(key: VendorKey, *, act: str, actor: User | None, now: datetime) -> None:
    key.state, key.retired_at, key.sealed_private = State.RETIRED, now, b""
    key.save(update_fields=["state", "retired_at", "sealed_private"])
    audit.record(actor=actor, act=act, about=f"vendor key {key.pk}", now=now, kid=key.kid)


_WHEN = {0: gettext_lazy("i dag"), 1: gettext_lazy("i morgen")}


@dataclass(frozen=True)
class Expiring:
    """The key in use, when it is about to stop working or has stopped."""

    key: VendorKey
    days_left: int
    threshold: int  # 30, 14, 3, or 0 once it has expired
    has_next: bool = False

    @property
    def is_expired(self) -> bool:
        return self.days_left < 0

    @property
    def color(self) -> str:
        return "danger" if self.threshold <= WARN_AT_DAYS[-1] else "warning"

    @property
    def text(self) -> str:
        if self.is_expired:
            return _(
                "Nøkkelen hos Maskinporten er utløpt. Portalen kan ikke hente noe før den er "
                "registrert på nytt, eller en ny er tatt i bruk."
            )
        when = _WHEN.get(self.days_left, _("om %(days)s dager")) % {"days": self.days_left}
        if self.has_next:
            text = _("Nøkkelen hos Maskinporten utløper %(when)s. Prøv den neste, og bytt til den.")
        else:
            text = _(
                "Nøkkelen hos Maskinporten utløper %(when)s. Lag den neste, registrer den og bytt, "
                "så stopper ikke lesingen."
            )
        return text % {"when": when}


def keys_expiring(now: datetime) -> list[Expiring]:
    """Return the key in use if it has 30 days left or fewer: what to warn of, and how loudly."""
    today = timezone.localdate(now)
    found = []
    for key in VendorKey.objects.filter(state=State.CURRENT).select_related("client"):
        days = key.days_left(today)
        if days is None or days > WARN_AT_DAYS[0]:
            continue
        reached = [limit for limit in WARN_AT_DAYS if days <= limit]
        has_next = VendorKey.objects.filter(state=State.NEXT).exists()
        found.append(Expiring(key, days, 0 if days < 0 else min(reached), has_next))
    return found
