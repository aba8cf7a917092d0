"""Dialogporten's JSON as frozen structs: strict about what we need, tolerant about the rest.

Unknown fields are ignored and unknown enum values become `UNKNOWN`; a missing list is empty.
Times are aware, in microseconds: Dialogporten's seventh decimal is rounded away.

Source: Dialogporten 1.119.1 (OpenAPI file and source), read 2026-08.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

import msgspec

from altinn.masking import masked

# What fits PostgreSQL's integer: one absurd number must not stop a whole page.
Int = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]

UNAUTHORIZED_URL = "urn:dialogporten:unauthorized"
EXPIRED_URL = "urn:dialogporten:expired"


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all of them share: a `repr` that may stand in a log."""

    def __repr__(self) -> str:
        return masked(super().__repr__())


class TolerantEnum(StrEnum):
    """An enum that takes values it does not know, which its owner may add any day."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        return cls("UNKNOWN") if value != "UNKNOWN" else super()._missing_(value)


class DialogStatus(TolerantEnum):
    NOT_APPLICABLE = "NotApplicable"
    DRAFT = "Draft"
    IN_PROGRESS = "InProgress"
    REQUIRES_ATTENTION = "RequiresAttention"
    AWAITING = "Awaiting"
    COMPLETED = "Completed"
    UNKNOWN = "UNKNOWN"


class SystemLabel(TolerantEnum):
    """Shared by everybody with access. One of DEFAULT, ARCHIVE and BIN is always there."""

    DEFAULT = "Default"
    BIN = "Bin"
    ARCHIVE = "Archive"
    MARKED_AS_UNOPENED = "MarkedAsUnopened"
    SENT = "Sent"
    UNKNOWN = "UNKNOWN"


class ActorType(TolerantEnum):
    PARTY_REPRESENTATIVE = "PartyRepresentative"
    SERVICE_OWNER = "ServiceOwner"
    UNKNOWN = "UNKNOWN"


class ActivityType(TolerantEnum):
    DIALOG_CREATED = "DialogCreated"
    DIALOG_CLOSED = "DialogClosed"
    INFORMATION = "Information"
    TRANSMISSION_OPENED = "TransmissionOpened"
    PAYMENT_MADE = "PaymentMade"
    SIGNATURE_PROVIDED = "SignatureProvided"
    DIALOG_OPENED = "DialogOpened"
    DIALOG_DELETED = "DialogDeleted"
    DIALOG_RESTORED = "DialogRestored"
    SENT_TO_SIGNING = "SentToSigning"
    SENT_TO_FORM_FILL = "SentToFormFill"
    SENT_TO_SEND_IN = "SentToSendIn"
    SENT_TO_PAYMENT = "SentToPayment"
    FORM_SUBMITTED = "FormSubmitted"
    FORM_SAVED = "FormSaved"
    CORRESPONDENCE_OPENED = "CorrespondenceOpened"
    CORRESPONDENCE_CONFIRMED = "CorrespondenceConfirmed"
    UNKNOWN = "UNKNOWN"


class TransmissionType(TolerantEnum):
    INFORMATION = "Information"
    ACCEPTANCE = "Acceptance"
    REJECTION = "Rejection"
    REQUEST = "Request"
    ALERT = "Alert"
    DECISION = "Decision"
    SUBMISSION = "Submission"
    CORRECTION = "Correction"
    UNKNOWN = "UNKNOWN"


class ConsumerType(TolerantEnum):
    GUI = "Gui"
    API = "Api"
    UNKNOWN = "UNKNOWN"


class Priority(TolerantEnum):
    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    TERTIARY = "Tertiary"
    UNKNOWN = "UNKNOWN"


class Localization(Wire, frozen=True, kw_only=True, rename="camel"):
    value: str
    language_code: str = ""  # two letters


def text(
    localizations: Iterable[Localization], languages: tuple[str, ...] = ("nb", "nn", "en")
) -> str:
    """The text in the first of `languages` that has one, else in any language, else empty."""
    texts = [(each.language_code.lower(), each.value) for each in localizations if each.value]
    for language in languages:
        for code, value in texts:
            if code == language:
                return value
    return texts[0][1] if texts else ""


class ContentValue(Wire, frozen=True, kw_only=True, rename="camel"):
    value: tuple[Localization, ...] = ()
    media_type: str = "text/plain"
    is_authorized: bool | None = None  # None: not restricted


class Actor(Wire, frozen=True, kw_only=True, rename="camel"):
    """A person's `actor_id` is not stable: never a key. A service owner mostly has neither."""

    actor_type: ActorType = ActorType.UNKNOWN
    actor_name: str | None = None
    actor_id: str | None = None


