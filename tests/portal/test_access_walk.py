"""Every address of the portal, as everybody, against a client some of them may not see.

A NEW PAGE NEEDS A LINE HERE, under its name in the URLconf, or a test below fails:

    "dialogs:report": page(LEADERS),            # a GET, for those who lead
    "dialogs:wake": act(SEES, "dialog"),        # a POST about the walk's dialog
    "clients:new": form(ADMINS),                # a GET and a POST
    "dialogs:profile": form(ALL, own=True),     # auditors may POST: it is their own affair
    "dialogs:files": page(SEES, "dialog", work=True),  # auditors may not even GET

The first is whom it is for: ANYONE, ALL, SEES, KARIS, OWN_OR_LEADS, LEADERS, AUDITS, ADMINS or
NOBODY. Everybody else must be refused; `writes` is who may POST, where that is fewer. Then comes
what stands in its address, by the keys of the world in walking.py. `query` and `data` are sent
along, with {keys} filled in. `parts` are what htmx aims at. `shows` says that Kari is shown
something secret, so that Ola's not being shown it means something. `also` is a refusal that those
who are let in may get, because a neighbour gives it, or because there is nothing there.

Nobody in BLIND is ever sent a word of SECRETS, whatever is answered; nobody at all a word of
HIDDEN, which is of a dialog that is restricted to somebody who is not here. And nobody is shown a
link or a button that leads to a refusal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import override_settings
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from altinn.environment import Environment
from dialogs.inbox.stream import _ears
from dialogs.models import Dialog
from portal.admin_site import site
from staff.reading import ACCOUNT, is_work
from tests.portal.walking import (
    ADMIN,
    ADMINS,
    ALL,
    ANONYMOUS,
    ANYONE,
    AUDITS,
    BLIND,
    EVERYONE,
    HIDDEN,
    KARI,
    KARIS,
    LEADERS,
    LEDER,
    NOBODY,
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
PERIOD = "fra={due_on}&til={due_on}&sprak=nb"
OF_A_DIALOG = {"dialog", "note", "deleted_note", "archived", "action"}
OF_A_MODEL = {"changelist": "", "add": "", "history": "kari", "delete": "kari", "change": "kari"}

ENTRIES: dict[str, Entry] = {
    # Without logging in.
    "alive": page(ANYONE),
    "ready": page(ANYONE),
    "account_login": form(ANYONE),
    "account_logout": form(ANYONE, own=True),
    "account_signup": form(ANYONE),
    "account_inactive": page(ANYONE),
    "account_reset_password": page(ANYONE),
    "invitation": form(ANYONE, "invitation", own=True),
    "mfa_authenticate": form(ANYONE),
    "mfa_login_webauthn": form(ANYONE),
    "socialaccount_login_cancelled": page(ANYONE),
    "openid_connect_login": page(ANYONE, "provider", also=404),  # no provider is named here
    "openid_connect_callback": page(ANYONE, "provider", also=404),
    "openid_connect_ended": act(ANYONE, "provider", also=404, own=True),
    "dialogs:notices-off": form(ANYONE, "off_code", own=True),
    "dialogs:calendar": page(ANYONE, "calendar"),  # of a client that its owner has lost
    "clients:idporten-logged-out": page(ANYONE, query="iss=x&sid=y"),
    "clients:setup-approved": page(ANYONE, query="foresporsel={request_waiting}"),
    # One's own account.
    "account_change_password": form(ALL, own=True),
    "account_reauthenticate": form(ALL, own=True),
    "openid_connect_again": page(ALL, "provider", also=404),
    "usersessions_list": form(ALL, own=True),
    "mfa_index": page(ALL),
    "mfa_reauthenticate": form(ALL, own=True),
    "mfa_activate_totp": form(ALL, own=True),
    "mfa_deactivate_totp": form(KARIS, own=True),  # she alone has a code app, and codes
    "mfa_view_recovery_codes": page(KARIS),
    "mfa_download_recovery_codes": page(KARIS),
    "mfa_generate_recovery_codes": form(ALL, own=True),
    "mfa_list_webauthn": page(ALL),
    "mfa_add_webauthn": form(ALL, own=True),
    "mfa_reauthenticate_webauthn": form(ALL, own=True),
    "mfa_remove_webauthn": form(NOBODY, "passkey", own=True),  # somebody else's
    "mfa_edit_webauthn": form(NOBODY, "passkey", own=True),
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
    "dialogs:notice-choices": form(ALL, own=True, shows=True),
    "dialogs:notice-weekly": act(LEADERS, own=True),
    "dialogs:notice-chat": act(ALL, data={"fjern": "1"}, own=True),
    "dialogs:notice-client": act(ALL, data={"client": "{client}", "rule": "MUTED"}, own=True),
    "dialogs:notice-client-end": act(KARIS, "choice", own=True),
    "dialogs:notices-sent": page(ALL, shows=True),
    "dialogs:calendars": form(ALL, own=True, shows=True),
    "dialogs:calendar-revoke": act(KARIS, "feed", own=True),
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
    "dialogs:overview": page(ALL, shows=True),
    "dialogs:overview-clients": page(ALL, shows=True),
    "dialogs:overview-deadlines": page(ALL, query="uke={due_on}", shows=True),
    "dialogs:overview-season": page(ALL, query="tjeneste={service}", shows=True),
    "clients:list": page(ALL, query="q=hvalfangeren", shows=True),
    # Files of what one sees.
    "dialogs:exports": page(ALL),
    "dialogs:export-receipts": page(ALL),
    "dialogs:export": page(ALL, "listed csv", query="mappe=alle", shows=True),
    "dialogs:export-begin": act(ALL, "listed csv", data={"liste": "mappe=alle"}, own=True),
    "dialogs:export-job": page(KARIS, "export"),
    "dialogs:export-file": page(KARIS, "export"),
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
    "dialogs:client-report": page(SEES, "client", query=PERIOD, shows=True),
    "dialogs:client-report-pdf": page(SEES, "client", query=PERIOD),
    "dialogs:client-follow": act(SEES, "client", data={"folg": "ja"}),
    "dialogs:client-notes": form(SEES, "client", shows=True),
    "dialogs:client-colleagues": page(SEES, "client"),
    "dialogs:client-areas": form(ADMINS, "client"),
    "dialogs:client-categories": form(ADMINS, "client"),
    "dialogs:client-archive": form(ADMINS, "client"),
    "dialogs:client-diagnosis": form(ADMINS, "client"),
    "clients:edit": form(SEES, "client", writes=ADMINS, shows=True),
    "clients:unarchive": form(ADMINS, "client"),
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
    # Who works here, what they did, and what is kept.
    "dialogs:people": page(ADMINS),
    "dialogs:person-invite": form(ADMINS),
    "dialogs:team-new": act(ADMINS),
    "dialogs:person": form(ADMINS, "kari"),
    "dialogs:person-link": act(ADMINS, "kari"),
    "dialogs:person-log-out": act(ADMINS, "kari"),
    "dialogs:person-leave": form(ADMINS, "kari"),
    "dialogs:person-back": act(ADMINS, "gone"),
    "dialogs:audit-log": page(AUDITS),
    "dialogs:audit-log-file": page(AUDITS),
    "dialogs:privacy": page(ADMINS),
    "dialogs:privacy-client": form(ADMINS, "client"),
    "dialogs:privacy-client-file": act(ADMINS, "client"),
    "dialogs:privacy-employee": form(ADMINS, "gone"),
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
    # The admin site is for superusers, and none of these is one: see test_admin_site.py.
    "admin:index": form(NOBODY),
    "admin:autocomplete": form(NOBODY),
    "admin:jsi18n": form(NOBODY),
    "admin:view_on_site": form(NOBODY, "kari kari"),
    "admin:app_list": form(NOBODY, "app"),
} | {
    f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}": form(NOBODY, args)
    for model in site._registry
    for name, args in OF_A_MODEL.items()
}


@dataclass(frozen=True)
class Answer:
    """What came back: all its words, those of a file too, and those of the headers."""

    code: int
    words: str
    leads_to: str
    is_page: bool


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database, in one transaction around all the walks, which is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(db: None, stand_in: Altinn) -> Iterator[World]:
    """The world of all the walks. Each step is taken back: the next finds it as it was."""
    stand_in.reset()
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        override_settings(ALTINN=Environment(**stand_in.addresses()), PASSWORD_HASHERS=hashers),
        pytest.MonkeyPatch.context() as patch,
    ):
        # The live stream would close the connection that the world is on.
        patch.setattr("dialogs.inbox.stream.close_old_connections", lambda: None)
        yield build(stand_in, timezone.now())


def go(
    world: World,
    role: str,
    method: str,
    name: str,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request, and take back what it did."""
    asked = (role, method, name, str(headers or ""))
    if asked not in world.answers:
        world.answers[asked] = _send(world, role, method, name, headers or {})
    found: Answer = world.answers[asked]
    return found


