"""What the access walk stands on: one world, one person of each kind, and what each may reach.

Everything secret in the world is about one client, whose words are in SECRETS. Kari works for it.
Ola and Liten, an auditor who sees no client, do not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.test import Client as Browser
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from altinn.details import Details
from clients.health.alarms import Kind, of_client, settle
from clients.models import (
    Access,
    AreaResponsible,
    Category,
    CategoryService,
    Client,
    Party,
    ServiceArea,
    SystemUser,
    WatchedService,
)
from dialogs.answering.asked import Request
from dialogs.content import opening
from dialogs.home.hand_over import HANDED_OVER
from dialogs.models import (
    ArchivedFile,
    BulkItem,
    BulkJob,
    ChecklistStep,
    ClientNoticeChoice,
    Delivery,
    Dialog,
    DialogCopy,
    ExportJob,
    Notice,
    PinRule,
    SavedSearch,
    Service,
    ServiceAction,
    ServiceOwner,
)
from dialogs.notes.actions import add_note, delete_note, edit_note, version_of
from dialogs.notes.place import Place
from dialogs.outgoing import calendars, unsubscribing
from dialogs.outgoing.calendars import Scope
from staff import audit, invitations
from staff.models import Absence, AuditEntry, User
from staff.sealing import seal
from tests.dialogs.a11y import onboarding
from tests.stand_in import ROOT, Altinn

Role = User.Role

# Who the walk goes as.
ANONYMOUS, OLA, LITEN, REVISOR = "anonymous", "ola", "liten", "revisor"
KARI, LEDER, ADMIN = "kari", "leder", "admin"
AUDITORS = {REVISOR, LITEN}
STAFF = {OLA, KARI, LEDER, ADMIN} | AUDITORS
EVERYONE = [ANONYMOUS, OLA, LITEN, REVISOR, KARI, LEDER, ADMIN]
BLIND = {ANONYMOUS, OLA, LITEN}  # see nothing of the client

PEOPLE: dict[str, dict[str, Any]] = {
    OLA: {"first_name": "Ola", "last_name": "Berg"},
    LITEN: {"first_name": "Liten", "last_name": "Revisor", "role": Role.AUDITOR,
            "sees_all_clients": False},
    REVISOR: {"first_name": "Stor", "last_name": "Revisor", "role": Role.AUDITOR},
    KARI: {"first_name": "Kari", "last_name": "Hansen"},
    LEDER: {"first_name": "Marit", "last_name": "Solberg", "role": Role.MANAGER},
    ADMIN: {"first_name": "Per", "last_name": "Nilsen", "role": Role.ADMIN},
}  # fmt: skip

NAME, ORGNR = "Hvalfangeren Nordlys AS", "310495921"
TITLE, SUMMARY, NOTE, FILE = "Kvikksølvvarsel", "Sjokoladefabrikk", "Paraplynotat", "trompet.pdf"
SECRETS = ["Nordlys", "NORDLYS", ORGNR, "310 495 921", TITLE, SUMMARY, NOTE, "trompet", "Sildebank"]
# Of a dialog that only somebody who is not here may read.
HIDDEN_TITLE, HIDDEN_SUMMARY = "Brunostgate", "Rognebærsaft"
HIDDEN_NOTE, HIDDEN_FILE = "Trekkspillnotat", "munnharpe.pdf"
HIDDEN = [HIDDEN_TITLE, HIDDEN_SUMMARY, HIDDEN_NOTE, "munnharpe"]


@dataclass(frozen=True)
class Who:
    """Whom a page is for. Everybody else is refused."""

    people: frozenset[str]


ANYONE = Who(frozenset(EVERYONE))  # also without logging in
ALL = Who(frozenset(STAFF))
SEES = Who(frozenset(STAFF - {OLA, LITEN}))  # sees the client; others find nothing
KARIS = Who(frozenset({KARI}))  # her own: others find nothing
LEADERS = Who(frozenset({LEDER, ADMIN}))
ADMINS = Who(frozenset({ADMIN}))
AUDITS = Who(frozenset({ADMIN} | AUDITORS))
NOBODY = Who(frozenset())
OWN_OR_LEADS = Who(frozenset({KARI, LEDER, ADMIN}))  # Kari's own, and that of who leads


@dataclass(frozen=True)
class Entry:
    methods: tuple[str, ...]
    who: Who
    args: str = ""  # keys of the world, in the address's order
    query: str = ""
    data: dict[str, str] = field(default_factory=dict)
    own: bool = False  # a POST that is open to auditors
    work: bool = False  # a GET that is closed to them
    also: int = 0  # a refusal that those who are let in may get, from a neighbour
    parts: tuple[str, ...] = ()  # what htmx aims at, where the answer depends on it
    writes: Who | None = None  # who may POST, where fewer than may read
    shows: bool = False  # Kari is shown something secret: that Ola is not, says something

    def allows(self, role: str, method: str) -> bool:
        if role in AUDITORS and (self.work if method == "GET" else not self.own):
            return self.who is ANYONE
        who = self.writes if method == "POST" and self.writes else self.who
        return role in who.people


def page(who: Who, args: str = "", **more: Any) -> Entry:
    return Entry(("GET",), who, args, **more)


def act(who: Who, args: str = "", **more: Any) -> Entry:
    return Entry(("POST",), who, args, **more)


def form(who: Who, args: str = "", **more: Any) -> Entry:
    return Entry(("GET", "POST"), who, args, **more)


def patterns() -> dict[str, Callable[..., Any]]:
    """Every name in the URLconf, with its view."""

    def walk(found: list[Any], space: str) -> Any:
        for one in found:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
            elif (space, one.name) != ("admin:", None):  # Django's, for old addresses
                yield f"{space}{one.name}", one.callback

    return dict(walk(get_resolver().url_patterns, ""))


@dataclass
class World:
    users: dict[str, User]
    sessions: dict[str, str]
    keys: dict[str, str]
    hidden: dict[str, str]  # by the same keys, what is of the dialog that nobody here may read
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)  # every step, taken once

    def browser(self, role: str) -> Browser:
        browser = Browser()
        if role != ANONYMOUS:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return browser

    def address(self, name: str, entry: Entry) -> str:
        return reverse(name, args=[self.keys[key] for key in entry.args.split()])

    def hidden_address(self, name: str, entry: Entry) -> str:
        known = self.keys | self.hidden
        return reverse(name, args=[known[key] for key in entry.args.split()])

    def filled(self, text: str) -> str:
        return text.format(**self.keys)


def build(altinn: Altinn, now: datetime) -> World:
    users = {
        role: User.objects.create_user(f"{role}@firmaet.invalid", "riktig hest batteri", **fields)
        for role, fields in PEOPLE.items()
    }
    sessions = {}
    for role, user in users.items():
        browser = Browser()
        browser.force_login(user)
        session = browser.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": now.timestamp()}
        ]
        session.save()
        sessions[role] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    reader = SystemUser.objects.create(name="Leser", owner_orgnr="910000004", polled_at=now)
    client = _client(reader, users[KARI], now)
    owner = ServiceOwner.objects.create(code="skd", name="Skatteetaten")
    service = Service.objects.create(urn="urn:altinn:resource:skd-x", owner=owner, name="Mva")
    dialog = _dialog(client, service, users[KARI], now)
    DialogCopy.objects.create(dialog=dialog, received={}, title=TITLE, summary=SUMMARY)
    keys = {
        "client": str(client.pk), "dialog": str(dialog.pk), "system_user": str(reader.pk),
        "missing": "999999999", "kari": str(users[KARI].pk), "service": str(dialog.service_id),
        "watched": str(WatchedService.objects.create(resource="urn:x", added_at=now).pk),
        "csv": "csv", "step_name": "ansatte", "provider": "leverandor", "app": "staff",
        "listed": "innboks", "due_on": str(timezone.localdate(dialog.due_at)),
    }  # fmt: skip
    keys |= _opened(altinn, dialog, users[KARI], now)
    keys |= _work(dialog, users, now)
    keys |= onboarding.build(altinn, users[ADMIN], [client], now)
    hidden, others = _hidden(altinn, dialog, users[KARI], now)
    keys |= others | _own(client, users, now)
    return World(users, sessions, keys, hidden)


def _client(reader: SystemUser, kari: User, now: datetime) -> Client:
    client = Client.objects.create(name=NAME, orgnr=ORGNR, responsible=kari, added_at=now)
    for kind, orgnr, name in (
        (Party.Kind.MAIN, ORGNR, NAME),
        (Party.Kind.SUB, "315010004", "Hvalfangeren avd. Sildebank"),
    ):
        urn = f"urn:altinn:organization:identifier-no:{orgnr}"
        party = Party.objects.create(urn=urn, client=client, kind=kind, orgnr=orgnr, name=name)
        Access.objects.create(system_user=reader, party=party, found_at=now, loaded_at=now)
    category, _made = Category.objects.get_or_create(name="Sykefravær")
    client.category_restrictions.create(category=category).readers.add(kari)
    settle(Kind.BANKRUPT, [of_client(client.pk, is_bankrupt=True)], looked_at=5, now=now)
    return client


def _dialog(client: Client, service: Service, kari: User | None, now: datetime) -> Dialog:
    party = client.parties.get(kind=Party.Kind.MAIN)
    rule, _made = PinRule.objects.get_or_create(
        why="Tvangsmulkt", words="tvangsmulkt", defaults={"position": 0}
    )
    before = now - timedelta(days=1)
    return Dialog.objects.create(
        id=uuid4(), client=client, party=party, access=Access.objects.get(party=party),
        service=service, owner=service.owner, status="RequiresAttention", is_sent=False,
        is_unread=True, has_unopened_content=True, attachment_count=1,
        created_at=before, updated_at=before, content_updated_at=before,
        read_at=now, received_digest=uuid4(), first_seen_at=before, due_at=before,
        binding_at=before, responsible=kari, pin=rule,
    )  # fmt: skip


def _opened(altinn: Altinn, dialog: Dialog, kari: User, now: datetime) -> dict[str, str]:
    """Let the dialog be opened here, with a file in it and a button."""

    def sample(name: str) -> Details:
        text = (ROOT / f"sandbox/services/{name}.json").read_text("utf-8")
        host = altinn.base_url
        return msgspec.json.decode(text.replace("https://platform.altinn.no", host), type=Details)

    button = sample("generic-service-with-write-actions")
    letter = sample("correspondence-confirmation-required")
    details = msgspec.structs.replace(button, attachments=letter.attachments, dialog_token=None)
    opening._keep(dialog, details, user=kari, at=now)
    press = next(one for one in details.gui_actions if one.http_method != "GET")
    return {
        "file": str(letter.attachments[0].id),
        "button": str(press.id),
        "revision": str(details.revision),
    }


def _hidden(
    altinn: Altinn, seen: Dialog, kari: User, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Let another of the client's dialogs be for somebody who is not here any more."""
    gone = User.objects.create_user("borte@firmaet.invalid", first_name="Borte", is_active=False)
    passkey = Authenticator.objects.create(user=gone, type=Authenticator.Type.WEBAUTHN, data={})
    category = Category.objects.create(name="Ledelsens post")
    pattern = "urn:altinn:resource:skd-skjult"
    CategoryService.objects.create(category=category, pattern=pattern)
    seen.client.category_restrictions.create(category=category).readers.add(gone)
    service = Service.objects.create(urn=pattern, owner=seen.owner, name="Kontroll")
    dialog = _dialog(seen.client, service, None, now)
    DialogCopy.objects.create(
        dialog=dialog, received={}, title=HIDDEN_TITLE, summary=HIDDEN_SUMMARY
    )
    dialog.refresh_from_db()
    assert dialog.restriction
    hidden = {"dialog": str(dialog.pk)} | _opened(altinn, dialog, kari, now)
    hidden |= _on(dialog, kari, HIDDEN_NOTE, HIDDEN_FILE, HIDDEN_SUMMARY, now)
    return hidden, {"gone": str(gone.pk), "passkey": str(passkey.pk)}


