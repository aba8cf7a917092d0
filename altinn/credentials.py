"""Which credential an address inside a dialog may be sent, and which never.

Every address in a dialog is somebody else's input. It is compared with our neighbours' own
addresses, host and path; anything else is for the browser of a person, who logs in there.

Source: altinn-correspondence da785168, altinn-dialogporten-adapter e09798f0, altinn-storage
d9364e40, Nav's repositories; read 2026-08.
"""

from enum import StrEnum
from urllib.parse import unquote, urlsplit

from altinn.environment import Environment
from altinn.http import is_below


class Credential(StrEnum):
    DIALOG = "DIALOG"  # the dialog token
    CORRESPONDENCE = "CORRESPONDENCE"  # exchanged, altinn:correspondence.read
    INSTANCES = "INSTANCES"  # exchanged, altinn:instances.read
    NAV_SYKEPENGER = "NAV_SYKEPENGER"  # raw, one scope alone
    NAV_FORELDREPENGER = "NAV_FORELDREPENGER"
    NAV_DOKUMENTPORTEN = "NAV_DOKUMENTPORTEN"
    BROWSER = "BROWSER"  # none: a person opens it in their own browser


# By credential: the scopes to ask Maskinporten for, and whether Altinn exchanges the token.
SCOPES: dict[Credential, tuple[tuple[str, ...], bool]] = {
    Credential.CORRESPONDENCE: (("altinn:correspondence.read",), True),
    Credential.INSTANCES: (("altinn:instances.read",), True),
    Credential.NAV_SYKEPENGER: (("nav:helseytelser/sykepenger",), False),
    Credential.NAV_FORELDREPENGER: (("nav:inntektsmelding/foreldrepenger",), False),
    Credential.NAV_DOKUMENTPORTEN: (("nav:syfo/dokumentporten",), False),
}


def for_file(url: str, environment: Environment) -> Credential:
    """What an attachment's address may be sent."""
    platform = environment.platform_url
    below = {
        f"{platform}/storage/dialogporten": Credential.DIALOG,
        f"{platform}/storage/api": Credential.INSTANCES,
        f"{platform}/correspondence/api": Credential.CORRESPONDENCE,
        environment.nav_sykepenger_url: Credential.NAV_SYKEPENGER,
        environment.nav_foreldrepenger_url: Credential.NAV_FORELDREPENGER,
        environment.nav_dokumentporten_url: Credential.NAV_DOKUMENTPORTEN,
    }
    if is_below(url, f"{platform}/authentication"):
        return Credential.BROWSER
    found = (credential for base, credential in below.items() if is_below(url, base))
    return next(found, Credential.BROWSER)


def may_have_dialog_token(url: str, environment: Environment) -> bool:
    """Whether embedded content may be fetched there, or a button pressed: an allow-listed host."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    name = host if port in (None, usual) else f"{host}:{port}"
    is_plain = parts.scheme == "http" and host not in {"127.0.0.1", "::1", "localhost"}
    if "@" in parts.netloc or usual is None or is_plain or name not in environment.content_hosts:
        return False
    path = unquote(parts.path).lower()
    is_odd = "//" in path or "\\" in path or "/../" in f"{path}/"
    plain = parts._replace(path=path).geturl()
    return not is_odd and not is_below(plain, f"{environment.platform_url}/authentication")
