"""Each service's files, each with the credential that is meant for it and no other."""

from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import msgspec
import pytest
from django.test import Client as Browser

from altinn.details import Attachment, AttachmentUrl, Details
from altinn.wire import ConsumerType, Localization
from dialogs.models import Dialog, OpenedDialog
from staff.sealing import seal
from tests.dialogs.files.conftest import (
    Opened,
    address,
    attachment_of,
    body,
    details_of,
    every_attachment,
    unzipped,
)
from tests.stand_in import Altinn

INSTANCES, LETTERS = "altinn:instances.read", "altinn:correspondence.read"
OF_ANOTHER = "tilhører en annen enn klienten"


def asked_by(altinn: Altinn) -> list[tuple[str, str, str]]:
    """Which operations were asked for, with which kind of token and scope."""
    return [
        (one["operation"], one["token"], one["claims"].get("scope", ""))
        for one in altinn.received()
    ]


def put_in(dialog: Dialog, url: str, *, name: str = "Brev.pdf") -> Attachment:
    """Let the dialog, as it is kept, have one more attachment."""
    details = details_of(dialog)
    one = Attachment(
        id=uuid4(),
        display_name=(Localization(value=name, language_code="nb"),),
        urls=(AttachmentUrl(url=url, consumer_type=ConsumerType.GUI),),
    )
    more: Details = msgspec.structs.replace(details, attachments=(*details.attachments, one))
    OpenedDialog.objects.filter(pk=dialog.pk).update(sealed=seal(msgspec.json.encode(more)))
    return one


@pytest.mark.parametrize(
    ("sample", "name", "expected"),
    [
        ("correspondence-confirmation-required", "Klageinformasjon", [
            ("correspondence", "altinn", LETTERS), ("correspondence-file", "altinn", LETTERS),
        ]),
        ("correspondence-confirmation-required", "Alle vedlegg", [
            ("correspondence", "altinn", LETTERS), ("correspondence-files", "altinn", LETTERS),
        ]),
        ("correspondence-as-transmission", "Varsel utlegg", [
            ("correspondence", "altinn", LETTERS), ("correspondence-file", "altinn", LETTERS),
        ]),
        ("a2-migrated-correspondence", "Informasjonsbrev", [
            ("correspondence", "altinn", LETTERS), ("correspondence-file", "altinn", LETTERS),
        ]),
        ("app-completed", "Mva-melding.pdf", [
            ("instance", "altinn", INSTANCES), ("instance-file", "altinn", INSTANCES),
        ]),
        ("app-completed", "betalingsinformasjon", [
            ("instance", "altinn", INSTANCES), ("instance-file", "altinn", INSTANCES),
        ]),
        ("a2-migrated-form", "RF-1086", [
            ("instance", "altinn", INSTANCES), ("instance-file", "altinn", INSTANCES),
        ]),
        ("nav-sykepenger-foresporsel-aktiv", "sykmelding.pdf", [
            ("nav-sykmelding", "maskinporten", "nav:helseytelser/sykepenger"),
        ]),
        ("nav-sykepenger-foresporsel-aktiv", "sykepengesoeknad.json", [
            ("nav-soeknad", "maskinporten", "nav:helseytelser/sykepenger"),
        ]),
        ("nav-foreldrepenger-aktiv", "Innsending av inntektsmelding", [
            ("nav-fp-forespoersel", "maskinporten", "nav:inntektsmelding/foreldrepenger"),
        ]),
        ("nav-syfo-apionly", "Oppfølgingsplan", [
            ("nav-dokument", "maskinporten", "nav:syfo/dokumentporten"),
        ]),
    ],
)  # fmt: skip
def test_each_owner_is_sent_its_own_credential(
    sample: str,
    name: str,
    expected: list[tuple[str, str, str]],
    opened: Opened,
    marits: Browser,
    altinn: Altinn,
) -> None:
    dialog = opened(sample)

    response = marits.get(address(dialog, attachment_of(dialog, name)))

    assert response.status_code == 200, response.content.decode()[-2000:]
    assert body(response)
    assert asked_by(altinn) == expected


