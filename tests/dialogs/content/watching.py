"""See in the browser whether what others wrote does anything, or sends anything anywhere."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, Request
from playwright.sync_api import Dialog as Box

from dialogs.content import opening
from dialogs.content.language import said_in
from dialogs.models import Dialog
from tests.processes import Processes

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
  const heading = document.querySelector("h1, h2, [role=heading]");
  if (!document.title || !heading?.checkVisibility()) found.push("it cannot be read");
  return found;
})()"""  # noqa: E501 - a script, not our lines
# As the forms of buttons do, four at a time, without the pages that come after.
SEND = """async (forms) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  async function send() {
    for (let next = forms.shift(); next; next = forms.shift()) {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...next.fields });
      const how = { method: "POST", body, redirect: "manual" };
      const { type, status } = await fetch(next.address, how);
      if (type !== "opaqueredirect") console.info(`watched: ${next.address}: status ${status}`);
    }
  }
  await Promise.all([send(), send(), send(), send()]);
}"""


BROWSERS_OWN = ("chrome-extension://", "chrome://", "blob:")  # its viewer of PDF


class Watch:
    """A page, and what has been wrong with it and with all that it did."""

    def __init__(self, page: Page, portal: Processes) -> None:
        self.page = page
        self.wrong: list[str] = []
        self._base = f"{portal.url}/"
        context = page.context
        context.on("request", self._asked)
        context.on("page", lambda new: self.note(f"a new page: {new.url}"))
        context.on("weberror", lambda error: self.note(f"an error: {error.error}"))
        page.on("dialog", self._popped_up)
        page.on("console", self._said)
        page.add_init_script(LISTEN)

    def note(self, what: str) -> None:
        self.wrong.append(f"{self.page.url}: {what}")

    def go(self, path: str) -> None:
        """Go to a page of the portal and look at it."""
        answer = self.page.goto(self._base + path, wait_until="domcontentloaded")
        if answer is None or answer.status != 200:
            self.note(f"status {answer and answer.status}")
        self.look()

    def look(self) -> None:
        for one in self.page.evaluate(LOOK):
            self.note(one)

    def end(self) -> list[str]:
        """Wait for what comes a little later; return all that was wrong."""
        self.page.wait_for_timeout(300)
        return self.wrong

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._base, *BROWSERS_OWN)):
            self.note(f"asked for {request.url[:200]}")

    def _popped_up(self, box: Box) -> None:
        self.note(f"{box.type}: {box.message}")
        box.dismiss()

    def _said(self, said: ConsoleMessage) -> None:
        if said.text.startswith("watched: "):
            self.note(said.text)


def open_all(page: Page, keys: Iterable[str], *, marked_by: str = "") -> None:
    """Open each dialog, then fetch the content of each transmission, whether it is offered or not.

    From the page that is shown, as presses on it would. Of the content only where the address has
    the mark.
    """
    keys = list(keys)
    page.evaluate(SEND, [_form("dialogs:whole-open", key) for key in keys])
    shown = [
        _form("dialogs:whole-body", dialog.pk, forsendelse=str(sent.id))
        for dialog in Dialog.objects.filter(pk__in=keys)
        if (kept := opening.kept(dialog))
        for sent in kept.details.transmissions
        if (content := sent.content.content_reference) and marked_by in said_in(content).text
    ]
    page.evaluate(SEND, shown)


def save_all(page: Page, dialog: Dialog, attachments: Iterable[UUID]) -> None:
    """Press «Lagre i klientmappen» of each attachment."""
    page.evaluate(SEND, [_form("dialogs:file-archive", dialog.pk, one) for one in attachments])


def _form(name: str, *keys: Any, **fields: str) -> dict[str, Any]:
    return {"address": reverse(name, args=keys), "fields": fields}
