"""Maskinporten's refusals, with what an administrator can do about each."""

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from altinn.errors import AltinnError, KeyExpired, NoSystemUser, TokenRefused, error_in
from altinn.problems import UNREADABLE

_CODE = re.compile(r"\bMP-\d{3}\b")
_CORRELATION = re.compile(r"correlation id:?\s*([\w-]+)", re.IGNORECASE | re.ASCII)
_CLOCK = re.compile(r"issue time is after now", re.IGNORECASE)
_NO_SYSTEM_USER = "invalid_altinn_customer_configuration"

_WRONG_CLIENT = (
    "Maskinporten kjenner ikke klienten. Kontroller klient-ID-en, og at den hører til samme "
    "miljø (test eller produksjon) som adressene."
)
_WRONG_CERTIFICATE = (
    "Signaturen ble ikke godtatt. Kontroller at den offentlige nøkkelen er registrert på klienten "
    "i Digdirs selvbetjening, med samme kid."
)
_WRONG_CLOCK = "Klokken på serveren går feil. Slå på tidssynkronisering (NTP)."
_NO_SCOPE = (
    "Klienten mangler et scope. Legg det til på integrasjonen i Digdirs selvbetjening, "
    "og kontroller at integrasjonstypen er riktig."
)
_SCOPE_NOT_GIVEN = (
    "Tilgangen til et scope er ikke gitt. Be eieren av scopet om tilgang. "
    "Tilganger i produksjon gjelder ikke i test."
)
_OUR_MISTAKE = "Feil i portalen. Meld fra til leverandøren, og oppgi sporings-ID-en."
_UNKNOWN = (
    "Maskinporten ga ikke tilgang. Kontroller oppsettet av klienten i Digdirs selvbetjening, "
    "og oppgi sporings-ID-en hvis du trenger hjelp."
)

ADVICE = {
    "MP-010": _OUR_MISTAKE,
    "MP-011": _OUR_MISTAKE,
    "MP-012": _OUR_MISTAKE,
    "MP-100": _WRONG_CLIENT,
    "MP-110": "Miljøene er blandet. Bruk adressene til test eller til produksjon, ikke begge.",
    "MP-120": _WRONG_CERTIFICATE,
    "MP-121": (
        "Nøkkelen i Maskinporten er utløpt. Registrer den på nytt, eller en ny, i Digdirs "
        "selvbetjening. En nøkkel gjelder i ett år."
    ),
    "MP-122": _WRONG_CERTIFICATE,
    "MP-123": _WRONG_CERTIFICATE,
    "MP-124": _WRONG_CERTIFICATE,
    "MP-130": _WRONG_CLOCK,
    "MP-200": _NO_SCOPE,
    "MP-201": _NO_SCOPE,
    "MP-250": _SCOPE_NOT_GIVEN,
    "MP-251": _SCOPE_NOT_GIVEN,
    "MP-301": _OUR_MISTAKE,
    "MP-302": _OUR_MISTAKE,
    "MP-303": (
        "Systembrukeren er ikke godkjent, eller godkjenningen er trukket tilbake. Send en ny "
        "forespørsel, og be firmaets tilgangsstyrer om å godkjenne den i Altinn. Kontroller også "
        "at organisasjonsnummeret er firmaets og ikke kundens."
    ),
}


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    error: object = None
    error_description: object = None


_refusal = msgspec.json.Decoder(_Refusal)


def token_error_in(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str, now: datetime
) -> AltinnError:
    """What a failed answer from Maskinporten's token endpoint means: code first, status last.

    `error_description` holds the code and a correlation id, mostly: some refusals have no code.
    Source: Digdir's documentation of Maskinporten, read 2026-08.
    """
    error, description = _said(body)
    code = _code(error, description)
    if not code and (status not in range(400, 500) or status in (408, 429)):
        answer = error_in(status, headers, body, url=url, now=now)
        if answer:
            return answer
    kind = {"MP-303": NoSystemUser, "MP-121": KeyExpired}.get(code, TokenRefused)
    correlation = _CORRELATION.search(description)
    return kind(
        description or error or "Maskinporten gave no token",
        code=code,
        advice=_WRONG_CLOCK if _CLOCK.search(description) else ADVICE.get(code, _UNKNOWN),
        status=status,
        url=url,
        trace_id=correlation[1] if correlation else None,
    )


def _said(body: bytes) -> tuple[str, str]:
    try:
        refusal = _refusal.decode(body)
    except UNREADABLE:
        return "", ""
    error, description = refusal.error, refusal.error_description
    return (
        error if isinstance(error, str) else "",
        description if isinstance(description, str) else "",
    )


def _code(error: str, description: str) -> str:
    if match := _CODE.search(description):
        return match[0]
    return "MP-303" if error == _NO_SYSTEM_USER else ""
