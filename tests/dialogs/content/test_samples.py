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


def wire_of(name: str) -> dict[str, Any]:
    """Return the sample as Dialogporten sends it."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def shown_of(wire: dict[str, Any]) -> list[str]:
    """Return the texts that its page has once it is opened."""
    content = wire["content"]
    texts = [said(content.get(part)) for part in ("title", "summary", "extendedStatus")]
    if content.get("additionalInfo"):
        texts.append("Mer informasjon")
    if wire.get("progress") is not None:
        texts.append(f"{wire['progress']} %")
    for sent in wire["transmissions"]:
        texts += [said(sent["content"].get("title")), KINDS[sent["type"]]]
    for activity in wire["activities"]:
        described = said({"value": activity.get("description", [])})
        texts.append(TOLD.get(activity["type"], described))
    return [" ".join(text.split()) for text in texts]


def withheld(wire: dict[str, Any]) -> dict[str, int]:
    """Return how often it is said that a part is masked; no masked address is on the page."""
    reference = wire["content"].get("mainContentReference")
    masked = [one for one in wire["transmissions"] if not one["isAuthorized"]]
    return {
        "urn:dialogporten": 0,
        "har ikke fullmakt til å se hovedteksten": int(
            bool(reference) and reference.get("isAuthorized") is False
        ),
        "har ikke fullmakt til innholdet i denne forsendelsen": len(masked),
    }


def test_there_are_26_of_them() -> None:
    assert len(NAMES) == 26


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_and_shows_its_parts(
    name: str, sample: Sample, press_open: Open, altinn: Altinn
) -> None:
    wire = wire_of(name)
    dialog = sample(name)

    page = press_open(dialog)

    assert page.status_code == 200
    assert calls(altinn)["details"] == 1
    html = " ".join(unescape(page.content.decode()).split())
    for part in shown_of(wire):
        assert part in html
    for sentence, times in withheld(wire).items():
        assert html.count(sentence) == times