def _own(client: Client, users: dict[str, User], now: datetime) -> dict[str, str]:
    """What Kari has of her own, and what others reach by secret addresses."""
    kari, ola = users[KARI], users[OLA]
    TOTP.activate(kari, generate_totp_secret())
    RecoveryCodes.activate(kari)
    about: dict[str, Any] = {"team": None, "hides_clients": False, "now": now}
    feed, _code = calendars.make(kari, scope=Scope.CLIENT, client=client, **about)
    _feed, code = calendars.make(ola, scope=Scope.CLIENT, client=client, **about)
    new = User.objects.create_user("ny@firmaet.invalid", first_name="Ny")
    Delivery.objects.create(
        user=kari, channel=Delivery.Channel.EMAIL, event=Notice.Kind.ASSIGNED, key="notice 0",
        notice=Notice.objects.get(user=kari, dialog__restriction=None), is_chosen=False,
        created_at=now, due_at=now,
    )  # fmt: skip
    return {
        "feed": str(feed.pk), "calendar": code,
        "off_code": unsubscribing.address_for(ola, ["DAILY"]).rstrip("/").rsplit("/", 1)[1],
        "invitation": invitations.make(new, actor=users[ADMIN], now=now),
        "choice": str(ClientNoticeChoice.objects.create(
            user=kari, client=client, rule=ClientNoticeChoice.Rule.BELL).pk),
        "export": str(ExportJob.objects.create(
            user=kari, listed="innboks", kind="csv", form="x", state=ExportJob.State.FAILED,
            reason="Listen er tom nå.", asked_at=now).pk),
    }  # fmt: skip


