"""How right the list is: when Altinn last answered, and what is wrong if it does not."""

from dataclasses import dataclass
from datetime import datetime

from clients.models import SystemUser


@dataclass(frozen=True)
class Freshness:
    """`updated_at` is the oldest last answer of those that read for us; null: never yet."""

    updated_at: datetime | None
    troubled: tuple[SystemUser, ...]
    has_system_users: bool

    @property
    def trouble_since_at(self) -> datetime | None:
        return min(
            (one.trouble_since_at for one in self.troubled if one.trouble_since_at), default=None
        )


def freshness() -> Freshness:
    system_users = list(SystemUser.objects.usable())
    answers = [one.polled_at for one in system_users]
    return Freshness(
        updated_at=min((at for at in answers if at), default=None),
        troubled=tuple(one for one in system_users if one.trouble_since_at),
        has_system_users=bool(system_users),
    )
