"""Walk the ladder from token to dialogs for one client, and say on which rung it stops.

Only reads that leave no mark: nothing here opens a dialog.

Source: the pitfalls integrators meet, Dialogporten 1.119.1 and altinn-authentication ad4f6f36;
read 2026-08.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from altinn.dialogporten import AuthorizedParty, Search, Services
from altinn.errors import AltinnError, Misunderstood, Refused, TokenRefused, TryLater
from altinn.identifiers import party_urn
from clients import connect
from clients.advice import advice_for
from clients.models import Client, SystemUser
from dialogs.health import reasons
from dialogs.health.reasons import Stop
from dialogs.models import Dialog
from staff.models import User

SCOPE_CODES = frozenset({"MP-200", "MP-201", "MP-250", "MP-251"})
ENVIRONMENT_CODES = frozenset({"MP-100", "MP-110"})
MOST_PARTIES = 100  # in one question
FEW = 50  # dialogs asked for: enough to know whether there are any
T = TypeVar("T")


class State(StrEnum):
    OK = "OK"
    STOPPED = "STOPPED"
    NOT_REACHED = "NOT_REACHED"


class Step(StrEnum):
    TOKEN = "TOKEN"  # noqa: S105 (a rung's name)
    SCOPE = "SCOPE"
    ENVIRONMENT = "ENVIRONMENT"
    PARTIES = "PARTIES"
    LISTED = "LISTED"
    RESOURCES = "RESOURCES"
    FILTERS = "FILTERS"


LABELS = {
    Step.TOKEN: gettext_lazy("Token"),
    Step.SCOPE: gettext_lazy("Scope"),
    Step.ENVIRONMENT: gettext_lazy("Miljø"),
    Step.PARTIES: gettext_lazy("Parter"),
    Step.LISTED: gettext_lazy("Klienten i listen"),
    Step.RESOURCES: gettext_lazy("Tjenester"),
    Step.FILTERS: gettext_lazy("Portalens egne filtre"),
}


@dataclass(frozen=True)
class Rung:
    """One question, and what came of it."""

    step: Step
    asked: str
    state: State
    found: str = ""

    @property
    def label(self) -> str:
        return str(LABELS[self.step])


@dataclass(frozen=True)
class Ladder:
    """How far one system user gets with a client."""

    system_user: SystemUser
    rungs: list[Rung]
    text: str
    next_step: str

    @property
    def stopped(self) -> Rung | None:
        return next((rung for rung in self.rungs if rung.state == State.STOPPED), None)

    @property
    def height(self) -> int:
        stopped = self.stopped
        return len(self.rungs) if stopped is None else self.rungs.index(stopped)


@dataclass(frozen=True)
class Diagnosis:
    """One sentence, the next step, and the ladders behind them, the highest first."""

    text: str
    next_step: str
    ladders: list[Ladder]

    @property
    def is_well(self) -> bool:
        return bool(self.ladders) and self.ladders[0].stopped is None

    @property
    def where(self) -> str:
        """The rung it stops on, for the log; empty when it does not."""
        stopped = self.ladders[0].stopped if self.ladders else None
        return stopped.step.value if stopped else ""


def diagnose(client: Client, *, asker: User | None = None) -> Diagnosis:
    """Try every system user that could read this client. The one that gets furthest counts.

    Of dialogs, what `asker` may read is told; without one, what whoever sees the client may.
    """
    ladders = [_Climb(client, one, asker).ladder() for one in _who_could(client)]
    if not ladders:
        text = _("Ingen systembruker kan lese %(name)s: portalen har ingen i bruk.")
        step = _("Be om en systembruker under «Oppsett», eller registrer en som finnes.")
        return Diagnosis(text % {"name": client.name}, step, [])
    ladders.sort(key=lambda one: -one.height)
    return Diagnosis(ladders[0].text, ladders[0].next_step, ladders)


def _who_could(client: Client) -> list[SystemUser]:
    """Agents in use, the client's own system user, and whoever has read it before."""
    own = Q(owner_orgnr=client.orgnr) if client.orgnr else Q(pk__in=[])
    agents = Q(kind=SystemUser.Kind.AGENT, is_active=True)
    before = Q(accesses__party__client=client)
    return list(SystemUser.objects.filter(agents | own | before).distinct().order_by("pk"))


