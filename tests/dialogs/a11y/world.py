"""A firm at work: something of everything that a page can show, and a colleague who has nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from clients.health.alarms import Kind, of_client, settle
from clients.models import (
    AreaResponsible,
    Category,
    Client,
    ClientRegisterState,
    ServiceArea,
    Subscription,
    SystemUser,
    WatchedService,
)
from dialogs import actions
from dialogs.models import (
    BulkItem,
    BulkJob,
    CalendarFeed,
    ChecklistStep,
    ClientNoticeChoice,
    Delivery,
    Dialog,
    ExportJob,
    Notice,
    PinRule,
    SavedSearch,
    Service,
)
from dialogs.notes.actions import add_note, write_guide
from dialogs.notes.place import Place
from dialogs.outgoing import unsubscribing
from staff.models import Absence, Team, User
from tests.dialogs.conftest import MakeDialog

LONG = "Varsel om endring av skattefastsetting og tilleggsskatt for inntektsåret 2025 med vedlegg"

CLIENTS = [
    "Ås Rør AS",
    "Østre Fiskebåtrederi og Foredling AS",
    "Bakeren AS",
    "Data Granli ENK",
    "Ærlig Regnskap AS",
]


@dataclass
class World:
    """What the addresses need: the keys of things, by the words that pages.py uses."""

    users: dict[str, User]
    keys: dict[str, str]


def build(
    people: dict[str, User],
    make_client: Callable[..., Client],
    make_dialog: MakeDialog,
    reader: SystemUser,
    now: datetime,
) -> World:
    kari, leder = people["accountant"], people["manager"]
    team = Team.objects.create(name="Lønn")
    kari.teams.add(team)
    area, _ = ServiceArea.objects.get_or_create(name="Lønn")
    rule, _ = PinRule.objects.get_or_create(why="Tvangsmulkt", defaults={"words": "tvangsmulkt"})
    clients = [
        make_client(name, responsible=kari if number % 4 else None, team=team)
        for number, name in enumerate(CLIENTS)
    ]
    AreaResponsible.objects.create(client=clients[0], area=area, user=leder)
    settle(Kind.BANKRUPT, [of_client(clients[1].pk, is_bankrupt=True)], looked_at=5, now=now)
    silent = [of_client(clients[2].pk, since=now.isoformat())]
    settle(Kind.SILENT, silent, looked_at=5, now=now)
    dialogs = _dialogs(clients, make_dialog, kari, rule, now)
    service = Service.objects.get(pk=dialogs[0].service_id)
    service.area = area
    service.save()
    step = ChecklistStep.objects.create(service=service, text="Avstem", position=1)
    write_guide(service, "Slik svarer vi.", seen="", actor=leder, now=now)
    note = _work(dialogs, clients, kari, leder, now)
    search = SavedSearch.objects.create(
        name="Krever handling", owner=kari, query="status=RequiresAttention", created_at=now
    )
    today = timezone.localdate()
    absence = Absence.objects.create(
        user=kari,
        from_on=today + timedelta(days=5),
        to_on=today + timedelta(days=9),
        substitute=leder,
    )
    _told(clients[0], kari, now)
    left = User.objects.create_user(
        "siri@firmaet.invalid", first_name="Siri", last_name="Vik", is_active=False
    )
    watched = _registered(clients[0], leder, reader, now)
    keys = {
        "watched": str(watched.pk),
        "dialog": str(dialogs[0].pk), "reopened": str(dialogs[4].pk),
        "client": str(clients[0].pk), "service": str(service.pk), "rule": str(rule.pk),
        "area": str(area.pk), "search": str(search.pk), "note": str(note), "step": str(step.pk),
        "job": str(_job(dialogs, kari, now)), "system_user": str(reader.pk),
        "absence": str(absence.pk), "kari": str(kari.pk), "export": str(_export(kari, now)),
        "off": unsubscribing.address_for(kari, ["ASSIGNED", "DAILY"]),
        "left": str(left.pk),
    }  # fmt: skip
    return World(people, keys)


def _dialogs(
    clients: list[Client], make_dialog: MakeDialog, kari: User, rule: PinRule, now: datetime
) -> list[Dialog]:
    statuses = ["RequiresAttention", "InProgress", "NotApplicable", "Awaiting", "Completed"]
    return [
        make_dialog(
            clients[number % 5],
            f"{LONG if number % 3 == 0 else 'Mva-melding'} {number}",
            summary="Oppgaven skal leveres før fristen går ut.\nSe vedlegget.",
            due_in=[-20, 0, 1, 5, 40, None][number % 6],
            status=statuses[number // 6 % 5] if number > 5 else "RequiresAttention",
            responsible=kari if number % 4 else None,
            is_unread=number % 2 == 0,
            has_unopened_content=number % 5 == 0,
            attachment_count=number % 3,
            pin=rule if number % 7 == 0 else None,
            owner=["skd", "nav", "brg"][number % 3],
            content_updated_at=now - timedelta(days=number),
        )
        for number in range(30)
    ]


def _work(
    dialogs: list[Dialog], clients: list[Client], kari: User, leder: User, now: datetime
) -> int:
    """Do something with each of the first dialogs; return a note's key."""
    today = timezone.localdate()
    first, *rest = dialogs

    def decided(dialog: Dialog) -> actions.Decision:
        dialog.refresh_from_db()
        return actions.Decision(kari, now, dialog.work_version)

    note = add_note(
        Place(clients[0], first),
        "Marit Solberg, ser du på denne?\nTakk.",
        author=kari,
        now=now,
        mentioned=[leder],
    )
    add_note(Place(clients[0]), "Viktig om klienten", author=leder, now=now, is_pinned=True)
    actions.set_internal_due(rest[0], today, decided(rest[0]))
    actions.set_estimated_due(rest[4], today + timedelta(days=12), decided(rest[4]))
    actions.snooze(rest[1], today + timedelta(days=1), decided(rest[1]))
    actions.finish(rest[2], decided(rest[2]))
    actions.finish(rest[3], decided(rest[3]))
    Dialog.objects.filter(pk=rest[3].pk).update(done_at=None, reopened_at=now)
    actions.follow(first, user=kari, now=now)
    actions.note_opening(first, user=leder, now=now)
    Notice.objects.create(
        user=kari,
        kind=Notice.Kind.ASSIGNED,
        actor=leder,
        dialog=first,
        created_at=now,
        comment="Svar før fredag",
    )
    return note.pk


