"""One file, from its owner to the person who pressed."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from altinn.details import Attachment
from altinn.outside import TooSlow
from clients.models import SystemUser
from dialogs.bus import bus
from dialogs.files import passing
from dialogs.models import Dialog
from staff.models import AuditEntry, User
from tests.dialogs.files.conftest import (
    PDF,
    Opened,
    address,
    attachment_of,
    body,
    details_of,
    entries,
    every_attachment,
    key_of,
)
from tests.stand_in import Altinn

PNG = b"\x89PNG\r\n\x1a\n\0\0\0"


@pytest.fixture
def dialog(opened: Opened) -> Dialog:
    return opened()


@pytest.fixture
def letter(dialog: Dialog) -> Attachment:
    return attachment_of(dialog, PDF)


@pytest.fixture
def make(altinn: Altinn, letter: Attachment) -> Callable[..., None]:
    """Say what the letter is to be at its owner's."""

    def make_it(**file: Any) -> None:
        altinn.post("/files", {"id": key_of(letter)} | file)

    return make_it


def test_a_file_comes_as_it_is_and_is_written_down(
    dialog: Dialog, letter: Attachment, marits: Browser, altinn: Altinn, leder: User
) -> None:
    response = marits.get(address(dialog, letter))
    content = body(response)

    assert response.status_code == 200
    assert content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(content))
    assert response["Content-Disposition"] == 'attachment; filename="Vedtak tvangsmulkt.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert entries("file.downloaded") == [
        {
            "attachment": str(letter.id),
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "actor": leder,
            "about": f"dialog {dialog.pk}",
        }
    ]
    assert not re.search("Vedtak|tvangsmulkt", str(entries("file.downloaded")))
    [asked] = altinn.received("correspondence-file")
    assert asked["token"] == "altinn"
    assert asked["claims"]["scope"] == "altinn:correspondence.read"


def test_who_may_not_see_the_client_gets_404_and_nothing_is_asked_for(
    dialog: Dialog, letter: Attachment, olas: Browser, altinn: Altinn
) -> None:
    for end in ("", "vis/", "innhold/"):
        assert olas.get(address(dialog, letter, end)).status_code == 404
        assert Browser().get(address(dialog, letter, end)).status_code == 302
    assert olas.post(address(dialog, letter, "arkiver/")).status_code == 404
    assert olas.get(f"/innboks/{dialog.pk}/vedlegg/alle/").status_code == 404
    assert altinn.received() == []
    assert not AuditEntry.objects.filter(act__startswith="file.").exists()


def test_only_what_was_in_the_dialog_when_it_was_opened_is_fetched(
    dialog: Dialog, letter: Attachment, opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    other = opened("correspondence-as-transmission")

    assert marits.get(address(dialog, uuid4())).status_code == 404
    assert marits.get(address(other, letter)).status_code == 404
    never_opened = altinn.sample("app-completed")
    assert marits.get(f"/innboks/{never_opened}/vedlegg/{letter.id}/").status_code == 404
    assert altinn.received() == []


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "none"),
    ],
)
def test_what_is_no_press_on_a_page_of_ours_fetches_nothing(
    header: str, value: str, dialog: Dialog, letter: Attachment, marits: Browser, altinn: Altinn
) -> None:
    for path in (
        address(dialog, letter),
        address(dialog, letter, "innhold/"),
        f"/innboks/{dialog.pk}/vedlegg/alle/",
    ):
        assert marits.get(path, headers={header: value}).status_code == 403
        assert marits.head(path).status_code == 405
    assert altinn.received() == []


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [
        ({"state": "forbidden"}, 403, "ikke fullmakt"),
        ({"state": "expired"}, 410, "utløpt"),
        ({"state": "purged"}, 410, "utløpt"),
        ({"redirect": "/authentication/login"}, 403, "ikke fullmakt"),
        ({"redirect": "http://169.254.169.254/latest/meta-data"}, 403, "ikke fullmakt"),
        ({"status": 403}, 403, "ikke fullmakt"),
        ({"status": 404}, 404, "finner ikke filen"),
        ({"status": 410}, 404, "finner ikke filen"),
        ({"status": 429}, 502, "kan ikke svare nå"),
        ({"status": 503}, 502, "kan ikke svare nå"),
        ({"status": 418}, 502, "forsto ikke hverandre"),
        ({"body": "MZ\u0090 er et program"}, 403, "program"),
        ({"headers": {"Content-Encoding": "gzip"}}, 403, "ikke henter fra"),
    ],
)
def test_what_the_owner_does_not_give_is_told_in_words(
    file: dict[str, Any],
    status: int,
    says: str,
    dialog: Dialog,
    letter: Attachment,
    marits: Browser,
    make: Callable[..., None],
) -> None:
    make(**file)

    response = marits.get(address(dialog, letter))
    page = response.content.decode()

    assert response.status_code == status
    assert says in page
    assert f'href="/innboks/{dialog.pk}/dialog/#vedlegg"' in page
    assert ("Hvorfor?" in page) == ("fullmakt" in says)
    assert response["Cache-Control"] == "no-store"
    assert entries("file.downloaded") == []


def test_a_refusal_is_the_files_own_and_the_others_still_come(
    dialog: Dialog, marits: Browser, make: Callable[..., None]
) -> None:
    make(state="forbidden")

    other = marits.get(address(dialog, attachment_of(dialog, "Klageinformasjon")))

    assert body(other).startswith(b"%PDF-")


