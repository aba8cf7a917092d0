"""What services and authorities are called, and the level a service asks for: the catalogue."""

from collections.abc import Iterable

from altinn.details import Service as CatalogueEntry
from altinn.dialogporten import text
from dialogs.models import Service, ServiceOwner


def keep(resources: Iterable[CatalogueEntry]) -> None:
    """Name the services we know, and every owner in the catalogue."""
    catalogue = list(resources)
    owners = {one.service_owner.code: text(one.service_owner.name) for one in catalogue}
    ServiceOwner.objects.bulk_create(
        [ServiceOwner(code=code, name=name) for code, name in sorted(owners.items()) if code],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    )
    by_urn = {_urn(one.service_resource.id): one.service_resource for one in catalogue}
    ours = list(Service.objects.filter(urn__in=by_urn))
    for service in ours:
        entry = by_urn[service.urn]
        service.name = text(entry.name)[:255]
        service.minimum_level = entry.minimum_authentication_level or 0
    Service.objects.bulk_update(ours, ["name", "minimum_level"])


def _urn(resource_id: str) -> str:
    """The catalogue leaves out the prefix that dialogs carry."""
    prefix = "urn:altinn:resource:"
    return resource_id if resource_id.startswith(prefix) else prefix + resource_id