def _work(dialog: Dialog, users: dict[str, User], now: datetime) -> dict[str, str]:
    kari, client, today = users[KARI], dialog.client, timezone.localdate()
    job = BulkJob.objects.create(
        actor=kari, act=BulkJob.Act.DONE, state=BulkJob.State.FINISHED, created_at=now,
        finished_at=now,
    )  # fmt: skip
    BulkItem.objects.create(job=job, dialog=dialog, outcome=BulkItem.Outcome.FAILED, reason="Nei.")
    area, _made = ServiceArea.objects.get_or_create(name="Lønn")
    AreaResponsible.objects.create(client=client, area=area, user=kari)
    away = today + timedelta(days=5)
    share = {"receiver": users[LEDER].pk, "inbox": 1, "at": 1, "client_names": [NAME]}
    audit.record(actor=kari, act=HANDED_OVER, about=f"user {kari.pk}", now=now, shares=[share])
    return _on(dialog, kari, NOTE, FILE, SUMMARY, now) | {
        "job": str(job.pk), "area": str(area.pk), "rule": str(dialog.pin_id),
        "step": str(ChecklistStep.objects.create(
            service=dialog.service, text="Avstem", position=1).pk),
        "search": str(SavedSearch.objects.create(
            name="Mine", owner=kari, query=f"klient={client.pk}", created_at=now).pk),
        "absence": str(Absence.objects.create(user=kari, from_on=away, to_on=away).pk),
        "alarm": str(client.alarms.get().pk),
        "handed_over": str(AuditEntry.objects.get(act=HANDED_OVER).pk),
    }  # fmt: skip


