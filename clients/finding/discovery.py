"""Search for the firm's clients, step by step, and judge each of those that are found.

Whoever works on a search holds a lease. A step that was broken off is done again from its
beginning, or from the first candidate it has not looked up: nothing is lost and nothing is double.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from altinn.enhetsregisteret import Unit
from altinn.errors import AltinnError
from clients import connect
from clients.advice import advice_for
from clients.finding import gathering
from clients.finding.verdicts import Facts, Sight, Verdict, judge
from clients.models import Candidate, Client, Discovery, Firm, SystemUser
from staff import audit
from staff.models import User

LEASE = timedelta(seconds=90)  # longer than any one step takes between two renewals
RUN_SECONDS = 30
TRY_AGAIN = timedelta(seconds=60)
KEEP = timedelta(days=60)
JUDGED_AT_ONCE = 500

Step = Discovery.Step


class NoFirm(Exception):
    """Nobody has said which firm this is yet."""


def firm_orgnr() -> str:
    """Return the firm's number: from the set-up, the client that is it, or an agent's owner."""
    if orgnr := Firm.get().orgnr:
        return orgnr
    if firm := Client.objects.filter(is_firm=True).first():
        return firm.orgnr or ""
    agents = SystemUser.objects.usable().filter(kind=SystemUser.Kind.AGENT)
    return agents.values_list("owner_orgnr", flat=True).first() or ""


def firm_name() -> str:
    """Return what clients know the firm as."""
    firm = Firm.get()
    if firm.name:
        return firm.name
    client = Client.objects.filter(is_firm=True).first()
    return client.name if client else _("Regnskapsfirmaet")


def start(*, actor: User | None, now: datetime) -> Discovery:
    """Begin a search; the one that is under way, if there is one.

    Raises:
        NoFirm: it is not known for whom.
    """
    orgnr = firm_orgnr()
    if not orgnr:
        raise NoFirm
    try:
        with transaction.atomic():
            discovery = Discovery.objects.create(actor=actor, firm_orgnr=orgnr, started_at=now)
            about = f"discovery {discovery.pk}"
            audit.record(actor=actor, act="client search begun", about=about, now=now)
    except IntegrityError:
        return Discovery.objects.get(firm_orgnr=orgnr, finished_at=None)
    return discovery


def latest() -> Discovery | None:
    return Discovery.objects.order_by("-started_at", "-pk").first()


def due(*, now: datetime) -> list[int]:
    """Return the keys of searches that nobody is working on."""
    waiting = Discovery.objects.filter(_is_free(now), finished_at=None)
    return list(waiting.order_by("started_at").values_list("pk", flat=True))


def _is_free(now: datetime) -> Q:
    return Q(lease_until_at=None) | Q(lease_until_at__lte=now)


def run(key: int, *, now: datetime, seconds: float = RUN_SECONDS) -> bool:
    """Work on a search for a while; return whether there is more to do just now."""
    lease = now + LEASE
    free = Discovery.objects.filter(_is_free(now), pk=key, finished_at=None)
    if not free.update(lease_until_at=lease):
        return False
    discovery = Discovery.objects.select_related("actor").get(pk=key)
    until = time.monotonic() + seconds
    try:
        for _done in _steps(discovery):
            if not _renew(discovery):
                return False
            if time.monotonic() > until and discovery.step != Step.FINISHED:
                _release(discovery, until=None)
                return True
    except AltinnError as exc:
        said = advice_for(exc)
        trouble = f"{said.text} {said.next_step}"
        _release(discovery, until=timezone.now() + TRY_AGAIN, trouble=trouble)
        return False
    return False


def _steps(discovery: Discovery) -> Iterator[int]:
    """Do what is left, a piece at a time."""
    if discovery.step == Step.ROLES:
        with connect.enhetsregisteret() as register:
            yield gathering.read_roles(discovery, register)
        yield _go_on(discovery, Step.ALTINN)
    if discovery.step == Step.ALTINN:
        yield from _read_sights(discovery)
        yield _go_on(discovery, Step.REGISTER)
    if discovery.step == Step.REGISTER:
        with connect.enhetsregisteret() as register:
            yield from gathering.look_up(discovery, register, now=timezone.now())
        yield _go_on(discovery, Step.JUDGE)
    if discovery.step == Step.JUDGE:
        Candidate.objects.exclude(discovery=discovery).delete()
        yield from judge_all(now=timezone.now())
        yield _finish(discovery)


def _read_sights(discovery: Discovery) -> Iterator[int]:
    """Read what each system user sees; one that cannot be read does not stop the others."""
    unread = []
    system_users = list(SystemUser.objects.usable().order_by("pk"))
    for system_user in system_users:
        try:
            gathering.read_sights(discovery, system_user)
        except (AltinnError, connect.NotConfigured) as exc:
            why = advice_for(exc).text if isinstance(exc, AltinnError) else str(exc)
            said = _("%(name)s ble ikke lest, så det som står om den, er fra sist. %(why)s")
            unread.append(said % {"name": system_user.name, "why": why})
        yield 1
    gathering.note_delegable(discovery, system_users)
    Discovery.objects.filter(pk=discovery.pk).update(unread=unread)


def _go_on(discovery: Discovery, step: Step) -> int:
    Discovery.objects.filter(pk=discovery.pk).update(step=step)
    discovery.step = step
    return 0


def _finish(discovery: Discovery) -> int:
    now = timezone.now()
    discovery.step = Step.FINISHED
    mine = Discovery.objects.filter(pk=discovery.pk, finished_at=None)
    with transaction.atomic():
        if mine.update(step=Step.FINISHED, finished_at=now, trouble=""):
            about, found = f"discovery {discovery.pk}", discovery.candidates.count()
            audit.record(
                actor=discovery.actor, act="client search finished", about=about, now=now,
                found=found,
            )  # fmt: skip
    return 0


def _renew(discovery: Discovery) -> bool:
    """Keep the lease for another while; False if somebody else has taken over."""
    lease = timezone.now() + LEASE
    mine = Discovery.objects.filter(pk=discovery.pk, lease_until_at=discovery.lease_until_at)
    discovery.lease_until_at = lease
    return bool(mine.update(lease_until_at=lease, trouble=""))


def _release(discovery: Discovery, *, until: datetime | None, trouble: str = "") -> None:
    mine = Discovery.objects.filter(pk=discovery.pk, lease_until_at=discovery.lease_until_at)
    mine.update(lease_until_at=until, trouble=trouble)


def judge_all(*, now: datetime, orgnrs: Iterable[str] | None = None) -> Iterator[int]:
    """Judge the candidates by what is written down of them, some hundred at a time.

    Whoever has changed what a client lacks (added it, say) may have these judged anew.
    """
    known = _Known()
    wanted = Candidate.objects.all()
    if orgnrs is not None:
        wanted = wanted.filter(orgnr__in=set(orgnrs))
    keys = list(wanted.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(keys), JUDGED_AT_ONCE):
        found = list(Candidate.objects.filter(pk__in=keys[begin : begin + JUDGED_AT_ONCE]))
        for candidate in found:
            _set(candidate, judge(known.facts_of(candidate)), now=now)
        gathering.save(found, "state", "reason", "detail", "judged_at")
        yield len(found)


def _set(candidate: Candidate, verdict: Verdict, *, now: datetime) -> None:
    candidate.state, candidate.reason = verdict.state, verdict.reason
    candidate.judged_at = now
    candidate.detail = {
        **verdict.more,
        "packages": sorted(verdict.packages),
        "system_users": list(verdict.system_users),
    }


class _Known:
    """What every candidate is judged by: the system users, and who could be added to them."""

    def __init__(self) -> None:
        self.firm = firm_orgnr()
        self.system_users = list(
            SystemUser.objects.usable().select_related("delegation_reading").order_by("pk")
        )
        self.wanted = {one.pk: gathering.wanted_packages(one) for one in self.system_users}
        self.delegable = {
            one.pk: dict(one.delegation_snapshots.values_list("orgnr", "is_added"))
            for one in self.system_users
        }

        self.refusals = {one.pk: gathering.refusals(one) for one in self.system_users}

    def facts_of(self, candidate: Candidate) -> Facts:
        return Facts(
            unit=_unit_of(candidate),
            is_unknown=candidate.unit.get("is_unknown", False),
            accountant=candidate.unit.get("accountant", ""),
            role_ended=candidate.unit.get("role_ended", False),
            has_owner=candidate.unit.get("has_owner", False),
            roles=frozenset(candidate.roles),
            sights=tuple(
                self._sight(one, candidate)
                for one in self.system_users
                if one.kind == SystemUser.Kind.AGENT or one.owner_orgnr == candidate.orgnr
            ),
            is_firm=candidate.orgnr == self.firm,
        )

    def _sight(self, one: SystemUser, candidate: Candidate) -> Sight:
        seen = candidate.sights.get(str(one.pk), {})
        is_read = hasattr(one, "delegation_reading")
        delegable = self.delegable[one.pk]
        return Sight(
            name=one.name,
            wanted=self.wanted[one.pk],
            held=frozenset(seen.get("held", [])),
            sees=seen.get("sees", False),
            sees_only_sub_units=bool(seen) and not seen["sees"],
            in_dialogporten=seen.get("listed", False),
            is_available=candidate.orgnr in delegable if is_read else None,
            is_added=delegable.get(candidate.orgnr, False) if is_read else None,
            refusal=self.refusals[one.pk].get(candidate.orgnr, ""),
            is_own=one.kind == SystemUser.Kind.STANDARD,
        )


def _unit_of(candidate: Candidate) -> Unit | None:
    if "form" not in candidate.unit:
        return None
    on = candidate.unit["deleted_on"]
    return Unit(
        orgnr=candidate.orgnr,
        name=candidate.name,
        deleted_on=date.fromisoformat(on) if on else None,
        **{name: candidate.unit[name] for name in gathering.UNIT_FIELDS},
    )


def forget_old(*, now: datetime) -> int:
    """Remove searches of long ago, but the last. Return how many."""
    old = Discovery.objects.filter(started_at__lt=now - KEEP, finished_at__isnull=False)
    return old.filter(candidates=None).delete()[0]
