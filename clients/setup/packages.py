"""Access packages that accountants use, with the names Altinn gives them in bokmål.

Source: altinn-authorization-tmp f7ff53bd (package constants); docs.altinn.studio, what access
packages give; read 2026-08. The whole list is open data at
`accessmanagement/api/v1/meta/info/accesspackages/export`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PREFIX = "urn:altinn:accesspackage:"


@dataclass(frozen=True)
class Package:
    """One access package. `from_role`: every client we are the accountant of has given it."""

    name: str
    label: str | Promise
    from_role: bool = False


PACKAGES = (
    Package(
        "regnskapsforer-med-signeringsrettighet",
        _("Regnskapsfører med signeringsrettighet"),
        from_role=True,
    ),
    Package(
        "regnskapsforer-uten-signeringsrettighet",
        _("Regnskapsfører uten signeringsrettighet"),
        from_role=True,
    ),
    Package("regnskapsforer-lonn", _("Regnskapsfører lønn"), from_role=True),
    Package("ordinaer-post-til-virksomheten", _("Ordinær post til virksomheten")),
    Package(
        "post-til-virksomheten-med-taushetsbelagt-innhold",
        _("Post til virksomheten med taushetsbelagt innhold"),
    ),
    Package("skatt-naering", _("Skatt næring")),
    Package("skattegrunnlag", _("Skattegrunnlag")),
    Package("merverdiavgift", _("Merverdiavgift")),
    Package("krav-og-utlegg", _("Krav, betalinger og utlegg")),
    Package("regnskap-okonomi-rapport", _("Regnskap og økonomirapportering")),
    Package("a-ordning", _("A-ordningen")),
    Package("lonn", _("Lønn")),
    Package("sykefravaer", _("Sykefravær")),
    Package("maskinlesbare-hendelser", _("Maskinlesbare hendelser")),
)
BY_NAME = {package.name: package for package in PACKAGES}
FROM_ROLE = [package.name for package in PACKAGES if package.from_role]
ASKED_FOR = [package.name for package in PACKAGES if not package.from_role]


def label_of(name: str) -> str:
    """Return a package's name for people; one we do not know as Altinn writes it."""
    package = BY_NAME.get(name)
    return str(package.label) if package else name


def urn_of(name: str) -> str:
    return f"{PREFIX}{name}"