class _Climb:
    """One system user on its way up. What a rung finds, those above it use."""

    def __init__(self, client: Client, system_user: SystemUser, asker: User | None) -> None:
        self._client = client
        self._asker = asker
        self._system_user = system_user
        self._later: dict[Step, Stop] = {}
        self._listed: list[AuthorizedParty] = []
        self._urns: list[str] = []
        self._names = {"name": client.name, "user": system_user.name}

    def ladder(self) -> Ladder:
        rungs: list[Rung] = []
        stop: Stop | None = None
        at: Step | None = None
        for step in Step:
            asked = self._asked(step)
            if stop is not None:
                state = State.STOPPED if step == at else State.NOT_REACHED
                rungs.append(Rung(step, asked, state, stop.text if step == at else ""))
                continue
            try:
                rungs.append(Rung(step, asked, State.OK, _WAYS[step](self)))
            except _StoppedAt as exc:
                stop, at = exc.stop, exc.step
                state = State.STOPPED if step == at else State.NOT_REACHED
                rungs.append(Rung(step, asked, state, stop.text if step == at else ""))
        if stop is None or at is None:
            text = _("%(user)s leser %(name)s: alle trinn er i orden.") % self._names
            return Ladder(self._system_user, rungs, text, rungs[-1].found)
        values = {"rung": LABELS[at], "why": stop.text}
        text = _("Det stopper ved «%(rung)s»: %(why)s") % values
        return Ladder(self._system_user, rungs, text, stop.next_step)

    def _asked(self, step: Step) -> str:
        one = self._system_user
        values = {
            "ref": one.external_ref or one.owner_orgnr,
            "owner": one.owner_orgnr,
            "scope": connect.DIALOGS[0],
            "environment": settings.ALTINN.name,
            "where": settings.ALTINN.platform_url,
        }
        asked = {
            Step.TOKEN: _("Gir Maskinporten et token for %(owner)s, referanse %(ref)s?"),
            Step.SCOPE: _("Har klienten hos Maskinporten scopet %(scope)s?"),
            Step.ENVIRONMENT: _("Godtar Altinn i %(environment)s (%(where)s) tokenet?"),
            Step.PARTIES: _("Viser Altinn noen parter for systembrukeren?"),
            Step.LISTED: _("Er klienten blant dem?"),
            Step.RESOURCES: _("Hvilke tjenester får systembrukeren bruke for klienten?"),
            Step.FILTERS: _("Har Altinn dialoger, og viser portalen dem?"),
        }
        return asked[step] % values

    def _token(self) -> str:
        try:
            connect.ask_for_token(self._system_user)
        except connect.NotConfigured as exc:
            raise _StoppedAt(Step.TOKEN, reasons.not_configured(exc)) from exc
        except TokenRefused as exc:
            advice = advice_for(exc)
            stop = Stop(advice.text, advice.next_step)
            if exc.code in ENVIRONMENT_CODES:
                raise _StoppedAt(Step.ENVIRONMENT, stop) from exc
            if exc.code not in SCOPE_CODES:
                raise _StoppedAt(Step.TOKEN, stop) from exc
            self._later[Step.SCOPE] = stop
            return _("Maskinporten kjenner nøkkelen, men ga ikke dette tokenet: se neste trinn.")
        except TryLater as exc:
            raise _StoppedAt(Step.TOKEN, reasons.no_answer("Maskinporten")) from exc
        except AltinnError as exc:
            raise _StoppedAt(Step.TOKEN, reasons.odd_answer("Maskinporten", exc)) from exc
        return _("Ja. Nøkkelen og systembrukeren er i orden.")

    def _scope(self) -> str:
        if stop := self._later.get(Step.SCOPE):
            raise _StoppedAt(Step.SCOPE, stop)
        missing = [
            scope
            for (scope,) in (connect.EVENTS, connect.AUTHORIZED_PARTIES)
            if self._is_refused((scope,))
        ]
        if missing:
            values = {"scopes": ", ".join(missing)}
            return _("Ja. Det mangler %(scopes)s, men dialogene kommer uten.") % values
        return _("Ja, og de andre scopene portalen bruker.")

    def _is_refused(self, scopes: tuple[str, ...]) -> bool:
        try:
            connect.ask_for_token(self._system_user, scopes)
        except TokenRefused as exc:
            return exc.code in SCOPE_CODES
        except AltinnError:
            return False
        return False

    def _environment(self) -> str:
        try:
            with connect.end_user(self._system_user) as api:
                self._listed = api.parties()
        except TryLater as exc:
            raise _StoppedAt(Step.PARTIES, reasons.no_answer("Dialogporten")) from exc
        except Refused as exc:
            step = Step.ENVIRONMENT if exc.status == 401 else Step.PARTIES
            stop = reasons.wrong_environment() if exc.status == 401 else reasons.refused(exc)
            raise _StoppedAt(step, stop) from exc
        except AltinnError as exc:
            raise _StoppedAt(Step.PARTIES, reasons.odd_answer("Dialogporten", exc)) from exc
        return _("Ja.")

    def _parties(self) -> str:
        count = len(self._listed)
        if not count:
            raise _StoppedAt(Step.PARTIES, reasons.no_parties(self._system_user))
        return ngettext("Ja, %(count)d.", "Ja, %(count)d.", count) % {"count": count}

    def _is_listed(self) -> str:
        ours = set(self._client.parties.values_list("urn", flat=True))
        if self._client.orgnr:
            ours.add(party_urn(self._client.orgnr))
        readable = [
            unit.party
            for main in self._listed
            for unit in (main, *main.sub_parties)
            if unit.party in ours and not unit.has_only_access_to_sub_parties
        ]
        if not readable:
            raise _StoppedAt(Step.LISTED, reasons.not_listed(self._client, self._system_user))
        self._urns = readable[:MOST_PARTIES]
        values = {"read": len(readable), "all": max(len(ours), len(readable))}
        return _("Ja, %(read)d av %(all)d enheter.") % values

    def _resources(self) -> str:
        services = self._ask(Step.RESOURCES, self._services)
        if not services.items:
            raise _StoppedAt(Step.RESOURCES, reasons.no_services(self._client, self._system_user))
        levels = (one.service_resource.minimum_authentication_level or 0 for one in services.items)
        high = sum(level > reasons.OUR_LEVEL for level in levels)
        count = len(services.items)
        said = ngettext("%(count)d tjeneste.", "%(count)d tjenester.", count) % {"count": count}
        if high:
            values = {"high": high}
            said += " " + _("%(high)d krever at en person logger inn selv.") % values
        return f"{said} {reasons.lacking(self._client, self._system_user)}".strip()

    def _services(self) -> Services:
        with connect.end_user(self._system_user) as api:
            return api.service_resources(self._urns)

    def _filters(self) -> str:
        search = Search(party=tuple(self._urns), limit=FEW)
        at_altinn = self._ask(Step.FILTERS, lambda: self._count(search))
        theirs = Dialog.objects.filter(client=self._client, gone_at=None)
        held = theirs.count()
        stop = reasons.ours(
            self._client, self._system_user, self._urns, at_altinn=at_altinn, held=held
        )
        if stop:
            raise _StoppedAt(Step.FILTERS, stop)
        told = theirs.readable_by(self._asker) if self._asker else theirs.filter(restriction=None)
        count = told.count()
        if not at_altinn or not count:
            # The same words for both: they do not tell that others have something to read.
            return _("Det er ingen dialoger å vise for klienten nå.")
        values = {"held": count}
        return (
            ngettext(
                "Portalen har %(held)d dialog for klienten.",
                "Portalen har %(held)d dialoger for klienten.",
                count,
            )
            % values
        )

    def _count(self, search: Search) -> int:
        with connect.end_user(self._system_user) as api:
            page = api.search(search)
        return len(page.items) + len(page.unreadable)

    def _ask(self, step: Step, question: Callable[[], T]) -> T:
        try:
            return question()
        except (TryLater, Misunderstood) as exc:
            raise _StoppedAt(step, reasons.no_answer("Dialogporten")) from exc
        except AltinnError as exc:
            raise _StoppedAt(step, reasons.refused(exc)) from exc


class _StoppedAt(Exception):
    """Not an error: the climb ends on a rung, which may be further up than the one tried."""

    def __init__(self, step: Step, stop: Stop) -> None:
        super().__init__(step)
        self.step = step
        self.stop = stop


_WAYS: dict[Step, Callable[[_Climb], str]] = {
    Step.TOKEN: _Climb._token,
    Step.SCOPE: _Climb._scope,
    Step.ENVIRONMENT: _Climb._environment,
    Step.PARTIES: _Climb._parties,
    Step.LISTED: _Climb._is_listed,
    Step.RESOURCES: _Climb._resources,
    Step.FILTERS: _Climb._filters,
}