def _send(world: World, role: str, method: str, name: str, headers: dict[str, str]) -> Answer:
    entry = ENTRIES[name]
    address = world.address(name, entry)
    if entry.query:
        address += f"?{world.filled(entry.query)}"
    data = {key: world.filled(value) for key, value in entry.data.items()}
    sent = data if method == "POST" else {}
    with transaction.atomic():
        browser = world.browser(role)
        response: Any = getattr(browser, method.lower())(address, sent, headers=headers)
        answer = Answer(
            response.status_code,
            said(response, with_files=role in BLIND or entry.shows),
            response.headers.get("Location", ""),
            response.headers.get("Content-Type", "").startswith("text/html"),
        )
        transaction.set_rollback(True)
    return answer


def said(response: Any, *, with_files: bool = True) -> str:
    """The body and the headers, as text. Of the live stream, nothing: see below."""
    body = b"" if response.streaming else response.content
    if response.streaming and with_files and not response.is_async:
        body = b"".join(response.streaming_content)
    head = " ".join(f"{key}: {value}" for key, value in response.headers.items())
    return f"{head} {unescape(as_text(body))}"


def as_text(body: bytes) -> str:
    """What can be read in a page or a file; a PDF is packed, and is not read."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as kept:
            return " ".join(
                f"{name} {kept.read(name).decode(errors='replace')}" for name in kept.namelist()
            )
    return body.decode(errors="replace")


def is_sent_to_log_in(answer: Answer) -> bool:
    return answer.code == 302 and answer.leads_to.startswith(reverse("account_login"))


def ways(role: str, method: str, entry: Entry) -> list[dict[str, str]]:
    """How an address is asked for: as a page; by Ola, who sees nothing, also as parts of one."""
    if role != OLA:
        return [{}]
    parts = entry.parts if method == "GET" else ()
    return [{}, HTMX, *(HTMX | {"HX-Target": part} for part in parts)]


def test_every_address_has_a_line_here() -> None:
    assert sorted(patterns()) == sorted(ENTRIES)


def wrong_with(role: str, method: str, entry: Entry, answer: Answer) -> list[str]:
    """Say what is wrong with an answer: nothing, as a rule."""
    code, words = answer.code, answer.words
    if entry.allows(role, method):
        wrong = ["is refused"] if code in REFUSED - {entry.also} else []
        if is_sent_to_log_in(answer) and entry.who is not ANYONE:
            wrong.append("is sent to log in")
    elif role == ANONYMOUS:
        wrong = [] if is_sent_to_log_in(answer) else ["is not sent to log in"]
    else:
        wrong = [] if code in {403, 404} else ["is let in"]
    if role in BLIND:
        wrong += [f"is told «{word}»" for word in SECRETS if word in words]
    wrong += [f"is told «{word}»" for word in HIDDEN if word in words]
    is_shown = any(word in words for word in SECRETS)
    if role == KARI and entry.shows and method == entry.methods[0] and not is_shown:
        wrong.append("is shown nothing that could be secret")
    return wrong


@pytest.mark.parametrize("role", EVERYONE)
def test_everybody_gets_where_they_may_and_nowhere_else(world: World, role: str) -> None:
    wrong = [
        f"{role} {fault} ({answer.code}): {method} {name} {headers or ''}"
        for name, entry in ENTRIES.items()
        for method in entry.methods
        for headers in ways(role, method, entry)
        for answer in [go(world, role, method, name, headers)]
        for fault in wrong_with(role, method, entry, answer)
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [REVISOR, KARI, LEDER, ADMIN])
def test_what_only_others_may_read_is_not_found_by_its_address(world: World, role: str) -> None:
    wrong = []
    for name, entry in ENTRIES.items():
        if not set(entry.args.split()) & OF_A_DIALOG:
            continue
        for method in entry.methods:
            with transaction.atomic():
                address = world.hidden_address(name, entry)
                response: Any = getattr(world.browser(role), method.lower())(address)
                words = said(response)
                transaction.set_rollback(True)
            told = [word for word in HIDDEN if word in words]
            if response.status_code not in {403, 404} or told:
                wrong.append(f"{method} {name}: {response.status_code} {told}")

    assert not wrong, "\n".join(wrong)


def test_what_changes_something_is_not_done_by_a_link(world: World) -> None:
    posts = [name for name, entry in ENTRIES.items() if "GET" not in entry.methods]

    answers = {name: go(world, ADMIN, "GET", name).code for name in posts}

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
    own = {name for name, entry in ENTRIES.items() if entry.own}
    # A page of allauth's is one's own affair whatever it is asked.
    assert may_post - own == {
        name for name in may_post - own if views[name].__module__.startswith(ACCOUNT)
    }
    assert own <= may_post


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
        answer = go(world, role, "GET", name)
        if answer.is_page:
            for method, target in led_to(answer.words, world.address(name, ENTRIES[name])):
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
