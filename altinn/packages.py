"""Access packages and resources as Altinn names them: URNs here, bare names never.

Source: altinn-authentication ad4f6f36; read 2026-07.
"""

from collections.abc import Iterable

from altinn.asking import AnyCase

PACKAGE = "urn:altinn:accesspackage:"
RESOURCE = "urn:altinn:resource"

# Come from the accountant role in Enhetsregisteret, and only an agent system user can have them.
ACCOUNTANT_PACKAGES = tuple(
    PACKAGE + name
    for name in (
        "regnskapsforer-med-signeringsrettighet",
        "regnskapsforer-uten-signeringsrettighet",
        "regnskapsforer-lonn",
    )
)
CLIENT_PACKAGES = (
    *ACCOUNTANT_PACKAGES,
    PACKAGE + "ansvarlig-revisor",
    PACKAGE + "revisormedarbeider",
    PACKAGE + "forretningsforer-eiendom",
)


def package_urn(name: str) -> str:
    """The package's URN, from that or from its bare name."""
    return name if name.startswith("urn:") else PACKAGE + name


class WireAttribute(AnyCase, frozen=True, kw_only=True):
    id: str = ""
    value: str = ""


class WireRight(AnyCase, frozen=True, kw_only=True):
    resource: list[WireAttribute] | None = None


class WirePackage(AnyCase, frozen=True, kw_only=True):
    urn: str = ""


def wire_rights(rights: Iterable[str]) -> list[dict[str, object]]:
    """Resources' ids as Altinn wants rights: one resource each."""
    return [{"resource": [{"id": RESOURCE, "value": value}]} for value in rights]


def wire_packages(packages: Iterable[str]) -> list[dict[str, str]]:
    return [{"urn": package_urn(name)} for name in packages]


def rights_in(rights: Iterable[WireRight] | None) -> tuple[str, ...]:
    """The resources' ids in Altinn's rights."""
    attributes = (each for right in rights or () for each in right.resource or ())
    return tuple(each.value for each in attributes if each.id == RESOURCE and each.value)


def packages_in(packages: Iterable[WirePackage] | None) -> tuple[str, ...]:
    return tuple(package_urn(each.urn) for each in packages or () if each.urn)
