"""Access packages: which there are, for whom, and which kinds of services each opens.

Source: Altinn/altinn-authorization-tmp, the packages of the role regnskapsforer, read 2026-09.
What is in each package here is a choice of ours, by the categories of the sandbox's services.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model import Service

URN = "urn:altinn:accesspackage:"
PAYROLL = ("lonn", "sykefravaer", "permisjon")
BOOKS = ("mva", "skatt", "kontroll", "betaling", "regnskap", "register")

# They come with the role REGN, and are for client relations only.
ACCOUNTANTS: dict[str, tuple[str, ...]] = {
    "regnskapsforer-med-signeringsrettighet": (*BOOKS, *PAYROLL),
    "regnskapsforer-uten-signeringsrettighet": BOOKS,
    "regnskapsforer-lonn": PAYROLL,
}
# For client relations too, but with roles an accountant does not have.
OTHERS_CLIENTS: dict[str, tuple[str, ...]] = {
    "ansvarlig-revisor": (*BOOKS, *PAYROLL),
    "revisormedarbeider": BOOKS,
    "forretningsforer-eiendom": ("betaling", "kommune"),
}
# A client gives them to whom it wants.
ORDINARY: dict[str, tuple[str, ...]] = {
    "ordinaer-post-til-virksomheten": ("kommune", "hms", "statistikk", "toll", "frivillig"),
    "post-til-virksomheten-med-taushetsbelagt-innhold": ("konfidensielt",),
    "skatt-naering": ("skatt", "kontroll"),
    "skattegrunnlag": ("skatt",),
    "merverdiavgift": ("mva",),
    "a-ordning": ("lonn",),
    "lonn": ("lonn",),
    "sykefravaer": ("sykefravaer", "permisjon"),
    "krav-og-utlegg": ("betaling",),
    "regnskap-okonomi-rapport": ("regnskap",),
    "maskinlesbare-hendelser": (),
    "jordbruk": (),
    "renovasjon": (),
}
# A company may use it itself, and never for others.
OWN: dict[str, tuple[str, ...]] = {"konkursbo-tilgangsstyrer": ()}

POST = ("ordinaer-post-til-virksomheten", "post-til-virksomheten-med-taushetsbelagt-innhold")
CLIENT_TYPE = frozenset(ACCOUNTANTS | OTHERS_CLIENTS)
KNOWN = ACCOUNTANTS | OTHERS_CLIENTS | ORDINARY | OWN
USUAL = frozenset((*ACCOUNTANTS, *ORDINARY))  # what a client has given the firm, if nothing is odd


def name_of(urn: object) -> str:
    return str(urn).lower().removeprefix(URN)


def urns(found: Iterable[str]) -> list[dict[str, str]]:
    """Write packages as the APIs do."""
    return [{"urn": URN + name} for name in found]


def resources_in(held: Iterable[str], services: "dict[str, Service]") -> frozenset[str]:
    """List the services that packages open."""
    categories = {category for name in held for category in KNOWN.get(name, ())}
    return frozenset(urn for urn, service in services.items() if service.category in categories)
