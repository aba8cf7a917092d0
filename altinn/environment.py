"""Which Altinn we talk to: every address that differs between test and production."""

import ipaddress
from dataclasses import dataclass, fields
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

# Where a production token may go. One of these among test addresses is a mistake.
_PRODUCTION_HOSTS = frozenset(
    {
        "maskinporten.no",
        "platform.altinn.no",
        "am.ui.altinn.no",
        "idporten.no",
        "login.idporten.no",
    }
)

# Never sent a token of Altinn's: the Brønnøysund register is open data and the same for every
# environment, and Nav has hosts of its own.
_ELSEWHERE = frozenset(
    {
        "enhetsregisteret_url",
        "nav_sykepenger_url",
        "nav_foreldrepenger_url",
        "nav_dokumentporten_url",
    }
)


@dataclass(frozen=True)
class Environment:
    """One Altinn with Maskinporten and ID-porten. Immutable, so that tokens of two never meet.

    URLs are kept without a trailing slash, except `maskinporten_issuer`, which is the issuer's
    id and is sent as it stands. `access_management_url` is Altinn's own pages: where a person
    approves a system user. `content_hosts` are host names (with `:port` where it is not
    the usual one) that may be sent a dialog token: embedded content, and buttons that are pressed.

    Raises:
        ValueError: an address is not https (http is fine on this machine only), has user-info,
            a query or a fragment, or production and test addresses are mixed.
    """

    name: str
    maskinporten_issuer: str  # «https://test.maskinporten.no/», with its slash
    maskinporten_token_url: str
    platform_url: str
    dialogporten_url: str  # …/dialogporten
    events_url: str  # …/events/api/v1
    enhetsregisteret_url: str
    idporten_issuer: str  # «https://test.idporten.no»; its tokens and keys are below it
    idporten_login_url: str  # «https://login.test.idporten.no», where browsers are sent
    access_management_url: str  # «https://am.ui.tt02.altinn.no»
    nav_sykepenger_url: str = "https://sykepenger-api.nav.no"
    nav_foreldrepenger_url: str = "https://foreldrepenger-inntektsmelding-api.ekstern.nav.no"
    nav_dokumentporten_url: str = "https://syfo-dokumentporten.ekstern.nav.no"
    content_hosts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        hosts = set()
        for field in _url_fields():
            url = _checked_url(field, getattr(self, field))
            if field != "maskinporten_issuer":
                object.__setattr__(self, field, url.geturl().rstrip("/"))
            if field not in _ELSEWHERE:
                hosts.add(url.hostname)
        if hosts & _PRODUCTION_HOSTS and not hosts <= _PRODUCTION_HOSTS:
            others = ", ".join(sorted(str(host) for host in hosts - _PRODUCTION_HOSTS))
            raise ValueError(
                f"{self.name}: production addresses are mixed with {others}. "
                "Use only production addresses, or none."
            )
        object.__setattr__(self, "content_hosts", frozenset(map(_checked_host, self.content_hosts)))

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """The same as calling the class: the check is always made."""
        return cls(**values)

    @property
    def token_origins(self) -> frozenset[str]:
        """The origins (`https://host:port`) that may be sent a token of this environment."""
        return frozenset(map(origin, (self.platform_url, self.dialogporten_url, self.events_url)))


def origin(url: str) -> str:
    """Scheme, host and port of a URL, with the port always there."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _url_fields() -> list[str]:
    return [field.name for field in fields(Environment) if field.name.endswith(("_url", "_issuer"))]


def _checked_url(field: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise ValueError(f"{field}: not a URL. Give it as https://host/path") from exc
    if not host or url != url.strip() or any(letter <= " " for letter in url):
        raise ValueError(f"{field}: no host, or spaces in it. Give it as https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        raise ValueError(
            f"{field}: must start with https://. Plain http is for this machine only "
            "(127.0.0.1, ::1, localhost)."
        )
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{field}: must not hold a user name or password. Remove what is before @")
    if "?" in url or "#" in url:
        raise ValueError(f"{field}: must not have a query or a fragment. Remove it from ? or #")
    return parts


def _checked_host(host: str) -> str:
    if not host or any(letter in host for letter in "/@?# "):
        raise ValueError(f"content_hosts: {host!r} is not a host name. Leave out https:// and path")
    return host.lower()


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback


PRODUCTION = Environment(
    name="production",
    maskinporten_issuer="https://maskinporten.no/",
    maskinporten_token_url="https://maskinporten.no/token",  # noqa: S106 -- an address
    platform_url="https://platform.altinn.no",
    dialogporten_url="https://platform.altinn.no/dialogporten",
    events_url="https://platform.altinn.no/events/api/v1",
    enhetsregisteret_url="https://data.brreg.no/enhetsregisteret/api",
    idporten_issuer="https://idporten.no",
    idporten_login_url="https://login.idporten.no",
    access_management_url="https://am.ui.altinn.no",
    content_hosts=frozenset({"platform.altinn.no"}),
)

TT02 = Environment(
    name="tt02",
    maskinporten_issuer="https://test.maskinporten.no/",
    maskinporten_token_url="https://test.maskinporten.no/token",  # noqa: S106 -- an address
    platform_url="https://platform.tt02.altinn.no",
    dialogporten_url="https://platform.tt02.altinn.no/dialogporten",
    events_url="https://platform.tt02.altinn.no/events/api/v1",
    enhetsregisteret_url="https://data.brreg.no/enhetsregisteret/api",
    idporten_issuer="https://test.idporten.no",
    idporten_login_url="https://login.test.idporten.no",
    access_management_url="https://am.ui.tt02.altinn.no",
    content_hosts=frozenset({"platform.tt02.altinn.no"}),
)
