"""The letters and forms the sandbox invents from, read from `demo-templates.json`."""

import re
from functools import cache
from pathlib import Path

import msgspec

from sandbox.model import Json, Service, Texts

FILE = Path(__file__).parent / "demo-templates.json"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Services that want level 4, which no system user has.
LEVEL_FOUR = {"urn:altinn:resource:nav-refusjon-vedtak"}
# Services whose policy has no rule for subscribing: Altinn answers 403 to a subscription.
POLL_ONLY = {
    "urn:altinn:resource:altinn-taushetsbelagt-post-varsel",
    "urn:altinn:resource:app_skd_a2-1051-241111",
}
# How often each comes, against the others; what is not here has weight 2.
WEIGHTS = {
    "amelding-mottatt": 60, "amelding-retningslinje": 8, "mva-levert": 26, "mva-utkast": 5,
    "skattekort-endret": 14, "skatteoppgjor-as": 7, "forskuddsskatt-as": 12,
    "skattemelding-venter": 8, "skattemelding-as-klar": 5, "aarsregnskap-godkjent": 12,
    "aksjonaerregister-a2": 6, "nav-im-mottatt": 22, "nav-im-foresporsel": 4,
    "nav-im-utgatt": 5, "nav-oppfolgingsplan": 4, "ssb-undersokelse": 7, "ok-eiendomsskatt": 7,
    "fk-afp": 7, "motregning": 4, "aga-forfalt": 3, "rrh": 3, "brg-klientliste": 3,
    "tvangsmulkt-vedtak": 1, "tvangsmulkt-lopende": 0.6, "mva-skjonn": 0.6,
    "tilleggsskatt-varsel": 0.6, "stedlig-kontroll": 0.6, "bokforingspalegg": 0.6,
    "tvangsopplosning": 0.4, "tvangsinnfordring": 0.8, "otp-varsel": 0.8, "dat-tilsyn": 0.8,
}  # fmt: skip


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    orgnr: str
    name: str


class Template(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    key: str
    service_owner: Owner
    resource: str
    service_resource_type: str
    category: str
    party_level: str  # main, sub or firm
    title: Texts
    summary: Texts | None
    sender_name: Texts | None
    status: str
    extended_status: Json | None
    created_at_offset_days: int
    due_at_offset_days: int | None
    confirmation_needed: bool
    is_api_only: bool
    system_labels: list[str]
    initially_seen: bool
    attachments: list[Json]
    api_actions: list[Json]
    gui_actions: list[Json]
    transmissions: list[Json]
    activities: list[Json]
    content_markdown: str | None = None

    @property
    def weight(self) -> float:
        return WEIGHTS.get(self.key, 2)

    @property
    def days_to_due(self) -> int | None:
        """Days from when it came to its deadline."""
        if self.due_at_offset_days is None:
            return None
        return self.due_at_offset_days - self.created_at_offset_days

    @property
    def is_finished(self) -> bool:
        return self.status in ("Completed", "NotApplicable", "Awaiting")


class _File(msgspec.Struct):
    templates: list[Template]


@cache
def all_templates() -> dict[str, Template]:
    found = msgspec.json.decode(FILE.read_bytes(), type=_File).templates
    return {template.key: template for template in found}


def fill(text: str, values: Texts) -> str:
    """Put the values in; a placeholder without a value keeps its braces."""
    if "{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@cache
def placeholders_of(key: str) -> frozenset[str]:
    """Give the placeholders a template has anywhere in it."""
    return frozenset(_PLACEHOLDER.findall(msgspec.json.encode(all_templates()[key]).decode()))


def fill_all(texts: Texts | None, values: Texts) -> Texts | None:
    return {code: fill(text, values) for code, text in texts.items()} if texts else None


_SERVICE_NAMES: dict[str, str] = {
    "skd-amelding-tilbakemelding": "A-melding: tilbakemelding",
    "nav_sykepenger_dialog": "Sykepenger",
    "nav_syfo_dialog": "Sykefraværsoppfølging",
    "ske-krav-og-betalinger": "Krav og betalinger",
}


def service_name(urn: str) -> str:
    """Call a service something: what is known, or words made of its id."""
    tail = urn.rsplit(":", 1)[1]
    words = re.sub(r"^app_[a-z]+_|^[a-z]+[-_]", "", tail)
    return _SERVICE_NAMES.get(tail, re.sub(r"[-_]+", " ", words).capitalize())


def services() -> dict[str, Service]:
    """List the services the templates belong to, by resource URN."""
    found: dict[str, Service] = {}
    for template in all_templates().values():
        found.setdefault(
            template.resource,
            Service(
                urn=template.resource,
                kind=template.service_resource_type,
                owner_code=template.service_owner.code,
                owner_orgnr=template.service_owner.orgnr,
                owner_name=template.service_owner.name,
                name=service_name(template.resource),
                category=template.category,
                minimum_level=4 if template.resource in LEVEL_FOUR else 3,
                allows_subscribing=template.resource not in POLL_ONLY,
            ),
        )
    return found
