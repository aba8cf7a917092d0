"""What each of the samples offers, and what it does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client as Browser
from pytest_django import Settings

from altinn.details import ApiAction, ApiEndpoint, Details, GuiAction
from altinn.wire import Localization
from dialogs.answering.endpoints import newest
from dialogs.answering.offers import Way, is_link, offers
from dialogs.content import opening
from dialogs.models import Dialog
from sandbox.samples import sample_names
from staff.models import User
from tests.dialogs.answering.conftest import CONFIRM, GENERIC, Sample, offered, text

# By sample: how each thing is done, its kind and title, in the order shown.
OFFERED: dict[str, list[tuple[str, str, str]]] = {
    "a2-migrated-correspondence": [("PRESS", "PURGE", "Slett")],
    "a2-migrated-form": [
        ("LINK", "BUTTON", "Se innsendt skjema"),
        ("PRESS", "BUTTON", "Slett"),
    ],
    "app-archived-unconfirmed": [
        ("LINK", "BUTTON", "Se innsendt skjema"),
        ("PRESS", "BUTTON", "Slett"),
    ],
    "app-awaiting-feedback": [
        ("LINK", "BUTTON", "Gå til skjemautfylling"),
        ("PRESS", "BUTTON", "Slett"),
    ],
    "app-awaiting-signature": [
        ("LINK", "BUTTON", "Gå til signering"),
        ("PRESS", "BUTTON", "Slett"),
    ],
    "app-completed": [
        ("LINK", "BUTTON", "Se innsendt skjema"),
        ("PRESS", "BUTTON", "Slett"),
    ],
    "app-draft": [("LINK", "BUTTON", "Gå til skjemautfylling"), ("PRESS", "BUTTON", "Slett")],
    "app-prefill-due": [
        ("LINK", "BUTTON", "Gå til skjemautfylling"),
        ("REFUSED", "BUTTON", "Slett"),
    ],
    "app-rejected": [("LINK", "BUTTON", "Gå til skjemautfylling"), ("PRESS", "BUTTON", "Slett")],
    "correspondence-after-confirm": [("PRESS", "PURGE", "Slett")],
    "correspondence-as-transmission": [],
    "correspondence-confidential-reminder": [],
    "correspondence-confirmation-required": [
        ("PRESS", "CONFIRM", "Bekreft"),
        ("PRESS", "PURGE", "Slett"),
    ],
    "correspondence-reply-options-expired-attachment": [
        ("LINK", "BUTTON", "Svar på undersøkelsen"),
        ("LINK", "BUTTON", "Gå til tjeneste"),
        ("PRESS", "PURGE", "Slett"),
    ],
    "generic-service-with-write-actions": [
        ("LINK", "BUTTON", "Se og betal krav"),
        ("PRESS", "BUTTON", "Be om betalingsutsettelse"),
        ("HAND_OVER", "CALL", "requestPaymentExtension"),
    ],
    "nav-foreldrepenger-aktiv": [
        (
            "FILL_IN",
            "FORELDREPENGER",
            "Innsending av inntektsmelding for foreldrepenger med startdato 07.12.26",
        )
    ],
    "nav-foreldrepenger-avvist": [
        (
            "FILL_IN",
            "FORELDREPENGER",
            "Innsending av inntektsmelding for foreldrepenger med startdato 07.12.26",
        )
    ],
    "nav-foreldrepenger-ferdig": [],
    "nav-foreldrepenger-utgatt": [],
    "nav-fritak-agp-krav": [("LINK", "BUTTON", "Endre / Annuller krav")],
    "nav-syfo-apionly": [],
    "nav-sykepenger-foresporsel-aktiv": [
        ("LINK", "BUTTON", "Send inn inntektsmelding"),
        ("FILL_IN", "SYKEPENGER", "Send inn inntektsmelding"),
    ],
    "nav-sykepenger-im-avvist": [
        ("LINK", "BUTTON", "Send inn inntektsmelding"),
        ("FILL_IN", "SYKEPENGER", "Send inn inntektsmelding"),
    ],
    "nav-sykepenger-im-godkjent": [("LINK", "BUTTON", "Se og endre inntektsmelding")],
    "nav-sykepenger-utgaatt": [],
    "unauthorized-and-expired-mix": [
        ("LINK", "BUTTON", "Send inn inntektsmelding"),
        ("REFUSED", "BUTTON", "Signer"),
        ("REFUSED", "CALL", "Send inn inntektsmelding"),
    ],
}


def test_the_table_is_of_all_samples() -> None:
    assert sorted(OFFERED) == sorted(sample_names())


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_a_sample_offers_what_can_be_done(
    name: str, sample: Sample, kari: User, now: datetime
) -> None:
    found = offered(sample(name), kari, now)

    assert [(str(o.way), str(o.kind), o.title) for o in found] == OFFERED[name]
    for offer in found:
        if offer.way == Way.PRESS and offer.title == "Slett":
            assert offer.is_destructive
        if offer.way == Way.REFUSED:
            assert offer.url == "urn:dialogporten:unauthorized"


@pytest.fixture
def details(sample: Sample) -> Details:
    kept = opening.kept(sample(GENERIC))
    assert kept is not None
    return kept.details


@pytest.fixture
def dialog(details: Details) -> Dialog:
    return Dialog.objects.get(pk=details.id)


Offered = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def ways(dialog: Dialog, details: Details, kari: User, now: datetime) -> Offered:
    """How each of some buttons and calls would be done."""

    def find(gui: list[GuiAction] | None = None, api: list[ApiAction] | None = None) -> Any:
        changed = msgspec.structs.replace(
            details, gui_actions=tuple(gui or ()), api_actions=tuple(api or ())
        )
        return [(str(o.way), o.url) for o in offers(dialog, changed, user=kari, now=now)]

    return find


def button(url: str, method: str = "POST", **more: Any) -> GuiAction:
    title = (Localization(value="Gjør det", language_code="nb"),)
    return GuiAction(id=uuid4(), url=url, http_method=method, title=title, **more)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://evil.example/x",
        "https://platform.altinn.no.evil.example/x",
        "javascript:alert(1)",
        "urn:dialogporten:unauthorized",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_button_is_pressed_only_where_a_token_may_go(url: str, ways: Offered) -> None:
    assert ways([button(url)]) == [("HAND_OVER", url)]
    assert ways([button(url, "DELETE", is_delete_dialog_action=True)]) == [("HAND_OVER", url)]


def test_a_button_with_a_method_of_its_own_is_not_pressed(
    ways: Offered, settings: Settings
) -> None:
    here = f"{settings.ALTINN.platform_url}/x"
    assert [way for way, _url in ways([button(here, "PUT"), button(here, "PATCH")])] == [
        "HAND_OVER"
    ] * 2


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://www.ssb.no/innrapportering", True),
        ("https://xn--ltinn-fra.no/", True),
        ("http://www.ssb.no/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("https://user@altinn.no/", False),
        ("https://altinn.no\\@evil.example/", False),
        ("https:///nothing", False),
        ("//evil.example/", False),
        ("https://altinn.no/a b", False),
        ("https://[::1", False),
    ],
)
def test_only_a_plain_address_becomes_a_link(url: str, is_one: bool, settings: Settings) -> None:  # noqa: FBT001
    assert is_link(url) is is_one


def test_a_look_alike_host_is_shown_as_the_wire_has_it(
    sample: Sample, kari: User, now: datetime
) -> None:
    offer = replace(offered(sample(GENERIC), kari, now)[0], url="https://аltinn.no/")

    assert offer.host == "xn--ltinn-3ve.no"


def call(*endpoints: ApiEndpoint, **more: Any) -> ApiAction:
    return ApiAction(id=uuid4(), name="fjern", endpoints=endpoints, **more)


def test_a_call_for_systems_of_an_unknown_kind_is_made_only_without_a_body(
    ways: Offered, settings: Settings
) -> None:
    here = f"{settings.ALTINN.platform_url}/x"
    asked = [
        call(ApiEndpoint(url=here, http_method="DELETE")),
        call(ApiEndpoint(url=f"{here}/1", http_method="POST")),
        call(ApiEndpoint(url=f"{here}/2", http_method="DELETE", request_schema="https://x/y")),
        call(ApiEndpoint(url="https://evil.example/", http_method="DELETE")),
        call(ApiEndpoint(url=f"{here}/3", http_method="GET")),
    ]

    assert [way for way, _url in ways(api=asked)] == ["PRESS"] + ["HAND_OVER"] * 3


def test_no_call_is_made_with_what_opens_the_things_of_all_clients(
    ways: Offered, settings: Settings
) -> None:
    environment = settings.ALTINN
    confirm = f"{environment.platform_url}/correspondence/api/v1/correspondence/{uuid4()}/confirm"
    asked = [
        call(ApiEndpoint(url=f"{environment.nav_sykepenger_url}/v1/x", http_method="DELETE")),
        call(ApiEndpoint(url=confirm, http_method="POST")),
    ]
    settings.ALTINN = replace(environment, content_hosts=frozenset({"nobody.example"}))

    assert [way for way, _url in ways(api=asked)] == ["HAND_OVER"] * 2


def test_the_newest_address_that_is_not_deprecated_is_used(now: datetime) -> None:
    old = ApiEndpoint(url="https://a/2", version="2.9")
    new = ApiEndpoint(url="https://a/10", version="v2.10")
    dead = ApiEndpoint(url="https://a/11", version="11", deprecated=True)

    assert newest([new, dead, old]) is new
    assert newest([dead]) is dead
    assert newest([]) is None


def test_a_call_that_is_a_button_too_is_offered_once(ways: Offered, settings: Settings) -> None:
    here = f"{settings.ALTINN.platform_url}/correspondence/api/v1/correspondence/{uuid4()}/confirm"
    confirm = ApiAction(
        id=uuid4(),
        name="confirmCorrespondence",
        endpoints=(ApiEndpoint(url=here, http_method="POST"),),
    )

    assert ways([button(here)], [confirm]) == [("PRESS", here)]
    refused = msgspec.structs.replace(confirm, is_authorized=False)
    assert ways([button(here)], [refused]) == [("PRESS", here)]
    no_button = button("urn:dialogporten:unauthorized", is_authorized=False)
    assert ("PRESS", here) in ways([no_button], [confirm])


def test_the_dialogs_page_shows_the_buttons_and_links_without_a_token(
    sample: Sample, karis: Browser
) -> None:
    dialog = sample(CONFIRM)

    page = karis.get(f"/innboks/{dialog.pk}/dialog/")

    assert "Bekreft" in text(page)
    assert "eyJ" not in page.content.decode()
