"""What the sandbox remembers: parties, system users, services and dialogs.

Times are stamps (see `clock`). Parts of a dialog are kept in the shape they are sent in.
"""

from typing import Any

import msgspec

Json = dict[str, Any]
Texts = dict[str, str]  # language code to text

STATUSES = ("NotApplicable", "Draft", "InProgress", "RequiresAttention", "Awaiting", "Completed")
LABELS = ("Default", "Bin", "Archive", "MarkedAsUnopened", "Sent")
PLACES = LABELS[:3]  # exactly one of these is on a dialog
UNAUTHORIZED = "urn:dialogporten:unauthorized"
EXPIRED = "urn:dialogporten:expired"
EMBED = "application/vnd.dialogporten.frontchannelembed-url;type=text/markdown"
FROM_PARTY = ("Submission", "Correction")
LEVEL = 3  # the authentication level of every system user


class Party(msgspec.Struct, kw_only=True):
    urn: str
    orgnr: str  # empty for a person
    name: str
    party_id: int
    uuid: str
    kind: str = "Organization"
    parent: str | None = None  # the main unit's URN
    is_deleted: bool = False
    date_of_birth: str | None = None
    form: str = "AS"
    has_employees: bool = True
    weight: float = 1.0  # how much post it gets, against others


class SystemUser(msgspec.Struct, kw_only=True):
    id: str
    owner: str  # organisation number
    external_ref: str
    kind: str  # agent or standard
    name: str
    parties: set[str]
    resources: set[str] | None = None  # None: all
    is_deleted: bool = False
    # Of one that a request was approved for; what it sees is worked out from these, see `rights`.
    system: str = ""
    packages: list[str] = []
    rights: list[str] = []  # resource ids
    clients: set[str] = set()  # of an agent: the main units added to it
    by_party: dict[str, frozenset[str]] = {}  # services, where they are not the same for all
    title: str = ""
    created: int = 0

    def may_use(self, party: str, resource: str) -> bool:
        """Tell whether a service of a party's is open to it."""
        if self.is_deleted or party not in self.parties:
            return False
        allowed = self.by_party.get(party, self.resources)
        return allowed is None or resource in allowed


class Service(msgspec.Struct, kw_only=True):
    urn: str
    kind: str
    owner_code: str
    owner_orgnr: str
    owner_name: str
    name: str
    category: str = ""
    minimum_level: int = 3
    allows_subscribing: bool = True


class Seen(msgspec.Struct, kw_only=True):
    id: str
    at: int
    actor: Json
    key: str  # who, the same for every entry of theirs
    via_service_owner: bool = False
    since_start: bool = True  # False: came with the world


class Parts(msgspec.Struct, kw_only=True):
    """What only the details carry; `content` is the Markdown behind the main reference."""

    attachments: list[Json] = []
    transmissions: list[Json] = []
    gui_actions: list[Json] = []
    api_actions: list[Json] = []
    activities: list[Json] = []
    content: str = ""
    content_urls: Texts = {}  # of the main reference, by language
    content_type: str = EMBED
    extra: Json = {}  # fields of the details that nothing here makes
    lookup: Json = {}  # fields of the lookup in place of the usual ones


class Dialog(msgspec.Struct, kw_only=True):
    id: str
    number: int
    revision: str
    party: str
    resource: str
    kind: str
    org: str
    status: str = "NotApplicable"
    extended_status: str | None = None
    title: Texts | None = None  # None: no content at all
    summary: Texts | None = None
    sender: Texts | None = None
    label: Texts | None = None  # content.extendedStatus
    additional_info: Texts | None = None
    additional_info_type: str = "text/markdown"
    public_title: Texts | None = None  # shown where the reader's level is too low
    process: str | None = None
    preceding_process: str | None = None
    progress: int | None = None
    external_reference: str | None = None
    created: int = 0
    updated: int = 0
    content_updated: int = 0
    due: int | None = None
    visible_from: int | None = None
    expires: int | None = None
    deleted: int | None = None
    is_api_only: bool = False
    is_list_only: bool = False  # listed, but its actions and transmissions are masked
    place: str = "Default"
    is_marked: bool = False  # MarkedAsUnopened
    is_sent: bool = False
    context_revision: str = ""
    label_log: list[Json] = []
    content_seen: bool = False
    seen: list[Seen] = []
    template: str | None = None
    values: Texts = {}
    instance_ref: str | None = None
    parts: Parts | None = None  # None: as its template says, made when asked for
    item: bytes | None = None
    own_items: dict[str, bytes] = {}
    words: str | None = None

    @property
    def labels(self) -> list[str]:
        found = [self.place]
        if self.is_marked:
            found.append("MarkedAsUnopened")
        if self.is_sent:
            found.append("Sent")
        return found


def localized(texts: Texts) -> list[Json]:
    """Write texts by language, sorted by language code."""
    return [{"value": texts[code], "languageCode": code} for code in sorted(texts)]


def content_value(texts: Texts, media_type: str = "text/plain") -> Json:
    return {"value": localized(texts), "mediaType": media_type}


def has_unopened(dialog: Dialog, parts: Parts) -> bool:
    """Tell whether the service owner has something it has not reported as opened."""
    if dialog.kind == "correspondenceservice":
        return all(activity["type"] != "CorrespondenceOpened" for activity in parts.activities)
    return any(
        not sent["isOpened"] and sent["type"] not in FROM_PARTY for sent in parts.transmissions
    )
