"""What the pages of getting access show: a firm half-way, with one thing in every state."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from clients.adding import runs
from clients.finding.verdicts import Reason
from clients.models import (
    AddingItem,
    AddingRun,
    Candidate,
    Client,
    ClientImport,
    DelegationReading,
    DelegationSnapshot,
    Discovery,
    Firm,
    ImportLine,
    PersonConnection,
    SystemRegistration,
    SystemUser,
    SystemUserRequest,
    VendorKey,
)
from clients.setup import keys
from clients.setup.packages import ASKED_FOR, FROM_ROLE, urn_of
from staff.models import User
from tests.stand_in import Altinn

Status = SystemUserRequest.Status
State = Candidate.State
LONG = "Østre Fiskebåtrederi og Foredling Eiendomsutvikling AS"
TROUBLE = "Altinn kjenner ikke tilgangspakken. Velg en annen, og send på nytt. (AUTH.VLD-00012)"


def build(altinn: Altinn, admin: User, clients: list[Client], now: datetime) -> dict[str, str]:
    """Return the keys of what was made, by the words that pages.py uses."""
    Firm.objects.create(orgnr=altinn.credentials()["firm"]["orgnr"], name="Ærlig Regnskap AS")
    agents = [
        SystemUser.objects.create(
            name=name, owner_orgnr="910000004", kind=SystemUser.Kind.AGENT, external_ref=name
        )
        for name in ("Post", "Lønn", "Årsoppgjør med et langt navn som må brytes", "Mva")
    ]
    PersonConnection.objects.create(
        user=admin,
        sealed=b"-",
        acr="idporten-loa-substantial",
        connected_at=now,
        expires_at=now + timedelta(hours=8),
        trouble="Lønn: Altinn svarer ikke nå.",
    )
    known = {"next_key": str(_keys(altinn, admin, now).pk)}
    known |= _requests(admin, clients, now)
    known |= _found(agents[0], admin, now)
    known |= _lists(admin, clients, now)
    return known | _adding(agents, admin, clients, now)


def _keys(altinn: Altinn, admin: User, now: datetime) -> VendorKey:
    """The key the stand-in knows, about to expire; one that was retired; and the next."""
    known = altinn.credentials()
    client = keys.set_client(
        client_id=known["client_id"], vendor_orgnr="910000004", actor=admin, now=now
    )
    current = keys.take_key(client, json.dumps(known["jwk"]), actor=admin, now=now)
    on = now.date()
    VendorKey.objects.filter(pk=current.pk).update(
        state=VendorKey.State.CURRENT,
        registered_on=on - timedelta(days=353),
        expires_on=on + timedelta(days=12),
        tested_at=now,
    )
    keys.discard(keys.make_key(client, actor=admin, now=now), actor=admin, now=now)
    following = keys.make_key(client, actor=admin, now=now)
    VendorKey.objects.filter(pk=following.pk).update(trouble="Maskinporten kjenner ikke nøkkelen.")
    SystemRegistration.objects.create(
        system_id="910000004_portalen",
        name="Regnskapsportalen",
        packages=[*FROM_ROLE, *ASKED_FOR],
        registered_at=now,
    )
    return following


def _requests(admin: User, clients: list[Client], now: datetime) -> dict[str, str]:
    """A request in each state, to the firm and to clients. None of them is looked up."""
    states: dict[str, dict[str, Any]] = {
        "waiting": {"status": Status.NEW, "mailed_to": "leder@firmaet.example", "mailed_at": now},
        "escalated": {"status": Status.NEW, "is_escalated": True},
        "unsent": {"status": Status.UNSENT, "trouble": TROUBLE},
        "rejected": {"status": Status.REJECTED},
        "denied": {"status": Status.DENIED},
        "timed_out": {"status": Status.TIMEDOUT},
        "withdrawn": {"status": Status.WITHDRAWN},
        "accepted": {"status": Status.ACCEPTED},
        "revoked": {"status": Status.ACCEPTED, "revoked_at": now},
    }
    found = {}
    for name, fields in states.items():
        made = _request(admin, now, party_orgnr=Firm.get().orgnr, area=f"Post {name}", **fields)
        found[f"request_{name}"] = str(made.pk)
    standard = SystemUser.Kind.STANDARD
    for client, (_name, fields) in zip(clients, list(states.items())[:4], strict=False):
        _request(
            admin, now, kind=standard, party_orgnr=client.orgnr or "", area=client.name,
            **fields | {"mailed_to": "", "mailed_at": None},
        )  # fmt: skip
    return found


def _request(admin: User, now: datetime, **fields: Any) -> SystemUserRequest:
    altinn_id = uuid4()
    return SystemUserRequest.objects.create(
        altinn_id=altinn_id,
        external_ref=str(altinn_id),
        packages=FROM_ROLE,
        confirm_url=f"https://am.ui.altinn.no/accessmanagement/ui/systemuser/request?id={altinn_id}",
        created_at=now,
        created_by=admin,
        sent_at=now,
        decided_at=now,
        checked_at=now + timedelta(days=1),  # fresh: the page does not ask Altinn
        **fields,
    )


def _found(agent: SystemUser, admin: User, now: datetime) -> dict[str, str]:
    """A search that is over, and a candidate in each state."""
    search = Discovery.objects.create(
        actor=admin,
        firm_orgnr=Firm.get().orgnr,
        step=Discovery.Step.FINISHED,
        unread=["Lønn kunne ikke leses: Altinn svarer ikke."],
        started_at=now,
        finished_at=now,
    )
    post = urn_of("ordinaer-post-til-virksomheten")
    judged: list[tuple[str, str, dict[str, Any]]] = [
        (State.SEES_ALL, Reason.SEES_ALL, {}),
        (State.PARTLY, Reason.PACKAGES_LACK, {"packages": [post]}),
        (State.READY, Reason.READY, {}),
        (State.PACKAGE_MISSING, Reason.PACKAGES_MISSING, {"packages": [post]}),
        (State.PACKAGE_MISSING, Reason.REFUSED, {"code": "AUTH-00069"}),
        (State.NO_ROLE, Reason.OTHER_ACCOUNTANT, {"accountant": "Strandkanten Regnskap AS"}),
        (State.ENDED, Reason.BANKRUPT, {}),
    ]
    for number, (state, reason, detail) in enumerate(judged):
        Candidate.objects.create(
            orgnr=f"31200000{number}",
            name=f"{LONG} {number}",
            discovery=search,
            roles=["REGN"],
            sights={str(agent.pk): {"sees": True, "held": [post]}} if number == 1 else {},
            unit={"orgnr": f"31200000{number}", "name": LONG, "form": "AS"},
            looked_up_at=now,
            state=state,
            reason=reason,
            detail={"system_users": [agent.name]} | detail,
            judged_at=now,
        )
    return {"candidate": "312000003", "candidate_ready": "312000002"}


def search_again(*, is_busy: bool) -> None:
    """Let a search be under way, or over."""
    Discovery.objects.filter(finished_at=None).delete()
    over = Discovery.objects.latest("started_at")
    if is_busy:
        Discovery.objects.create(
            firm_orgnr=over.firm_orgnr, step=Discovery.Step.REGISTER, started_at=over.started_at,
            trouble="Enhetsregisteret svarer ikke nå. Søket går videre av seg selv.",
        )  # fmt: skip


def _lists(admin: User, clients: list[Client], now: datetime) -> dict[str, str]:
    """A list that was brought in each state, with what may be wrong with its lines."""
    found = {}
    for state in ClientImport.State:
        job = ClientImport.objects.create(
            actor=admin,
            source="klientliste fra det gamle systemet.xlsx",
            columns=["orgnr", "name", "responsible"],
            ignored=["Kontaktperson"],
            state=state,
            created_at=now,
            finished_at=now if state == ClientImport.State.FINISHED else None,
        )
        ImportLine.objects.bulk_create(_lines(job, clients))
        found[f"import_{state.name.lower()}"] = str(job.pk)
    return found


def _lines(job: ClientImport, clients: list[Client]) -> Iterable[ImportLine]:
    outcome = ImportLine.Outcome
    is_over = job.state == ClientImport.State.FINISHED
    faults: list[list[dict[str, str]]] = [
        [],
        [{"code": "control"}],
        [{"code": "sub_unit", "name": LONG, "orgnr": "312000001"}],
        [{"code": "other_name", "name": LONG}],
        [{"code": "responsible", "who": "ingen@firmaet.example"}],
        [{"code": "registered", "name": clients[0].name}],
    ]
    for number, noted in enumerate(faults, start=2):
        is_good = not noted or noted[0]["code"] == "other_name"
        yield ImportLine(
            job=job,
            number=number,
            cells={"orgnr": f"31200000{number}", "name": LONG, "responsible": "kari@x.example"},
            orgnr=f"31200000{number}",
            name=LONG,
            outcome=outcome.BAD if not is_good else outcome.IMPORTED if is_over else outcome.GOOD,
            client=clients[0] if is_good and is_over else None,
            faults=noted,
        )


def _adding(
    agents: list[SystemUser], admin: User, clients: list[Client], now: datetime
) -> dict[str, str]:
    """Lists that were read, and a queue in each state that it can stand in."""
    for agent in agents:
        DelegationReading.objects.create(system_user=agent, read_at=now)
    for number, client in enumerate(clients):
        _snapshot(agents[0], client.orgnr or "", client.name, is_added=number > 2, now=now)
    for number, agent in enumerate(agents[:2]):
        _snapshot(agent, f"31300000{number}", LONG, is_added=True, now=now)
    found = {"agent": str(agents[0].pk), "other_agent": str(agents[1].pk)}
    states = AddingRun.State
    made = [
        ("finished", agents[0], states.FINISHED, ""),
        ("draft", agents[0], states.DRAFT, ""),
        ("running", agents[1], states.RUNNING, ""),
        ("sign_in", agents[2], states.SIGN_IN, "Innloggingen i ID-porten er avsluttet."),
        ("paused", agents[3], states.PAUSED, ""),
    ]
    for name, agent, state, trouble in made:
        run = runs.draft(
            agent, [(uuid4(), client.orgnr or "", client.name) for client in clients],
            wish=AddingItem.Wish.ADD, actor=admin, now=now,
        )  # fmt: skip
        is_begun = state != states.DRAFT
        AddingRun.objects.filter(pk=run.pk).update(
            state=state,
            trouble=trouble,
            started_at=now if is_begun else None,
            finished_at=now if state == states.FINISHED else None,
        )
        if is_begun:
            _items(run, now)
        found[f"run_{name}"] = str(run.pk)
    return found


def _snapshot(agent: SystemUser, orgnr: str, name: str, *, is_added: bool, now: datetime) -> None:
    DelegationSnapshot.objects.create(
        system_user=agent,
        party_uuid=uuid4(),
        orgnr=orgnr,
        name=name,
        is_added=is_added,
        read_at=now,
    )


def _items(run: AddingRun, now: datetime) -> None:
    states = AddingItem.State
    outcomes = [states.DONE, states.ALREADY, states.REFUSED, states.UNKNOWN]
    for item, state in zip(run.items.order_by("pk"), outcomes, strict=False):
        is_refused = state == states.REFUSED
        said = "Klienten har ikke gitt firmaet pakkene. Be klienten gi dem i Altinn."
        AddingItem.objects.filter(pk=item.pk).update(
            state=state,
            tried_at=now,
            code="AUTH-00080" if is_refused else "",
            sentence=said if is_refused else "",
        )