def test_a_file_above_the_cap_is_not_begun(
    dialog: Dialog,
    letter: Attachment,
    marits: Browser,
    make: Callable[..., None],
    settings: Settings,
) -> None:
    settings.ATTACHMENT_MOST_BYTES = 1000
    make(bytes=1001)

    response = marits.get(address(dialog, letter))

    assert response.status_code == 502
    assert "større enn det portalen henter" in response.content.decode()


def test_an_owner_that_says_nothing_is_given_up(
    dialog: Dialog,
    letter: Attachment,
    marits: Browser,
    make: Callable[..., None],
    settings: Settings,
) -> None:
    settings.ATTACHMENT_SILENCE_SECONDS = 1
    make(drip_seconds=20, drip_bytes=10)

    response = marits.get(address(dialog, letter))

    assert response.status_code == 504
    assert "ikke filen i tide" in response.content.decode()


def test_a_file_that_drips_is_given_up_in_the_middle(
    dialog: Dialog,
    letter: Attachment,
    marits: Browser,
    make: Callable[..., None],
    settings: Settings,
) -> None:
    settings.ATTACHMENT_SECONDS = 2
    make(bytes=200_000, drip_seconds=0.2, drip_bytes=2000)

    response = marits.get(address(dialog, letter))

    assert response.status_code == 200
    with pytest.raises(TooSlow):
        b"".join(response)
    [entry] = entries("file.downloaded")
    assert entry["sha256"] is None
    assert 0 < entry["size_bytes"] < 200_000


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        ({"body": "<!doctype html><script>alert(1)</script>"}, f"{PDF}.html", None),
        ({"body": "<svg onload='alert(1)'/>"}, f"{PDF}.svg", None),
        ({"body": "<?xml version='1.0'?><a/>"}, f"{PDF}.xml", None),
        ({"body_base64": base64.b64encode(PNG).decode()}, f"{PDF}.png", "image/png"),
        ({"content_type": "text/html"}, PDF, "application/pdf"),
    ],
)
def test_a_file_is_what_it_begins_as_whatever_it_is_called(
    file: dict[str, Any],
    name: str,
    kind: str | None,
    dialog: Dialog,
    letter: Attachment,
    marits: Browser,
    make: Callable[..., None],
) -> None:
    make(**file)

    response = marits.get(address(dialog, letter))
    body(response)

    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == (kind or "application/octet-stream")
    assert response["X-Content-Type-Options"] == "nosniff"

    frame = marits.get(address(dialog, letter, "innhold/"))
    if kind is None:
        assert frame.status_code == 415
        assert "Last den ned i stedet" in frame.content.decode()
    else:
        body(frame)
        assert frame["Content-Type"] == kind


def test_a_preview_may_be_framed_by_us_and_do_nothing(
    dialog: Dialog, letter: Attachment, marits: Browser, altinn: Altinn
) -> None:
    page = marits.get(address(dialog, letter, "vis/"))
    assert f'src="{address(dialog, letter, "innhold/")}"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert altinn.received() == []

    frame = marits.get(address(dialog, letter, "innhold/"))
    body(frame)
    policy = frame["Content-Security-Policy"]
    assert frame["Content-Disposition"].startswith("inline")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert policy.endswith("; sandbox")
    assert "frame-ancestors 'self'" in policy
    assert len(altinn.received("correspondence-file")) == 1
    assert len(entries("file.previewed")) == 1


def test_there_is_a_limit_to_how_many_fetch_at_once_and_places_are_given_back(
    dialog: Dialog, letter: Attachment, marits: Browser
) -> None:
    held = [passing.take_place() for _ in range(passing.AT_ONCE)]
    try:
        assert marits.get(address(dialog, letter)).status_code == 503
        assert marits.get(f"/innboks/{dialog.pk}/vedlegg/alle/").status_code == 503
    finally:
        for one in held:
            one.close()
    for _ in range(passing.AT_ONCE + 1):
        body(marits.get(address(dialog, letter)))
        body(marits.get(f"/innboks/{dialog.pk}/vedlegg/alle/"))


def test_no_token_is_in_what_is_answered_or_written_down(
    dialog: Dialog, letter: Attachment, marits: Browser, make: Callable[..., None]
) -> None:
    make(state="forbidden")
    refused = marits.get(address(dialog, letter)).content.decode()
    make(status=500, body="Bearer ey.hemmelig")
    failed = marits.get(address(dialog, letter)).content.decode()

    assert "ey." not in refused + failed
    assert "Bearer" not in refused + failed


def test_without_a_system_user_at_altinn_the_page_says_so(
    dialog: Dialog, letter: Attachment, marits: Browser, altinn: Altinn, services: SystemUser
) -> None:
    altinn.post("/delegations", {"system_user": altinn.system_users()[0]["id"], "deleted": True})
    for key in bus().scan_iter("altinn:token:*"):
        bus().delete(key)

    response = marits.get(address(dialog, letter))

    assert response.status_code == 403
    assert "slipper ikke systemtilgangen inn" in response.content.decode()


def test_every_sample_is_fetched_or_says_why_not(opened: Opened, marits: Browser) -> None:
    dialog = opened("unauthorized-and-expired-mix")
    statuses = {marits.get(address(dialog, one)).status_code for one in every_attachment(dialog)}

    assert statuses == {403, 410}
    assert details_of(dialog).dialog_token is None
