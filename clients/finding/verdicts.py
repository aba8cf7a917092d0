"""Judge one candidate by what is known of it: which state it is in, and what it lacks.

Nothing here asks anybody or reads a clock. What is not known is said so, and never guessed to be
missing: a list of clients that nobody has read yet is `None`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from altinn.enhetsregisteret import ACCOUNTANT, Unit
from altinn.packages import ACCOUNTANT_PACKAGES, CLIENT_PACKAGES
from clients.models import Candidate

State = Candidate.State


class Reason(StrEnum):
    """Why a candidate is in its state. Each has one sentence, in `words`."""

    SEES_ALL = "sees_all"
    SEES_BY_ITS_OWN = "sees_by_its_own"
    REMOVED = "removed"
    DELETED = "deleted"
    BANKRUPT = "bankrupt"
    FORCED_DISSOLVING = "forced_dissolving"
    DISSOLVING = "dissolving"
    PACKAGES_LACK = "packages_lack"
    ROLE_PACKAGES_LACK = "role_packages_lack"
    PACKAGES_NOT_GIVEN_ON = "packages_not_given_on"
    ROLE_GONE = "role_gone"
    ONLY_SUB_UNITS = "only_sub_units"
    NOT_IN_DIALOGPORTEN = "not_in_dialogporten"
    NOT_ADDED_TO_ALL = "not_added_to_all"
    ADDED_NOT_SEEN = "added_not_seen"
    READY = "ready"
    READY_BY_ROLE = "ready_by_role"
    NO_SYSTEM_USER = "no_system_user"
    ROLE_BUT_NOT_AVAILABLE = "role_but_not_available"
    PACKAGES_MISSING = "packages_missing"
    REFUSED = "refused"
    NO_ROLE = "no_role"
    ROLE_ENDED = "role_ended"
    OTHER_ACCOUNTANT = "other_accountant"
    OTHER_ROLE = "other_role"
    FIRM_ITSELF = "firm_itself"
    OWNER_OUT_OF_REACH = "owner_out_of_reach"
    SUB_UNIT = "sub_unit"
    UNKNOWN_NUMBER = "unknown_number"


# What the client can do something about, and is asked in an e-mail.
ASKS_FOR_PACKAGES = frozenset(
    {
        Reason.PACKAGES_LACK,
        Reason.PACKAGES_NOT_GIVEN_ON,
        Reason.PACKAGES_MISSING,
        Reason.ONLY_SUB_UNITS,
    }
)
ASKS_FOR_ROLE = frozenset(
    {
        Reason.NO_ROLE,
        Reason.ROLE_ENDED,
        Reason.OTHER_ACCOUNTANT,
        Reason.OTHER_ROLE,
        Reason.ROLE_GONE,
        Reason.ROLE_PACKAGES_LACK,
        Reason.ROLE_BUT_NOT_AVAILABLE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one system user in use sees of the candidate, and what could be given it.

    `wanted` and `held` are URNs of packages. `is_available` and `is_added` are None until a person
    of the firm has logged in and the list was read. `refusal` is Altinn's code for why adding it
    was refused, the last time somebody tried. `is_own`: the candidate itself owns it.
    """

    name: str
    wanted: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    sees: bool = False
    sees_only_sub_units: bool = False
    in_dialogporten: bool = False
    is_available: bool | None = None
    is_added: bool | None = None
    refusal: str = ""
    is_own: bool = False

    @property
    def lacks(self) -> frozenset[str]:
        return self.wanted - self.held


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`unit` is None when the register was not asked, or has no made-up companies of the test.

    `accountant` is another firm that has the role now, `role_ended` that ours had it before, and
    `has_owner` that the company is a person's own, who has letters of their own.
    """

    unit: Unit | None = None
    is_unknown: bool = False
    accountant: str = ""
    role_ended: bool = False
    has_owner: bool = False
    roles: frozenset[str] = frozenset()
    sights: tuple[Sight, ...] = ()
    is_firm: bool = False

    @property
    def has_role(self) -> bool:
        return ACCOUNTANT in self.roles


@dataclass(frozen=True, kw_only=True)
class Verdict:
    state: State
    reason: Reason
    packages: frozenset[str] = frozenset()  # that lack
    system_users: tuple[str, ...] = ()  # whom it is about
    more: dict[str, Any] = field(default_factory=dict)


def judge(facts: Facts) -> Verdict:
    """Return the one state the candidate is in, and why."""
    return (
        _of_the_unit(facts)
        or _of_its_own(facts)
        or _of_what_is_seen(facts)
        or _of_what_is_not(facts)
    )


def _of_the_unit(facts: Facts) -> Verdict | None:
    unit = facts.unit
    if facts.is_unknown:
        return Verdict(state=State.NO_ROLE, reason=Reason.UNKNOWN_NUMBER)
    if unit is None:
        return None
    found = (
        (unit.is_removed, Reason.REMOVED),
        (unit.is_deleted, Reason.DELETED),
        (unit.is_bankrupt, Reason.BANKRUPT),
        (unit.is_forced_dissolving, Reason.FORCED_DISSOLVING),
        (unit.is_dissolving, Reason.DISSOLVING),
    )
    for is_so, reason in found:
        if is_so:
            on = unit.deleted_on.isoformat() if unit.deleted_on else ""
            more = {"on": on} if reason == Reason.DELETED and on else {}
            return Verdict(state=State.ENDED, reason=reason, more=more)
    if unit.is_sub_unit:
        more = {"main": unit.parent_orgnr or ""}
        return Verdict(state=State.NO_ROLE, reason=Reason.SUB_UNIT, more=more)
    return None


def _of_its_own(facts: Facts) -> Verdict | None:
    """A system user that the candidate owns itself is enough: no agent is needed then."""
    for sight in facts.sights:
        if sight.is_own and sight.sees:
            if sight.lacks:
                return _partly(Reason.PACKAGES_LACK, [sight], sight.lacks)
            if not sight.in_dialogporten:
                return _partly(Reason.NOT_IN_DIALOGPORTEN, [sight])
            reason = Reason.SEES_BY_ITS_OWN
            return Verdict(state=State.SEES_ALL, reason=reason, system_users=(sight.name,))
    return None


def _of_what_is_seen(facts: Facts) -> Verdict | None:
    agents = [sight for sight in facts.sights if not sight.is_own]
    seeing = [sight for sight in agents if sight.sees]
    if not seeing:
        return _of_hints(agents)
    if lacking := [sight for sight in seeing if sight.lacks]:
        return _lacking(facts, lacking)
    if late := [sight for sight in seeing if not sight.in_dialogporten]:
        return _partly(Reason.NOT_IN_DIALOGPORTEN, late)
    if blind := [sight for sight in agents if not sight.sees]:
        return _blind(facts, blind)
    if facts.has_owner:
        return _partly(Reason.OWNER_OUT_OF_REACH, seeing)
    return Verdict(state=State.SEES_ALL, reason=Reason.SEES_ALL, system_users=_names(seeing))


def _of_hints(agents: list[Sight]) -> Verdict | None:
    """Nobody sees the main unit; somebody may see its sub-units, or is about to."""
    if partly := [sight for sight in agents if sight.sees_only_sub_units]:
        return _partly(Reason.ONLY_SUB_UNITS, partly)
    if added := [sight for sight in agents if sight.is_added]:
        return _partly(Reason.ADDED_NOT_SEEN, added)
    return None


def _lacking(facts: Facts, lacking: list[Sight]) -> Verdict:
    packages = _union(sight.lacks for sight in lacking)
    reason = Reason.PACKAGES_LACK
    if only_by_role(packages):
        reason = Reason.ROLE_PACKAGES_LACK if facts.has_role else Reason.ROLE_GONE
    return _partly(reason, lacking, packages)


def _blind(facts: Facts, blind: list[Sight]) -> Verdict:
    """One system user sees it and another does not: it waits there, or lacks something."""
    if waiting := [sight for sight in blind if sight.is_available or _follows(facts, sight)]:
        return _partly(Reason.NOT_ADDED_TO_ALL, waiting)
    if packages := _union(_not_by_role(facts, sight) for sight in blind):
        return _partly(Reason.PACKAGES_NOT_GIVEN_ON, blind, packages)
    return _partly(Reason.ROLE_PACKAGES_LACK, blind, _union(sight.wanted for sight in blind))


def _of_what_is_not(facts: Facts) -> Verdict:
    agents = [sight for sight in facts.sights if not sight.is_own]
    if facts.is_firm:
        return Verdict(state=State.NO_ROLE, reason=Reason.FIRM_ITSELF)
    if refused := [sight for sight in agents if sight.is_available and sight.refusal]:
        return Verdict(
            state=State.PACKAGE_MISSING,
            reason=Reason.REFUSED,
            system_users=_names(refused),
            more={"code": refused[0].refusal},
        )
    if available := [sight for sight in agents if sight.is_available]:
        return Verdict(state=State.READY, reason=Reason.READY, system_users=_names(available))
    if not facts.has_role:
        return _without_role(facts)
    if not agents:
        return Verdict(state=State.READY, reason=Reason.NO_SYSTEM_USER)
    if following := [sight for sight in agents if _follows(facts, sight)]:
        reason = Reason.READY_BY_ROLE
        return Verdict(state=State.READY, reason=reason, system_users=_names(following))
    packages = _union(_not_by_role(facts, sight) for sight in agents)
    reason = Reason.PACKAGES_MISSING if packages else Reason.ROLE_BUT_NOT_AVAILABLE
    state = State.PACKAGE_MISSING
    return Verdict(state=state, reason=reason, packages=packages, system_users=_names(agents))


def _without_role(facts: Facts) -> Verdict:
    reason = Reason.NO_ROLE
    if facts.roles:
        reason = Reason.OTHER_ROLE
    elif facts.accountant:
        reason = Reason.OTHER_ACCOUNTANT
    elif facts.role_ended:
        reason = Reason.ROLE_ENDED
    more = {"roles": sorted(facts.roles), "accountant": facts.accountant}
    return Verdict(state=State.NO_ROLE, reason=reason, more=more)


def _follows(facts: Facts, sight: Sight) -> bool:
    """Whether the role alone gives all the packages, as far as anybody has been able to read."""
    return sight.is_available is None and facts.has_role and not _not_by_role(facts, sight)


def _not_by_role(facts: Facts, sight: Sight) -> frozenset[str]:
    """Return what the system user is to have and the accountant's role does not give by itself."""
    return sight.wanted - frozenset(ACCOUNTANT_PACKAGES if facts.has_role else ())


def only_by_role(packages: frozenset[str]) -> frozenset[str]:
    """Return those of the packages that no client can give by itself: a registered role does."""
    return packages & frozenset(CLIENT_PACKAGES)


def _partly(reason: Reason, sights: list[Sight], packages: frozenset[str] = frozenset()) -> Verdict:
    return Verdict(
        state=State.PARTLY, reason=reason, packages=packages, system_users=_names(sights)
    )


def _names(sights: list[Sight]) -> tuple[str, ...]:
    return tuple(sight.name for sight in sights)


def _union(sets: Any) -> frozenset[str]:
    return frozenset().union(*sets)
