"""Every address of the portal, as everybody, against a client some of them may not see.

A NEW PAGE NEEDS A LINE HERE, under its name in the URLconf, or a test below fails:

    "dialogs:report": page(LEADERS),            # a GET, for those who lead
    "dialogs:wake": act(SEES, "dialog"),        # a POST about the walk's dialog
    "clients:new": form(ADMINS),                # a GET and a POST
    "dialogs:profile": form(ALL, own=True),     # auditors may POST: it is their own affair
    "dialogs:files": page(SEES, "dialog", work=True),  # auditors may not even GET

The first is whom it is for: ANYONE, ALL, SEES, KARIS, OWN_OR_LEADS, LEADERS or ADMINS. Everybody
else must be refused; `writes` is who may POST, where that is fewer. Then comes what stands in its
address, by the keys of the world in walking.py. `query` and `data` are sent along, with {keys}
filled in. `parts` are what htmx aims at. `shows` says that Kari is shown something secret, so that
Ola's not being shown it means something. `also` is a refusal that those who are let in may get,
because a neighbour gives it.

Nobody in BLIND is ever sent a word of SECRETS, whatever is answered. And nobody is shown a link or
a button that leads to a refusal.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from pytest_django import Settings

from altinn.environment import Environment
from dialogs.inbox.stream import _ears
from dialogs.models import Dialog
from staff.reading import is_work
from tests.portal.walking import (
    ADMIN,
    ADMINS,
    ALL,
    ANONYMOUS,
    ANYONE,
    BLIND,
    EVERYONE,
    KARI,
    KARIS,
    LEADERS,
    LEDER,
    OLA,
    OWN_OR_LEADS,
    REVISOR,
    SECRETS,
    SEES,
    Entry,
    World,
    act,
    build,
    form,
    page,
    patterns,
)
from tests.stand_in import Altinn

REFUSED = {403, 404, 405}
HTMX = {"HX-Request": "true"}
ID = {"id": "{dialog}"}

ENTRIES: dict[str, Entry] = {
    # Without logging in.
    "alive": page(ANYONE),
    "ready": page(ANYONE),
    "account_login": form(ANYONE),
    "account_logout": form(ANYONE),
    "account_signup": form(ANYONE),
    "account_inactive": page(ANYONE),
    "account_reset_password": form(ANYONE),
    "account_reset_password_done": page(ANYONE),
    "account_reset_password_from_key": form(ANYONE, "xlsx xlsx"),
    "account_reset_password_from_key_done": page(ANYONE),
    "account_confirm_email": page(ANYONE, "xlsx"),
    "account_confirm_login_code": form(ANYONE),
    "account_email_verification_sent": page(ANYONE),
    "clients:idporten-logged-out": page(ANYONE, query="iss=x&sid=y"),
    "clients:setup-approved": page(ANYONE, query="foresporsel={request_waiting}"),
    # One's own account.
    "account_change_password": form(ALL, own=True),
    "account_set_password": form(ALL, own=True),
    "account_email": form(ALL, own=True),
    "account_reauthenticate": form(ALL, own=True),
    # Lists: everybody's, with nothing of the client for those who do not see it.
    "dialogs:start": page(ALL),
    "dialogs:home": page(ALL, shows=True),
    "dialogs:inbox": page(
        ALL, query="q=hvalfangeren&mappe=alle", parts=("liste", "flere"), shows=True
    ),
    "dialogs:news": page(ALL, query="id={dialog}"),
    "dialogs:filters": page(ALL, query="klient={client}", shows=True),
    "dialogs:density": act(ALL, own=True),
    "dialogs:stream": page(ALL),
    "dialogs:commands": page(ALL, query="q=hvalfangeren", shows=True),
    "dialogs:profile": form(ALL, own=True),
    "dialogs:notices": page(ALL, shows=True),
    "dialogs:notices-read": act(ALL, own=True),
    "dialogs:notice": page(KARIS, "notice"),
    "dialogs:saved-searches": page(ALL, shows=True),
    "dialogs:search-counts": page(ALL),
    "dialogs:search-save": form(ALL, query="klient={client}", own=True, shows=True),
    "dialogs:search-start": act(ALL, own=True),
    "dialogs:search-undo-delete": act(ALL, own=True),
    "dialogs:search-edit": form(KARIS, "search", own=True),
    "dialogs:search-update": act(KARIS, "search", own=True),
    "dialogs:search-delete": act(KARIS, "search", own=True),
    "dialogs:services": page(ALL),
    "dialogs:service": page(ALL, "service"),
    "dialogs:rules": page(ALL),
    "clients:list": page(ALL, query="q=hvalfangeren", shows=True),
    # One dialog.
    "dialogs:dialog": page(SEES, "dialog", parts=("panel",), shows=True),
    "dialogs:dialog-assign": act(SEES, "dialog", data={"responsible": "{kari}"}),
    "dialogs:dialog-snooze": act(SEES, "dialog", data={"day": "2100-01-01"}),
    "dialogs:dialog-wake": act(SEES, "dialog"),
    "dialogs:dialog-internal-due": act(SEES, "dialog", data={"day": "2100-01-01"}),
    "dialogs:dialog-estimated-due": act(SEES, "dialog", data={"day": "2100-01-01"}),
    "dialogs:dialog-finish": act(SEES, "dialog"),
    "dialogs:dialog-resume": act(SEES, "dialog"),
    "dialogs:dialog-see-reopening": act(SEES, "dialog"),
    "dialogs:dialog-unpin": act(SEES, "dialog"),
    "dialogs:dialog-follow": act(SEES, "dialog", data={"folg": "ja"}),
    "dialogs:dialog-tick": act(SEES, "dialog", data={"punkt": "{step}", "gjort": "ja"}),
    "dialogs:open": act(SEES, "dialog"),
    "dialogs:presence": act(SEES, "dialog", data={"side": "x"}, own=True),
    "dialogs:whole": page(SEES, "dialog", shows=True),
    "dialogs:whole-open": act(SEES, "dialog"),
    "dialogs:whole-body": act(SEES, "dialog"),
    "dialogs:whole-move": act(SEES, "dialog", data={"act": "ARCHIVE"}),
    "dialogs:whole-why": act(SEES, "dialog"),
    "dialogs:files": page(SEES, "dialog", work=True),
    "dialogs:file": page(SEES, "dialog file", work=True, also=403),
    "dialogs:file-preview": page(SEES, "dialog file", work=True),
    "dialogs:file-content": page(SEES, "dialog file", work=True, also=403),
    "dialogs:file-archive": act(SEES, "dialog file", also=403),
    "dialogs:answer": form(SEES, "dialog button", data={"revision": "{revision}"}, work=True),
    "dialogs:answer-form": form(SEES, "dialog button", work=True),
    "dialogs:receipt": page(SEES, "action", shows=True),
    "dialogs:receipt-pdf": page(SEES, "action"),
    "dialogs:receipt-look": act(SEES, "action"),
    "dialogs:receipt-decide": act(SEES, "action", data={"utfall": "utfort"}),
    "dialogs:receipt-approve": act(SEES, "action"),
    "dialogs:receipt-withdraw": act(SEES, "action"),
    "dialogs:dialog-notes": form(SEES, "dialog", shows=True),
    "dialogs:dialog-colleagues": page(SEES, "dialog"),
    "dialogs:note": page(SEES, "note"),
    "dialogs:note-versions": page(SEES, "note", shows=True),
    "dialogs:note-pin": act(SEES, "note"),
    "dialogs:note-edit": form(KARIS, "note", work=True, shows=True),
    "dialogs:note-delete": act(SEES, "note"),
    "dialogs:note-restore": act(SEES, "deleted_note"),
    # Many dialogs.
    "dialogs:bulk": act(ALL, data=ID | {"act": "DONE"}),
    "dialogs:bulk-count": act(ALL, data=ID),
    "dialogs:bulk-jobs": page(ALL),
    "dialogs:bulk-job": page(KARIS, "job"),
    "dialogs:bulk-undo": act(KARIS, "job"),
    "dialogs:bulk-retry": act(KARIS, "job"),
    # One client.
    "dialogs:client": page(SEES, "client", shows=True),
    "dialogs:client-dialogs": page(SEES, "client", shows=True),
    "dialogs:client-deadlines": page(SEES, "client", shows=True),
    "dialogs:client-all-notes": page(SEES, "client", shows=True),
    "dialogs:client-documents": page(SEES, "client", shows=True),
    "dialogs:client-file": page(SEES, "client archived"),
    "dialogs:client-access": page(SEES, "client", shows=True),
    "dialogs:client-log": page(SEES, "client", shows=True),
    "dialogs:client-follow": act(SEES, "client", data={"folg": "ja"}),
    "dialogs:client-notes": form(SEES, "client", shows=True),
    "dialogs:client-colleagues": page(SEES, "client"),
    "dialogs:client-areas": form(ADMINS, "client"),
    "dialogs:client-archive": form(ADMINS, "client"),
    "dialogs:client-diagnosis": form(ADMINS, "client"),
    "clients:edit": form(SEES, "client", writes=ADMINS, shows=True),
    "clients:unarchive": form(ADMINS, "client"),
    "clients:categories": form(ADMINS, "client"),
    # Colleagues.
    "dialogs:hand-over": page(ALL, work=True),
    "dialogs:hand-over-from": form(OWN_OR_LEADS, "kari", work=True),
    "dialogs:hand-over-receipt": page(OWN_OR_LEADS, "handed_over"),
    "dialogs:absences": page(ALL, work=True),
    "dialogs:absence-new": form(ALL, work=True),
    "dialogs:absence-end": act(OWN_OR_LEADS, "absence"),
    # What holds for the whole firm.
    "dialogs:service-area": act(LEADERS, "service"),
    "dialogs:service-guide": form(LEADERS, "service"),
    "dialogs:service-step-add": act(LEADERS, "service"),
    "dialogs:service-step": act(LEADERS, "step"),
    "dialogs:areas": form(ALL, writes=LEADERS),
    "dialogs:area": act(LEADERS, "area"),
    "dialogs:rule-new": form(LEADERS),
    "dialogs:rule": form(LEADERS, "rule"),
    "dialogs:rule-change": act(LEADERS, "rule", data={"gjor": "ned"}),
    "clients:coverage": page(LEADERS),
    "clients:coverage-clients": page(LEADERS, query="tilgang=full"),
    "clients:alarms": page(LEADERS),
    "clients:alarm-see": act(LEADERS, "alarm"),
    # What administrators register.
    "clients:new": form(ADMINS),
    "clients:found": form(ADMINS),
    "clients:read-again": act(ADMINS),
    "clients:system-users": page(ADMINS),
    "clients:system-user-new": form(ADMINS),
    "clients:system-user-edit": form(ADMINS, "system_user"),
    "clients:subscriptions": form(ADMINS),
    "clients:subscriptions-again": act(ADMINS),
    "clients:watched-remove": form(ADMINS, "watched"),
    "clients:finding": page(ADMINS),
    "clients:finding-search": act(ADMINS),
    "clients:finding-take": act(ADMINS),
    "clients:finding-export": page(ADMINS, "csv"),
    "clients:candidate": page(ADMINS, "candidate"),
    "clients:imports": form(ADMINS),
    "clients:import-model": page(ADMINS, "csv"),
    "clients:import": page(ADMINS, "import_ready"),
    "clients:import-accept": act(ADMINS, "import_ready"),
    "clients:import-main-units": act(ADMINS, "import_ready"),
    "clients:import-wrong": page(ADMINS, "import_ready csv"),
    "clients:adding": page(ADMINS),
    "clients:adding-read": act(ADMINS),
    "clients:adding-system-user": page(ADMINS, "agent"),
    "clients:adding-choose": act(ADMINS, "agent"),
    "clients:adding-unable": page(ADMINS, "agent other_agent"),
    "clients:adding-run": page(ADMINS, "run_paused"),
    "clients:adding-begin": act(ADMINS, "run_draft"),
    "clients:adding-pause": act(ADMINS, "run_running"),
    "clients:adding-resume": act(ADMINS, "run_paused"),
    "clients:adding-pace": act(ADMINS, "run_paused", data={"per_minute": "60"}),
    "clients:adding-cancel": act(ADMINS, "run_paused"),
    "clients:adding-again": act(ADMINS, "run_finished"),
    "clients:standard": page(ADMINS),
    "clients:standard-ask": form(ADMINS),
    "clients:standard-letters": form(ADMINS),
    "clients:idporten": page(ADMINS),
    "clients:idporten-begin": page(ADMINS),
    "clients:idporten-back": page(ADMINS),
    "clients:idporten-end": act(ADMINS),
    "clients:setup": page(ADMINS),
    "clients:setup-card": act(ADMINS),
    "clients:setup-step": act(ADMINS, "step_name"),
    "clients:setup-firm": form(ADMINS),
    "clients:setup-maskinporten": form(ADMINS),
    "clients:setup-key-make": act(ADMINS),
    "clients:setup-key-upload": form(ADMINS),
    "clients:setup-key-public": page(ADMINS, "next_key"),
    "clients:setup-key-test": act(ADMINS, "next_key"),
    "clients:setup-key-switch": form(ADMINS, "next_key"),
    "clients:setup-key-discard": form(ADMINS, "next_key"),
    "clients:setup-system": form(ADMINS),
    "clients:setup-requests": page(ADMINS),
    "clients:setup-request-new": form(ADMINS),
    "clients:setup-request": page(ADMINS, "request_waiting"),
    "clients:setup-request-state": page(ADMINS, "request_waiting"),
    "clients:setup-request-check": act(ADMINS, "request_waiting"),
    "clients:setup-request-send": act(ADMINS, "request_unsent"),
    "clients:setup-request-again": act(ADMINS, "request_rejected"),
    "clients:setup-request-withdraw": form(ADMINS, "request_waiting"),
    "clients:setup-request-mail": act(ADMINS, "request_waiting"),
}


@pytest.fixture
def world(db: None, neighbours: None, stand_in: Altinn) -> World:
    """The world of a walk. Each step is taken back: the next finds it as it was."""
    return build(stand_in, timezone.now())


@pytest.fixture
def neighbours(settings: Settings, stand_in: Altinn, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.reset()
    settings.ALTINN = Environment(**stand_in.addresses())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The live stream would close the connection that the test's world is on.
    monkeypatch.setattr("dialogs.inbox.stream.close_old_connections", lambda: None)


def go(
    world: World, role: str, method: str, name: str, headers: dict[str, str] | None = None
) -> tuple[HttpResponse, str]:
    """Send one request, and take back what it did. Return the answer, and all its words."""
    entry = ENTRIES[name]
    address = world.address(name, entry)
    if entry.query:
        address += f"?{world.filled(entry.query)}"
    data = {key: world.filled(value) for key, value in entry.data.items()}
    sent = data if method == "POST" else {}
    with transaction.atomic():
        browser = world.browser(role)
        response: Any = getattr(browser, method.lower())(address, sent, headers=headers or {})
        words = said(response, with_files=role in BLIND)
        transaction.set_rollback(True)
    return response, words


def said(response: Any, *, with_files: bool) -> str:
    """The body and the headers, as text."""
    body = b"" if response.streaming else response.content
    if response.streaming and with_files and not response.is_async:  # the live stream: see below
        body = b"".join(response.streaming_content)
    head = " ".join(f"{key}: {value}" for key, value in response.headers.items())
    return f"{head} {unescape(body.decode(errors='replace'))}"


def is_sent_to_log_in(response: Any) -> bool:
    location: str = response.headers.get("Location", "")
    is_redirect: bool = response.status_code == 302
    return is_redirect and location.startswith(reverse("account_login"))


def ways(role: str, method: str, entry: Entry) -> list[dict[str, str]]:
    """How an address is asked for: as a page; by those who see nothing, also as parts of one."""
    if role not in BLIND:
        return [{}]
    parts = entry.parts if method == "GET" else ()
    return [{}, HTMX, *(HTMX | {"HX-Target": part} for part in parts)]


def test_every_address_has_a_line_here() -> None:
    assert sorted(patterns()) == sorted(ENTRIES)


def wrong_with(role: str, method: str, entry: Entry, response: Any, words: str) -> list[str]:
    """Say what is wrong with an answer: nothing, as a rule."""
    code = response.status_code
    if entry.allows(role, method):
        wrong = ["is refused"] if code in REFUSED - {entry.also} else []
        if is_sent_to_log_in(response) and entry.who is not ANYONE:
            wrong.append("is sent to log in")
    elif role == ANONYMOUS:
        wrong = [] if is_sent_to_log_in(response) else ["is not sent to log in"]
    else:
        wrong = [] if code in {403, 404} else ["is let in"]
    if role in BLIND:
        wrong += [f"is told «{word}»" for word in SECRETS if word in words]
    is_shown = any(word in words for word in SECRETS)
    if role == KARI and entry.shows and method == entry.methods[0] and not is_shown:
        wrong.append("is shown nothing that could be secret")
    return wrong


@pytest.mark.parametrize("role", EVERYONE)
def test_everybody_gets_where_they_may_and_nowhere_else(world: World, role: str) -> None:
    wrong = [
        f"{role} {fault} ({response.status_code}): {method} {name} {headers or ''}"
        for name, entry in ENTRIES.items()
        for method in entry.methods
        for headers in ways(role, method, entry)
        for response, words in [go(world, role, method, name, headers)]
        for fault in wrong_with(role, method, entry, response, words)
    ]

    assert not wrong, "\n".join(wrong)


def test_what_changes_something_is_not_done_by_a_link(world: World) -> None:
    posts = [name for name, entry in ENTRIES.items() if "GET" not in entry.methods]

    answers = {name: go(world, ADMIN, "GET", name)[0].status_code for name in posts}

    assert {name: code for name, code in answers.items() if code not in {404, 405}} == {}


def test_only_these_are_open_without_logging_in() -> None:
    views = patterns()
    is_open = {name for name, view in views.items() if not getattr(view, "login_required", True)}

    assert is_open == {name for name, entry in ENTRIES.items() if entry.who is ANYONE}


def test_the_views_say_of_auditors_what_the_walk_says() -> None:
    views = patterns()
    closed = {name for name, view in views.items() if is_work(view, "GET")}
    may_post = {name for name, view in views.items() if not is_work(view, "POST")}

    assert closed == {name for name, entry in ENTRIES.items() if entry.work}
    assert {name for name in may_post if not name.startswith("account_")} == {
        name for name, entry in ENTRIES.items() if entry.own and not name.startswith("account_")
    }


ADDRESS = re.compile(r'\b(?:href|action|hx-get|hx-post|formaction)="(/[^"]*)"')
POSTED = re.compile(r'(?:hx-post|formaction)="(/[^"]*)"')
FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


def led_to(html: str, here: str) -> Iterator[tuple[str, str]]:
    """Where a page's links and buttons lead: method and name."""
    posts = set(POSTED.findall(html))
    for tag in FORM.findall(html):
        found = re.search(r'\baction="([^"]*)"', tag)
        posts.add(found[1] if found and found[1] else here)
    for address in set(ADDRESS.findall(html)) | posts:
        try:
            name = resolve(urlsplit(unescape(address)).path).view_name
        except Resolver404:
            continue
        methods = [
            m for m, found in (("POST", address in posts), ("GET", address not in posts)) if found
        ]
        yield from ((method, name) for method in methods)


PAGES = [
    name
    for name, one in ENTRIES.items()
    if "GET" in one.methods and not name.startswith("account_")
]


@pytest.mark.parametrize("role", [OLA, REVISOR, KARI, LEDER, ADMIN])
def test_nobody_is_shown_a_way_to_a_refusal(world: World, role: str) -> None:
    wrong = set()
    for name in PAGES:
        if not ENTRIES[name].allows(role, "GET"):
            continue
        response, words = go(world, role, "GET", name)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            for method, target in led_to(words, world.address(name, ENTRIES[name])):
                entry = ENTRIES.get(target)
                if entry and entry.who is not KARIS and not entry.allows(role, method):
                    wrong.add(f"{name}: {method} {target}")
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("role", [role for role in EVERYONE if role != ANONYMOUS])
def test_the_live_stream_tells_of_what_one_sees(world: World, role: str) -> None:
    ears = async_to_sync(_ears)(world.users[role].pk, world.sessions[role])
    dialog = Dialog.objects.get(pk=world.keys["dialog"])

    rows = [[str(dialog.pk), dialog.client_id, False]]
    heard = async_to_sync(ears.hear)(rows) if ears else []

    assert bool(heard) == (role not in BLIND)
