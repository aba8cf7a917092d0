"""«Hvorfor?»: what a refused part of a dialog asks for, what we have, and who can give the rest.

Asks dialog lookup and the list of services, which mark nothing as seen.

Source: Dialogporten 1.119.1 (dialoglookup, serviceresources), Altinn's pages on delegation to
system users; read 2026-08.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from altinn.details import AccessVia, Lookup, Service
from altinn.dialogporten import EndUser
from altinn.errors import AltinnError, LevelTooLow, NotThere, Refused
from clients import connect
from clients.models import SystemUser
from dialogs.content.language import said
from dialogs.content.opening import NobodyReads, reader_of
from dialogs.models import Dialog

SYSTEM_USER_LEVEL = 3  # always: Altinn lets a person alone reach level 4
_RESOURCE = "urn:altinn:resource:"
_TASK = "urn:altinn:task:"


@dataclass(frozen=True)
class Why:
    """Sentences in the order they are read: what is missing, what we have, who can give it."""

    missing: list[str]
    have: list[str]
    next: list[str]


def why(dialog: Dialog, *, attribute: str = "") -> Why:
    """Say why a part is refused. `attribute` is what the part asks for beside the dialog's own.

    Raises:
        AltinnError: Altinn does not answer.
        NotConfigured: a setting is missing.
    """
    try:
        system_user = reader_of(dialog)
    except NobodyReads:
        missing = [_("Ingen systemtilgang leser for klienten lenger.")]
        return Why(missing, [], [_("Se systemtilgangen på klientsiden."), _client_can(dialog)])
    with connect.end_user(system_user) as api:
        lookup = _lookup(api, dialog)
        services = {one.service_resource.id: one for one in api.all_service_resources().items}
    wanted = _resource_of(dialog, attribute)
    return _said(dialog, system_user, lookup, services.get(wanted), attribute=attribute)


def _lookup(api: EndUser, dialog: Dialog) -> Lookup | AltinnError:
    try:
        return api.lookup(f"urn:altinn:dialog-id:{dialog.pk}")
    except (Refused, NotThere) as exc:
        return exc


def _resource_of(dialog: Dialog, attribute: str) -> str:
    """Return the service that is asked for: the part's own, where it has one."""
    urn = attribute if attribute.startswith(_RESOURCE) else dialog.service.urn
    return urn.removeprefix(_RESOURCE)


def _said(
    dialog: Dialog,
    system_user: SystemUser,
    lookup: Lookup | AltinnError,
    service: Service | None,
    *,
    attribute: str,
) -> Why:
    level = _level(lookup, service)
    if level > SYSTEM_USER_LEVEL or isinstance(lookup, LevelTooLow):
        return _too_low(level)
    missing = [_missing(dialog, service, attribute)]
    ways = _names([*service.access_packages, *service.roles]) if service else []
    if ways:
        missing.append(_("Ett av disse gir tilgang: %(ways)s.") % {"ways": ", ".join(ways)})
    return Why(missing, _have(system_user, lookup), [_client_can(dialog), _takes_a_while()])


def _level(lookup: Lookup | AltinnError, service: Service | None) -> int:
    found = [service.service_resource.minimum_authentication_level] if service else []
    if isinstance(lookup, Lookup):
        found.append(lookup.service_resource.minimum_authentication_level)
    return max((level for level in found if level), default=0)


def _too_low(level: int) -> Why:
    wants = {"level": max(level, SYSTEM_USER_LEVEL + 1), "ours": SYSTEM_USER_LEVEL}
    missing = _("Tjenesten krever sikkerhetsnivå %(level)s. En systemtilgang har alltid %(ours)s.")
    person = _("Ingen fullmakt endrer det: en person må åpne dialogen i Altinn og logge inn selv.")
    return Why([missing % wants], [], [person])


def _missing(dialog: Dialog, service: Service | None, attribute: str) -> str:
    if attribute.startswith(_TASK):
        step = {"step": attribute.removeprefix(_TASK)}
        return _("Systemtilgangen mangler fullmakt til steget «%(step)s» i skjemaet.") % step
    name = said(service.service_resource.name).text if service else ""
    values = {"service": name or str(dialog.service)}
    return _("Systemtilgangen mangler fullmakt til «%(service)s» for denne delen.") % values


def _have(system_user: SystemUser, lookup: Lookup | AltinnError) -> list[str]:
    """Say what lets us see the dialog at all."""
    if not isinstance(lookup, Lookup):
        return [_("Altinn viser ingen fullmakt som gir oss dialogen.")]
    it = lookup.authorization_evidence
    words = {
        "AccessPackage": _("tilgangspakken «%(name)s»"),
        "Role": _("rollen «%(name)s»"),
        "ResourceDelegation": _("enkelttjenesten «%(name)s»"),
        "InstanceDelegation": _("at denne ene dialogen er delt («%(name)s»)"),
    }
    found = [
        words.get(one.grant_type, _("«%(name)s»"))
        % {"name": said(one.name).text or _last(one.subject)}
        for one in it.evidence
    ]
    if not found:
        return []
    values = {"user": system_user.name, "ways": ", ".join(found)}
    return [_("Systemtilgangen %(user)s ser dialogen gjennom %(ways)s.") % values]


def _client_can(dialog: Dialog) -> str:
    values = {"client": dialog.client.name}
    return (
        _(
            "Hovedadministrator eller tilgangsstyrer hos %(client)s kan gi fullmakten i Altinn, "
            "under «Tilgangsstyring»."
        )
        % values
    )


def _takes_a_while() -> str:
    return _("Det kan ta et kvarter før en ny fullmakt virker. Åpne dialogen på nytt etterpå.")


def _names(ways: Iterable[AccessVia]) -> list[str]:
    return [f"«{said(way.name).text or _last(way.urn)}»" for way in ways]


def _last(urn: str) -> str:
    return urn.rsplit(":", 1)[-1]
