"""Read, as a person, which clients each agent system user has and could be given."""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from altinn.delegation import ClientDelegation, Delegable
from altinn.errors import AltinnError
from clients.advice import advice_for
from clients.finding import snapshots
from clients.models import SystemUser

log = logging.getLogger(__name__)


class NoAgent(Exception):
    """Altinn does not show this system user to this person; the text says what to do."""


def agent_of(api: ClientDelegation, system_user: SystemUser) -> UUID:
    """Return Altinn's id of an agent system user, as the person sees it.

    Raises:
        NoAgent: it is not among the firm's agents.
        AltinnError: Altinn refused or did not answer.
    """
    requests = system_user.requests.filter(altinn_id__isnull=False)
    known = set(requests.values_list("altinn_id", flat=True))
    refs = {system_user.external_ref or system_user.owner_orgnr}
    agents = [one for one in api.agents(system_user.owner_orgnr) if not one.is_deleted]
    ours = [one for one in agents if one.id in known] or [
        one for one in agents if one.external_ref in refs
    ]
    if len(ours) == 1:
        return ours[0].id
    msg = _(
        "Altinn viser ikke systembrukeren %(name)s for deg. Enten er den slettet, eller du mangler "
        "rollen klientadministrator i firmaet. Hovedadministratoren gir den i Altinn."
    )
    raise NoAgent(msg % {"name": system_user.name})


def read(api: ClientDelegation, system_user: SystemUser, *, agent: UUID, now: datetime) -> None:
    """Read one system user's two lists, and keep what they say."""
    available, added = api.available(agent), api.added(agent)
    snapshots.save(system_user, available=_plain(available), added=_plain(added), now=now)


def _plain(listed: Iterable[Delegable]) -> list[tuple[UUID, str, str]]:
    return [(one.party_uuid, one.orgnr, one.name) for one in listed]


def read_all(api: ClientDelegation, *, now: datetime) -> list[str]:
    """Read the lists of every agent in use; return what went wrong, a sentence for each."""
    troubles = []
    for system_user in SystemUser.objects.usable().filter(kind=SystemUser.Kind.AGENT):
        try:
            read(api, system_user, agent=agent_of(api, system_user), now=now)
        except NoAgent as exc:
            troubles.append(str(exc))
        except AltinnError as exc:
            log.warning("The clients of %s could not be listed: %s", system_user, exc)
            troubles.append(f"{system_user.name}: {said(exc)}")
    return troubles


def said(exc: AltinnError) -> str:
    """What the error means and who does what, as one text."""
    advice = advice_for(exc)
    return f"{advice.text} {advice.next_step}".strip()