def _on(
    dialog: Dialog, kari: User, text: str, file: str, answer: str, now: datetime
) -> dict[str, str]:
    """What people have put on a dialog: notes, a file, a notice, and a button to be approved."""
    place = Place(dialog.client, dialog)
    note = add_note(place, text, author=kari, now=now)
    edit_note(note, f"{text} igjen", seen=version_of(note), actor=kari, now=now)
    gone = add_note(place, f"{text} slettet", author=kari, now=now)
    delete_note(gone, actor=kari, now=now)
    kept = ArchivedFile.objects.create(
        client=dialog.client, dialog=dialog, attachment_id=uuid4(), media_type="application/pdf",
        sealed_name=seal(file.encode()), size_bytes=4, sha256="0" * 64, stored_as="none",
        saved_at=now, saved_by=kari, keep_until_on=timezone.localdate(),
    )  # fmt: skip
    notice = Notice.objects.create(
        user=kari, kind=Notice.Kind.ASSIGNED, dialog=dialog, created_at=now
    )
    return {
        "note": str(note.pk), "deleted_note": str(gone.pk), "archived": str(kept.pk),
        "notice": str(notice.pk), "action": str(_action(dialog, kari, answer, now).pk),
    }  # fmt: skip


def _action(dialog: Dialog, kari: User, answer: str, now: datetime) -> ServiceAction:
    """What Kari asked for, and a second person has to approve."""
    request = Request("POST", "https://platform.altinn.no/x", lines=[("Melding", answer)])
    return ServiceAction.objects.create(
        dialog=dialog, kind=ServiceAction.Kind.BUTTON, action_id=uuid4(), revision=uuid4(),
        name="Bekreft", method="POST", host="platform.altinn.no", actor=kari,
        system_user=dialog.access.system_user, request=request.sealed(),
        request_hash=request.hash, state=ServiceAction.State.WAITING, asked_at=now,
    )  # fmt: skip
