"""Which of an attachment's addresses is used: one that we have a credential for, else a link.

Several addresses are one document in several forms. An address wrapped in a log-in is never called;
what it says of an app's file is looked up in that app's instance, which has the address to fetch.

Source: altinn-dialogporten-adapter e09798f0, navikt/hag-dialog e65a4b5e, read 2026-08.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from altinn.credentials import Credential, for_file
from altinn.details import Attachment, AttachmentUrl
from altinn.environment import Environment, origin
from altinn.instances import instance_in
from altinn.wire import ConsumerType, text
from dialogs.files import kinds, names

UNAUTHORIZED = "urn:dialogporten:unauthorized"
EXPIRED = "urn:dialogporten:expired"
_FOR_PEOPLE_FIRST = {ConsumerType.GUI: 0, ConsumerType.UNKNOWN: 1, ConsumerType.API: 2}


@dataclass(frozen=True)
class Link:
    """An address that a person opens in their own browser. `where` is «Nav» or a host name."""

    url: str
    where: str


@dataclass(frozen=True)
class Source:
    """An address we fetch from, and what it is sent."""

    url: str
    credential: Credential
    media_type: str | None


@dataclass(frozen=True)
class Choice:
    """How a document is reached: by us, in the browser, both or neither."""

    source: Source | None
    link: Link | None
    is_for_machines: bool


def choose(attachment: Attachment, environment: Environment) -> Choice:
    urls = sorted(attachment.urls, key=lambda one: _FOR_PEOPLE_FIRST[one.consumer_type])
    name = name_of(attachment)
    usable = [one for one in urls if not one.url.startswith("urn:")]
    fetched = next((one for one in usable if _is_file(one, name, environment)), None)
    source = None
    if fetched:
        credential = credential_for(fetched.url, environment)
        source = Source(fetched.url, credential, fetched.media_type)
    link = next(_links(usable, fetched, environment), None)
    return Choice(source, link, _is_for_machines(fetched, link, name))


def credential_for(url: str, environment: Environment) -> Credential:
    """Return what an address is sent; an app's file, also behind a log-in, is asked Storage for."""
    credential = for_file(url, environment)
    if credential not in (Credential.BROWSER, Credential.INSTANCES):
        return credential
    place = instance_in(url, environment)
    return Credential.INSTANCES if place and place.data_id else Credential.BROWSER


def name_of(attachment: Attachment) -> str:
    """Return what the attachment is called, as it may be shown and saved."""
    return names.safe(text(attachment.display_name) or attachment.name or "")


def link_to(url: str, environment: Environment) -> Link | None:
    """Return a link to an address somebody else has written, if it is one to a page at all."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        is_ours = origin(url) == origin(environment.platform_url)
    except ValueError:  # no address, or no host that there can be
        return None
    is_odd = "@" in parts.netloc or "\\" in url or any(letter <= " " for letter in url)
    if not host or is_odd or (parts.scheme != "https" and not is_ours):
        return None
    known = {"nav.no": _("Nav"), "altinn.no": _("Altinn")}
    named = (name for end, name in known.items() if host == end or host.endswith(f".{end}"))
    return Link(url, next(named, host))


def _is_file(one: AttachmentUrl, name: str, environment: Environment) -> bool:
    """Tell a file of ours to fetch from a page: that is HTML for people, without a file name."""
    if credential_for(one.url, environment) is Credential.BROWSER:
        return False
    is_html = (one.media_type or "").partition(";")[0].strip().lower() == "text/html"
    is_for_people = one.consumer_type is ConsumerType.GUI
    return not (is_html and is_for_people and not names.extension_of(name))


def _links(
    urls: list[AttachmentUrl], fetched: AttachmentUrl | None, environment: Environment
) -> Iterator[Link]:
    """Return what people can open. An address for machines is one only where there is no other."""
    for one in urls:
        is_known = credential_for(one.url, environment) is not Credential.BROWSER
        is_page = one.consumer_type is not ConsumerType.API or fetched is None
        if one is fetched or (is_known and fetched) or not is_page:
            continue
        if link := link_to(one.url, environment):
            yield link


def _is_for_machines(fetched: AttachmentUrl | None, link: Link | None, name: str) -> bool:
    if fetched is None or fetched.consumer_type is not ConsumerType.API:
        return False
    kind = kinds.by_name(name, fetched.media_type)
    return kind.is_for_machines or link is not None
