"""Each of the dialogs that services really send is opened, and shows what it holds."""

import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.dialogs.content.conftest import Open, Sample, calls
from tests.stand_in import Altinn

FOLDER = Path(__file__).resolve().parents[3] / "sandbox" / "services"
NOT_DIALOGS = ("payload-", "fce-samples", "http-contracts", "search-response")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json") if not path.stem.startswith(NOT_DIALOGS))
KINDS = {
    "Information": "Informasjon",
    "Acceptance": "Godkjent",
    "Rejection": "Avvist",
    "Request": "Forespørsel",
    "Alert": "Varsel",
    "Decision": "Avgjørelse",
    "Submission": "Innsending",
    "Correction": "Rettelse",
}
TOLD = {
    "DialogCreated": "Dialogen ble opprettet av",
    "TransmissionOpened": "åpnet av",
    "CorrespondenceOpened": "Meldingen ble åpnet av",
    "CorrespondenceConfirmed": "Meldingen ble bekreftet av",
    "FormSubmitted": "Skjemaet ble sendt inn av",
    "FormSaved": "Skjemaet ble lagret av",
    "SentToSigning": "Sendt til signering av",
    "SignatureProvided": "Signert av",
}


def said(value: dict[str, Any] | None) -> str:
    """The text in Norwegian, else in the first language there is."""
    texts = {one["languageCode"]: one["value"] for one in (value or {}).get("value", [])}
    return str(
        texts.get("nb") or texts.get("nn") or texts.get("en") or next(iter(texts.values()), "")
    )


def test_there_are_26_of_them() -> None:
    assert len(NAMES) == 26


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_and_shows_its_parts(
    name: str, sample: Sample, press_open: Open, altinn: Altinn
) -> None:
    wire = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    dialog = sample(name)

    page = press_open(dialog)

    assert page.status_code == 200
    assert calls(altinn)["details"] == 1
    html = " ".join(unescape(page.content.decode()).split())
    for part in ("title", "summary", "extendedStatus"):
        assert " ".join(said(wire["content"].get(part)).split()) in html
    if wire["content"].get("additionalInfo"):
        assert "Mer informasjon" in html
    if wire.get("progress") is not None:
        assert f"{wire['progress']} %" in html
    for sent in wire["transmissions"]:
        assert said(sent["content"].get("title")) in html
        assert KINDS[sent["type"]] in html
    for activity in wire["activities"]:
        assert TOLD.get(activity["type"], said({"value": activity.get("description", [])})) in html
    _check_what_is_withheld(wire, html)


def _check_what_is_withheld(wire: dict[str, Any], html: str) -> None:
    """No masked address is on the page, and every masked part says what it is."""
    assert "urn:dialogporten" not in html
    reference = wire["content"].get("mainContentReference")
    if reference and reference.get("isAuthorized") is False:
        assert "har ikke fullmakt til å se hovedteksten" in html
    masked = [one for one in wire["transmissions"] if not one["isAuthorized"]]
    said_so = html.count("har ikke fullmakt til innholdet i denne forsendelsen")
    assert said_so == len(masked)
