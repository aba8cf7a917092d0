"""Ask, for each system user, whether it still gets a token: what breaks it breaks every client.

A refusal is the key's, the set-up's or the system user's own; no answer at all is Altinn's.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from altinn.dialogporten import EndUser
from altinn.errors import (
    AltinnError,
    KeyExpired,
    NoSystemUser,
    TokenRefused,
    TryLater,
)
from altinn.http import open_http
from clients import connect
from clients.health.alarms import Kind, Sign, of_system_user, settle
from clients.models import SystemRegistration, SystemUser

log = logging.getLogger(__name__)

MOST_ASKED = 50  # system users in one check: there may be one for each client
ENOUGH_SILENCE = 2  # unanswered questions before the rest are not asked
PATIENCE = timedelta(hours=1)  # before trouble of a single system user is told of
DELETED = "DELETED"  # Altinn lists it as deleted; Maskinporten was not asked

Answer = AltinnError | str | None  # None: it gets its token
Answers = Mapping[SystemUser, Answer]


def check(*, now: datetime) -> None:
    """Ask, and raise or clear what the answers say."""
    in_use = list(SystemUser.objects.usable().order_by("pk"))
    try:
        connect.vendor_in_use()
    except connect.NotConfigured:
        return  # the set-up says so itself
    answers = ask_each(in_use)
    _about_altinn(answers, now=now)
    _about_keys(answers, now=now)
    _about_system_users(answers, in_use=len(in_use), now=now)
    _about_trouble(in_use, answers, now=now)


def ask_each(in_use: Sequence[SystemUser]) -> dict[SystemUser, Answer]:
    """Return the answer for those that were asked: agents first, then those that seem in trouble.

    Of standard system users, of which there may be thousands, Altinn's own list tells most.
    """
    listed = _listed_at_altinn()
    answers: dict[SystemUser, Answer] = {}
    silent = 0
    for system_user in _most_telling(in_use, listed)[:MOST_ASKED]:
        if listed.get(_name(system_user)) is False:
            answers[system_user] = DELETED
            continue
        if silent == ENOUGH_SILENCE:
            break
        try:
            connect.ask_for_token(system_user)
            answers[system_user] = None
        except AltinnError as exc:
            answers[system_user] = exc
            silent += isinstance(exc, TryLater)
    return answers | {
        one: DELETED for one in in_use if listed.get(_name(one)) is False and one not in answers
    }


def _name(system_user: SystemUser) -> tuple[str, str]:
    return system_user.owner_orgnr, system_user.external_ref or system_user.owner_orgnr


def _listed_at_altinn() -> dict[tuple[str, str], bool]:
    """Whether each system user of our system is alive, as the vendor may see; {} if it may not."""
    system = SystemRegistration.objects.filter(registered_at__isnull=False).first()
    if system is None:
        return {}
    found: dict[tuple[str, str], bool] = {}
    try:
        with connect.system_user_requests() as api:
            for one in api.system_users(system.system_id):
                name = one.owner_orgnr, one.external_ref or one.owner_orgnr
                found[name] = found.get(name, False) or not one.is_deleted
    except (AltinnError, connect.NotConfigured) as exc:
        log.info("The system's users were not listed: %s", exc)
        return {}
    return found


def _most_telling(
    in_use: Sequence[SystemUser], listed: Mapping[tuple[str, str], bool]
) -> list[SystemUser]:
    """Agents first; then those not known to be well, unless there are no others."""

    def weight(one: SystemUser) -> tuple[bool, bool, int]:
        is_agent = one.kind == SystemUser.Kind.AGENT
        is_well = one.trouble_since_at is None and listed.get(_name(one), True)
        return not is_agent, is_well, one.pk

    return sorted(in_use, key=weight)


def _about_altinn(answers: Answers, *, now: datetime) -> None:
    silent = [exc for exc in answers.values() if isinstance(exc, TryLater)]
    spoke = len(answers) > len(silent)
    is_silent = bool(silent) and (not spoke or len(silent) >= ENOUGH_SILENCE)
    signs = [Sign("maskinporten", {"who": "Maskinporten"})] if is_silent else []
    settle(Kind.ALTINN, signs, looked_at=1, now=now, among=Q(subject="maskinporten"))
    if is_silent:
        return  # time enough has gone by in waiting
    signs = [] if dialogporten_answers() else [Sign("dialogporten", {"who": "Dialogporten"})]
    settle(Kind.ALTINN, signs, looked_at=1, now=now, among=Q(subject="dialogporten"))


def dialogporten_answers() -> bool:
    """Whether Dialogporten answers a question that needs no token."""
    with open_http() as http:
        try:
            EndUser(http, settings.ALTINN, None).limits()
        except TryLater:
            return False
        except AltinnError as exc:
            log.info("Dialogporten's limits were not read: %s", exc)
    return True


def _about_keys(answers: Answers, *, now: datetime) -> None:
    """An expired key, or a set-up that is refused, is the same for everybody: told of once."""
    refused = [exc for exc in answers.values() if isinstance(exc, TokenRefused)]
    given = any(answer is None for answer in answers.values())
    if not refused and not given:
        return
    expired = any(isinstance(exc, KeyExpired) for exc in refused)
    kid = connect.vendor_in_use().key.kid
    about_key = [Sign(f"key {kid}", {"kid": kid})] if expired else []
    settle(Kind.KEY_EXPIRED, about_key, looked_at=1, now=now)
    other = [exc for exc in refused if not isinstance(exc, KeyExpired | NoSystemUser)]
    shown = [] if given else other[:1]
    about_setup = [Sign("vendor", {"code": one.code, "says": one.message}) for one in shown]
    settle(Kind.SETUP, about_setup, looked_at=1, now=now)


def _about_system_users(answers: Answers, *, in_use: int, now: datetime) -> None:
    judged = [
        one
        for one, answer in answers.items()
        if answer is None or answer == DELETED or isinstance(answer, NoSystemUser)
    ]
    gone = [
        of_system_user(one.pk, was_listed=answers[one] == DELETED)
        for one in judged
        if answers[one] is not None
    ]
    off = ~Q(system_user__is_active=True)
    mine = Q(system_user__in=[one.pk for one in judged]) | off
    settle(Kind.REVOKED, gone, looked_at=in_use, now=now, among=mine)


def _about_trouble(in_use: Iterable[SystemUser], answers: Answers, *, now: datetime) -> None:
    """Tell of system users that cannot read for another reason, once it has lasted."""
    signs = []
    all_of_them = list(in_use)
    for one in all_of_them:
        since = one.trouble_since_at
        is_told_of = answers.get(one) is not None
        if since is None or is_told_of or now - since < PATIENCE:
            continue
        signs.append(of_system_user(one.pk, since=since.isoformat(), says=one.trouble))
    if any(isinstance(answer, TryLater) for answer in answers.values()):
        return
    settle(Kind.FAILING, signs, looked_at=len(all_of_them), now=now)