class SeenEntry(Wire, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    seen_at: Time
    seen_by: Actor = Actor()
    is_via_service_owner: bool | None = None
    is_current_end_user: bool = False


class Activity(Wire, frozen=True, kw_only=True, rename="camel"):
    """`performed_by` is missing in the list of activities, and only there."""

    id: UUID
    type: ActivityType = ActivityType.UNKNOWN
    created_at: Time | None = None
    extended_type: str | None = None
    transmission_id: UUID | None = None
    performed_by: Actor | None = None
    description: tuple[Localization, ...] = ()


class EndUserContext(Wire, frozen=True, kw_only=True, rename="camel"):
    """`revision` changes with the labels, and with nothing else."""

    revision: UUID | None = None
    system_labels: tuple[SystemLabel, ...] = ()


class ListContent(Wire, frozen=True, kw_only=True, rename="camel"):
    title: ContentValue | None = None
    summary: ContentValue | None = None
    sender_name: ContentValue | None = None
    extended_status: ContentValue | None = None


class SearchItem(Wire, frozen=True, kw_only=True, rename="camel"):
    """One dialog in a list. `content` may be missing where the dialog is for machines only.

    `party` and `service_resource` are URNs; `org` is the service owner's code («skd»).
    """

    id: UUID
    org: str
    service_resource: str
    party: str
    status: DialogStatus
    created_at: Time
    updated_at: Time
    content_updated_at: Time
    service_resource_type: str = ""
    progress: Int | None = None
    process: str | None = None
    preceding_process: str | None = None
    gui_attachment_count: Int | None = None
    extended_status: str | None = None
    external_reference: str | None = None
    due_at: Time | None = None
    has_unopened_content: bool = False
    is_api_only: bool = False
    from_service_owner_transmissions_count: Int = 0
    from_party_transmissions_count: Int = 0
    latest_activity: Activity | None = None
    seen_since_last_update: tuple[SeenEntry, ...] = ()
    seen_since_last_content_update: tuple[SeenEntry, ...] = ()
    is_content_seen: bool = False
    end_user_context: EndUserContext = EndUserContext()
    content: ListContent | None = None

    @property
    def title(self) -> str:
        """The title in the best language, or empty."""
        return text(self.content.title.value) if self.content and self.content.title else ""


class AuthorizedParty(Wire, frozen=True, kw_only=True, rename="camel"):
    """A party the token may act for. `sub_parties` is one level deep.

    With `has_only_access_to_sub_parties` the main unit is there for the hierarchy only: do not
    search it. Dissolved companies are listed too, with `is_deleted`.
    """

    party: str
    name: str = ""
    party_type: str = ""
    party_uuid: UUID | None = None
    party_id: int | None = None
    is_deleted: bool = False
    has_only_access_to_sub_parties: bool = False
    sub_parties: tuple["AuthorizedParty", ...] = ()


class Limits(Wire, frozen=True, kw_only=True, rename="camel"):
    """How many values a search may have of each filter; the defaults are those of 2026-08."""

    max_party_filter_values: int = 100
    max_service_resource_filter_values: int = 20
    max_org_filter_values: int = 20
    max_extended_status_filter_values: int = 20


class LabelChange(Wire, frozen=True, kw_only=True, rename="camel"):
    created_at: Time
    name: str  # «systemlabel:Archive»
    action: str  # «set» or «remove»
    performed_by: Actor = Actor()
