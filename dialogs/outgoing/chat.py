"""Write to a person's own channel in Teams or Slack, through an incoming webhook.

The texts go where neither program reads formatting into them, so that a title cannot be a link.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from altinn.outside import NotReached, Outside, TooLarge, TooSlow, Unsafe
from dialogs.models import NoticeChoices
from dialogs.outgoing.letters import Letter
from dialogs.outgoing.outcomes import SENT, Outcome, State
from staff.sealing import Unreadable, seal, unseal

Chat = NoticeChoices.Chat

MOST_LINES = 10
MOST_BYTES = 64 * 1024
SECONDS = 15
SLACKS_LONGEST = 3000  # characters of a text


def is_open() -> bool:
    """Whether the firm lets anything be sent to a chat."""
    return bool(settings.CHAT_HOSTS)


def checked(url: str) -> str:
    """Return an address of a webhook that we may call.

    Raises:
        Unsafe: it is not https, or its host is not one the firm allows.
    """
    return _outside(url).check(url)


def keep(choices: NoticeChoices, chat: str, url: str) -> None:
    """Keep the address sealed; only its host is shown again."""
    choices.chat = chat
    choices.chat_host = (urlsplit(url).hostname or "") if url else ""
    choices.chat_url = seal(url.encode()) if url else b""


def post(choices: NoticeChoices, letter: Letter) -> Outcome:
    """Send once. Only what is known not to have arrived may be tried again."""
    try:
        url = unseal(choices.chat_url).decode()
        content = json.dumps(_body(choices.chat, letter)).encode()
        with _outside(url).open(
            "POST",
            url,
            bearer=None,
            most_bytes=MOST_BYTES,
            seconds=SECONDS,
            headers={"Content-Type": "application/json"},
            content=content,
        ) as answer:
            answer.read()
            return _outcome(answer.status)
    except (Unreadable, Unsafe) as exc:
        return Outcome(State.REFUSED, type(exc).__name__)
    except NotReached as exc:
        return Outcome(State.WAITING, type(exc).__name__)
    except (TooSlow, TooLarge) as exc:
        return Outcome(State.UNKNOWN, type(exc).__name__)


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return SENT
    if status == 429:
        return Outcome(State.WAITING, str(status))
    return Outcome(State.UNKNOWN if status >= 500 else State.REFUSED, str(status))


def _outside(url: str) -> Outside:
    """Allow the hosts the firm has named; «*.example.com» stands for every host below one."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    named = set(settings.CHAT_HOSTS)
    if any(host.endswith(one[1:]) for one in named if one.startswith("*.")):
        named.add(host)
    return Outside(hosts=frozenset(named))


def _body(chat: str, letter: Letter) -> dict[str, Any]:
    lines = [line for section in letter.sections for line in section.lines]
    left = len(lines) - MOST_LINES
    shown = lines[:MOST_LINES]
    texts = [f"{line.text}\n{line.below}".strip() for line in shown]
    if left > 0:
        texts.append(_("og %(n)s til") % {"n": left})
    href = shown[0].href if len(lines) == 1 else ""
    href = href or f"{settings.PUBLIC_URL}/varsler/"
    if chat == Chat.SLACK:
        return _for_slack(letter.short_subject, texts, href)
    return _for_teams(letter.short_subject, texts, href)


def _for_teams(title: str, texts: list[str], href: str) -> dict[str, Any]:
    """A message with an Adaptive Card, as Teams' workflows take it.

    Markdown is read in TextBlock and in facts, so everything stands in RichTextBlocks.
    Source: MicrosoftDocs/msteams-docs, cards-format; read 2026-11.
    """
    body = [_rich(title, weight="Bolder"), *(_rich(text) for text in texts)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": _("Åpne i portalen"), "url": href}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _rich(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _for_slack(title: str, texts: list[str], href: str) -> dict[str, Any]:
    """Blocks of plain text; `text` is what the notification shows, and is escaped.

    Source: Slack's reference of Block Kit, as known 2026-11; not tried against Slack.
    """
    plain = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    button = {"type": "button", "text": _slack_text(_("Åpne i portalen")), "url": href}
    return {
        "text": plain,
        "mrkdwn": False,
        "blocks": [
            *({"type": "section", "text": _slack_text(text)} for text in (title, *texts)),
            {"type": "actions", "elements": [button]},
        ],
    }


def _slack_text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:SLACKS_LONGEST], "emoji": False}