def _told(client: Client, kari: User, now: datetime) -> None:
    """Let Kari have been told of something in every way, and have a calendar and an exception."""
    notice = Notice.objects.filter(user=kari).latest("pk")
    for number, state in enumerate(Delivery.State.values):
        Delivery.objects.create(
            user=kari, channel="EMAIL", event="ASSIGNED", notice=notice, key=f"notice {number}",
            is_chosen=False, created_at=now, due_at=now, state=state, trouble="550",
            address=kari.email,
        )  # fmt: skip
    CalendarFeed.objects.create(owner=kari, scope="USER", code_hash="x", created_at=now)
    ClientNoticeChoice.objects.create(user=kari, client=client, rule="MUTED")


def _job(dialogs: list[Dialog], kari: User, now: datetime) -> int:
    job = BulkJob.objects.create(
        actor=kari,
        act=BulkJob.Act.ARCHIVE,
        state=BulkJob.State.FINISHED,
        created_at=now,
        finished_at=now,
    )
    outcomes = [BulkItem.Outcome.CHANGED, BulkItem.Outcome.CHANGED, BulkItem.Outcome.FAILED]
    BulkItem.objects.bulk_create(
        [
            BulkItem(job=job, dialog=dialog, outcome=outcome, reason="Altinn tillater det ikke.")
            for dialog, outcome in zip(dialogs, outcomes, strict=False)
        ]
    )
    return job.pk


def _export(kari: User, now: datetime) -> int:
    """A file that lies ready; two more are on their way, and not made."""
    for state, reason in (("RUNNING", ""), ("FAILED", "Listen er tom nå.")):
        ExportJob.objects.create(
            user=kari,
            listed="klienter",
            kind="csv",
            form=state,
            state=state,
            reason=reason,
            rows=500,
            total=9000,
            asked_at=now,
        )
    ready = ExportJob.objects.create(
        user=kari,
        listed="innboks",
        query="frist=over",
        kind="xlsx",
        form="ready",
        state="READY",
        rows=9000,
        asked_at=now,
        finished_at=now,
        stored_as="eksport/x",
        keep_until_at=now + timedelta(days=1),
    )
    return ready.pk


def _registered(client: Client, leder: User, reader: SystemUser, now: datetime) -> WatchedService:
    """Let Enhetsregisteret warn of a client, some mail of it be for few, and Altinn refuse us."""
    ClientRegisterState.objects.create(
        client=client,
        name=client.name.upper(),
        form="AS",
        is_bankrupt=True,
        is_dissolving=True,
        vat_registered=True,
        role_held=False,
        role_ended_at=now,
        read_at=now,
    )
    category, _made = Category.objects.get_or_create(name="Sykefravær")
    restriction = client.category_restrictions.create(category=category)
    restriction.readers.add(leder)
    for resource, state in (("skd-mva", "VALIDATED"), ("skd-otp-tilsyn", "REFUSED")):
        Subscription.objects.create(
            access=reader.accesses.order_by("pk")[0],
            resource=f"urn:altinn:resource:{resource}",
            state=state,
            address="earlier",
            wanted_at=now,
            refused_at=now,
        )
    return WatchedService.objects.create(resource="urn:altinn:resource:skd-mva", added_at=now)
