"""What somebody has begun to fill in: kept sealed, so that nothing typed is lost.

A draft is one person's, and holds what the service owner asked for when it was begun.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from altinn.nav_foreldrepenger_forms import ForeldrepengerForespoersel
from altinn.nav_forms import Forespoersel
from dialogs.answering.foreldrepenger_form import ForeldrepengerForm
from dialogs.answering.income_form import IncomeForm
from dialogs.answering.sykepenger_form import SykepengerForm
from dialogs.models import Dialog, FormDraft, ServiceAction
from staff.models import User
from staff.sealing import Unreadable, seal, unseal

Kind = ServiceAction.Kind
Asked = Forespoersel | ForeldrepengerForespoersel

NOT_FILLED_IN = frozenset({"csrfmiddlewaretoken", "steg", "revision", "sum", "overta"})
MOST_FIELDS, LONGEST_VALUE = 300, 500
KEEP = timedelta(days=60)


@dataclass(frozen=True)
class Draft:
    asked: Asked
    filled_in: dict[str, str]
    saved_at: datetime

    @property
    def is_begun(self) -> bool:
        return bool(self.filled_in)

    def __repr__(self) -> str:
        return f"Draft({self.saved_at})"


def form_of(asked: Asked, data: Mapping[str, str] | None, *, user: User) -> IncomeForm:
    """Return the form for what Nav asks, empty or as it was filled in."""
    if isinstance(asked, Forespoersel):
        return SykepengerForm(asked, data, user_name=user.name)
    return ForeldrepengerForm(asked, data, user_name=user.name)


def reference_of(asked: Asked) -> str:
    if isinstance(asked, Forespoersel):
        return str(asked.nav_referanse_id)
    return str(asked.forespoersel_id)


def find(dialog: Dialog, action_id: UUID, kind: str, *, user: User) -> Draft | None:
    """Return somebody's draft; nothing where there is none that we can read."""
    row = FormDraft.objects.filter(dialog=dialog, action_id=action_id, user=user).first()
    if row is None:
        return None
    wanted: type[Asked] = Forespoersel if kind == Kind.SYKEPENGER else ForeldrepengerForespoersel
    try:
        asked = msgspec.json.decode(unseal(row.asked), type=wanted)
        filled_in = msgspec.json.decode(unseal(row.filled_in), type=dict[str, str])
    except (Unreadable, msgspec.MsgspecError):
        return None
    return Draft(asked, filled_in, row.saved_at)


def keep(
    dialog: Dialog,
    action_id: UUID,
    asked: Asked,
    filled_in: Mapping[str, str],
    *,
    user: User,
    now: datetime,
) -> None:
    values = {
        "asked": seal(msgspec.json.encode(asked)),
        "filled_in": seal(msgspec.json.encode(dict(filled_in))),
        "saved_at": now,
    }
    FormDraft.objects.update_or_create(
        dialog=dialog, action_id=action_id, user=user, defaults=values
    )


def forget_old(*, now: datetime) -> int:
    """Remove drafts that nobody has touched for long; return how many. Nightly."""
    return FormDraft.objects.filter(saved_at__lt=now - KEEP).delete()[0]


def filled_in_from(posted: Mapping[str, str]) -> dict[str, str]:
    """Return the form's own fields, cut to what a form of ours can hold."""
    kept = [(name, value) for name, value in posted.items() if name not in NOT_FILLED_IN]
    return {name[:60]: str(value)[:LONGEST_VALUE] for name, value in kept[:MOST_FIELDS]}