def test_the_adapter_is_sent_the_dialog_token_which_is_kept_nowhere(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened("app-completed")
    content = details_of(dialog).transmissions[0].content.content_reference
    assert content
    receipt = put_in(dialog, content.value[0].value, name="Kvittering.txt")

    response = marits.get(address(dialog, receipt))

    assert response.status_code == 200
    assert "Kvittering" in body(response).decode()
    assert [token for _, token, _ in asked_by(altinn)] == ["dialog"]
    assert details_of(dialog).dialog_token is None


@pytest.mark.parametrize(
    ("sample", "says", "status"),
    [
        ("app-awaiting-signature", "blir undersøkt for virus", 409),
        ("app-rejected", "ikke godkjent av viruskontrollen", 403),
    ],
)
def test_what_the_virus_scan_says_is_obeyed(
    sample: str, says: str, status: int, opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened(sample)
    first = details_of(dialog).attachments[0]

    response = marits.get(address(dialog, first))

    assert response.status_code == status
    assert says in response.content.decode()
    assert altinn.received("instance-file") == []

    altinn.post("/files", {"id": key_of_wrapped(first), "state": "Clean"})
    assert body(marits.get(address(dialog, first))).startswith(b"%PDF-")


def test_a_scan_result_nobody_knows_is_no_clean_one(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened("app-completed")
    first = attachment_of(dialog, "Kvittering fra Skatteetaten")
    altinn.post("/files", {"id": key_of_wrapped(first), "state": "SomethingNew"})

    assert marits.get(address(dialog, first)).status_code == 403
    assert altinn.received("instance-file") == []


def test_another_clients_instance_is_not_fetched_though_we_might(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    theirs = attachment_of(opened("app-awaiting-feedback"), "skattemelding")
    dialog = opened("app-completed")
    assert dialog.party.orgnr != opened("app-awaiting-feedback").party.orgnr
    stolen = put_in(dialog, theirs.urls[0].url)

    response = marits.get(address(dialog, stolen))

    assert response.status_code == 403
    assert OF_ANOTHER in response.content.decode()
    assert altinn.received("instance-file") == []


def test_another_clients_letter_is_not_fetched_though_we_might(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    letter, dialog = opened(), opened("app-awaiting-feedback")
    theirs = attachment_of(letter, "Klageinformasjon")
    assert dialog.party != letter.party
    stolen = put_in(dialog, theirs.urls[0].url)
    altinn.delete("/received")

    for response in (
        marits.get(address(dialog, stolen)),
        marits.get(address(dialog, stolen, "innhold/")),
        marits.post(address(dialog, stolen, "arkiver/")),
    ):
        assert response.status_code == 403
        assert OF_ANOTHER in response.content.decode()
    zipped = unzipped(marits.get(f"/innboks/{dialog.pk}/vedlegg/alle/"))

    assert not any(name.startswith("Brev") for name in zipped)
    assert {one["operation"] for one in altinn.received()} <= {
        "correspondence", "instance", "instance-file"
    }  # fmt: skip
    assert body(marits.get(address(letter, theirs))).startswith(b"%PDF-")


def test_an_address_at_correspondence_that_is_no_letters_is_not_fetched(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened("correspondence-confirmation-required")
    base = f"{altinn.base_url}/correspondence/api/v1"
    altinn.delete("/received")

    for path in (f"attachment/{uuid4()}/download", "correspondence", "x"):
        one = put_in(dialog, f"{base}/{path}")
        assert marits.get(address(dialog, one)).status_code == 403

    assert altinn.received() == []


def test_an_instance_that_is_gone_and_a_file_that_is_not_in_it(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened("app-completed")
    one = attachment_of(dialog, "betalingsinformasjon")
    base = one.urls[0].url.rpartition("/")[0]

    assert marits.get(address(dialog, put_in(dialog, f"{base}/{uuid4()}"))).status_code == 404
    instance = base.removesuffix("/data").rpartition("/")[0]
    gone = put_in(dialog, f"{instance}/{uuid4()}/data/{uuid4()}")
    assert marits.get(address(dialog, gone)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "{base}/elsewhere/krav/4411.pdf",
        "{base}/nav-no/dokument/sykmelding/1.pdf",
        "{base}/authentication/api/v1/authentication?goto={wrapped}",
        "{base}/storage/api/v1/applications",
        "{base}/_sandbox/credentials",
        "{base}@169.254.169.254/correspondence/api/v1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/correspondence/api/v1/x",
        "http://2130706433/correspondence/api/v1/x",
        "https://platform.altinn.no.ond.example/correspondence/api/v1/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "urn:dialogporten:noe-nytt",
    ],
)
def test_an_address_that_is_not_our_neighbours_is_sent_nothing(
    path: str, opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened()
    wrapped = quote(f"{altinn.base_url}/elsewhere/krav/4411.pdf", safe="")
    one = put_in(dialog, path.format(base=altinn.base_url, wrapped=wrapped))

    for end in ("", "innhold/"):
        assert marits.get(address(dialog, one, end)).status_code == 403
    assert marits.post(address(dialog, one, "arkiver/")).status_code == 403
    assert altinn.received() == []


def test_every_attachment_of_every_sample_comes_or_says_why_not(
    opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    refused: dict[str, list[tuple[str, int]]] = {}
    for sample in sorted({str(one["template"]) for one in altinn_dialogs(altinn, opened)}):
        dialog = opened(sample)
        for one in every_attachment(dialog):
            response = marits.get(address(dialog, one))
            if response.status_code == 200:
                body(response)
            else:
                name = one.display_name[0].value
                refused.setdefault(sample, []).append((name, response.status_code))

    assert set(refused) <= {
        "app-awaiting-signature", "app-rejected",  # scanned
        "correspondence-reply-options-expired-attachment", "unauthorized-and-expired-mix",
        "generic-service-with-write-actions", "nav-fritak-agp-krav",  # for the browser alone
        "nav-sykepenger-foresporsel-aktiv", "nav-sykepenger-im-avvist",
        "nav-sykepenger-im-godkjent", "nav-sykepenger-utgaatt",
        "nav-foreldrepenger-ferdig",  # the stand-in has no answer that was sent before its time
    }, refused  # fmt: skip


def altinn_dialogs(altinn: Altinn, _opened: Opened) -> list[dict[str, Any]]:
    """Every dialog there is; `opened` has put the services' world there."""
    found: list[dict[str, Any]] = altinn.get("/dialogs")
    return found


def key_of_wrapped(attachment: Attachment) -> str:
    """The id of an app's file, whose address is wrapped in a log-in."""
    return unquote(attachment.urls[0].url).partition("/data/")[2][:36]
