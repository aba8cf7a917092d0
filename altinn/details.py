"""The rest of Dialogporten's JSON: a dialog in full, lookup, and what services there are.

Source: Dialogporten 1.119.1 (OpenAPI file and source), and the fields announced for authorization
contexts, read 2026-08.
"""

from uuid import UUID

from altinn.wire import (
    Activity,
    Actor,
    ConsumerType,
    ContentValue,
    DialogStatus,
    EndUserContext,
    Int,
    Localization,
    Priority,
    SeenEntry,
    Time,
    TransmissionType,
    Wire,
)


class Excluded(Wire, frozen=True, kw_only=True, rename="camel"):
    """Something we are not shown at all."""

    id: UUID
    created_at: Time | None = None


class AttachmentUrl(Wire, frozen=True, kw_only=True, rename="camel"):
    """`url` may be `urn:dialogporten:unauthorized` or `…:expired`: never fetch or link those."""

    url: str
    id: UUID | None = None
    media_type: str | None = None
    consumer_type: ConsumerType = ConsumerType.UNKNOWN


class Attachment(Wire, frozen=True, kw_only=True, rename="camel"):
    """Several `urls` are the same document in several forms."""

    id: UUID
    display_name: tuple[Localization, ...] = ()
    name: str | None = None
    urls: tuple[AttachmentUrl, ...] = ()
    expires_at: Time | None = None
    is_authorized: bool | None = None


class GuiAction(Wire, frozen=True, kw_only=True, rename="camel"):
    """A button. GET opens the URL in a browser; POST and DELETE are sent with the dialog token."""

    id: UUID
    url: str
    action: str = ""
    authorization_attribute: str | None = None
    is_authorized: bool = True
    is_delete_dialog_action: bool = False
    priority: Priority = Priority.UNKNOWN
    http_method: str = "GET"
    title: tuple[Localization, ...] = ()
    prompt: tuple[Localization, ...] = ()


class ApiEndpoint(Wire, frozen=True, kw_only=True, rename="camel"):
    url: str
    id: UUID | None = None
    version: str | None = None
    http_method: str = "GET"
    documentation_url: str | None = None
    request_schema: str | None = None
    response_schema: str | None = None
    deprecated: bool = False
    sunset_at: Time | None = None


class ApiAction(Wire, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    action: str = ""
    name: str | None = None
    authorization_attribute: str | None = None
    is_authorized: bool = True
    endpoints: tuple[ApiEndpoint, ...] = ()


class NavigationalAction(Wire, frozen=True, kw_only=True, rename="camel"):
    url: str
    id: UUID | None = None
    title: tuple[Localization, ...] = ()
    expires_at: Time | None = None
    is_authorized: bool | None = None


class TransmissionContent(Wire, frozen=True, kw_only=True, rename="camel"):
    title: ContentValue | None = None
    summary: ContentValue | None = None
    content_reference: ContentValue | None = None


class Transmission(Wire, frozen=True, kw_only=True, rename="camel"):
    """One delivery in a dialog. Never changes; `is_opened` is known in details only."""

    id: UUID
    created_at: Time
    type: TransmissionType = TransmissionType.UNKNOWN
    authorization_attribute: str | None = None
    is_authorized: bool = True
    extended_type: str | None = None
    external_reference: str | None = None
    related_transmission_id: UUID | None = None
    deleted_at: Time | None = None
    sender: Actor = Actor()
    is_opened: bool | None = None
    content: TransmissionContent = TransmissionContent()
    attachments: tuple[Attachment, ...] = ()
    navigational_actions: tuple[NavigationalAction, ...] = ()
    excluded_attachments: tuple[Excluded, ...] = ()
    excluded_navigational_actions: tuple[Excluded, ...] = ()


class Content(Wire, frozen=True, kw_only=True, rename="camel"):
    title: ContentValue | None = None
    summary: ContentValue | None = None
    sender_name: ContentValue | None = None
    additional_info: ContentValue | None = None  # text/plain, text/markdown or text/html
    extended_status: ContentValue | None = None
    main_content_reference: ContentValue | None = None


class Details(Wire, frozen=True, kw_only=True, rename="camel"):
    """A dialog in full. `activities` come in no order.

    `dialog_token` is a secret for this dialog and lives for ten minutes: never store or log it.
    """

    id: UUID
    revision: UUID
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
    extended_status: str | None = None
    external_reference: str | None = None
    due_at: Time | None = None
    expires_at: Time | None = None
    dialog_token: str | None = None
    has_unopened_content: bool = False
    is_api_only: bool = False
    from_service_owner_transmissions_count: Int = 0
    from_party_transmissions_count: Int = 0
    content: Content | None = None
    attachments: tuple[Attachment, ...] = ()
    transmissions: tuple[Transmission, ...] = ()
    gui_actions: tuple[GuiAction, ...] = ()
    api_actions: tuple[ApiAction, ...] = ()
    activities: tuple[Activity, ...] = ()
    seen_since_last_update: tuple[SeenEntry, ...] = ()
    seen_since_last_content_update: tuple[SeenEntry, ...] = ()
    is_content_seen: bool = False
    end_user_context: EndUserContext = EndUserContext()
    excluded_attachments: tuple[Excluded, ...] = ()
    excluded_transmissions: tuple[Excluded, ...] = ()
    excluded_gui_actions: tuple[Excluded, ...] = ()
    excluded_api_actions: tuple[Excluded, ...] = ()

    def __repr__(self) -> str:
        return f"Details(id={self.id}, revision={self.revision}, status={self.status})"


class ServiceResource(Wire, frozen=True, kw_only=True, rename="camel"):
    """`id` is without `urn:altinn:resource:`."""

    id: str
    resource_type: str | None = None
    status: str | None = None
    is_delegable: bool | None = None
    minimum_authentication_level: int | None = None
    name: tuple[Localization, ...] = ()


class ServiceOwner(Wire, frozen=True, kw_only=True, rename="camel"):
    code: str = ""
    org_number: str | None = None
    name: tuple[Localization, ...] = ()


class AccessVia(Wire, frozen=True, kw_only=True, rename="camel"):
    """A role or an access package."""

    urn: str
    name: tuple[Localization, ...] = ()


class Service(Wire, frozen=True, kw_only=True, rename="camel"):
    service_resource: ServiceResource
    service_owner: ServiceOwner = ServiceOwner()
    roles: tuple[AccessVia, ...] = ()
    access_packages: tuple[AccessVia, ...] = ()


class Services(Wire, frozen=True, kw_only=True, rename="camel"):
    """With `is_full_catalogue_fallback` it is every service there is, not only ours."""

    items: tuple[Service, ...] = ()
    is_full_catalogue_fallback: bool = False


class Evidence(Wire, frozen=True, kw_only=True, rename="camel"):
    grant_type: str = ""
    subject: str = ""
    name: tuple[Localization, ...] = ()


class AuthorizationEvidence(Wire, frozen=True, kw_only=True, rename="camel"):
    current_authentication_level: int | None = None
    via_role: bool = False
    via_access_package: bool = False
    via_resource_delegation: bool = False
    via_instance_delegation: bool = False
    evidence: tuple[Evidence, ...] = ()


class Lookup(Wire, frozen=True, kw_only=True, rename="camel"):
    """Which dialog an app instance or a message is, and why we may see it."""

    dialog_id: UUID
    instance_ref: str
    party: str
    service_resource: ServiceResource
    service_owner: ServiceOwner = ServiceOwner()
    title: tuple[Localization, ...] = ()
    authorization_evidence: AuthorizationEvidence = AuthorizationEvidence()
