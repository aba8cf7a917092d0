"""What Nav asks and wants to be told about sykepenger. `Inntektsmelding` is what is sent.

Source: navikt/sykepenger-im-lps-api 69d000a9, hag-domene-inntektsmelding e0c3d6e5;
read 2026-08.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

from altinn.wire import TolerantEnum, Wire


class AarsakInnsending(StrEnum):
    NY = "Ny"
    ENDRING = "Endring"


class Begrunnelse(StrEnum):
    """Why less than full pay was given in arbeidsgiverperioden."""

    ARBEID_OPPHOERT = "ArbeidOpphoert"
    BESKJED_GITT_FOR_SENT = "BeskjedGittForSent"
    BETVILER_ARBEIDSUFOERHET = "BetvilerArbeidsufoerhet"
    FERIE_ELLER_AVSPASERING = "FerieEllerAvspasering"
    FISKER_MED_HYRE = "FiskerMedHyre"
    FRAVAER_UTEN_GYLDIG_GRUNN = "FravaerUtenGyldigGrunn"
    IKKE_FRAVAER = "IkkeFravaer"
    IKKE_FULL_STILLINGSANDEL = "IkkeFullStillingsandel"
    IKKE_LOENN = "IkkeLoenn"
    LOVLIG_FRAVAER = "LovligFravaer"
    MANGLER_OPPTJENING = "ManglerOpptjening"
    PERMITTERING = "Permittering"
    SAERREGLER = "Saerregler"
    STREIK_ELLER_LOCKOUT = "StreikEllerLockout"
    TIDLIGERE_VIRKSOMHET = "TidligereVirksomhet"


class Aarsak(StrEnum):
    """Why the income differs from what is in A-ordningen; what else it wants is in `NEEDS`."""

    BONUS = "Bonus"
    FEILREGISTRERT = "Feilregistrert"
    FERIE = "Ferie"
    FERIETREKK = "Ferietrekk"
    NYANSATT = "Nyansatt"
    NY_STILLING = "NyStilling"
    NY_STILLINGSPROSENT = "NyStillingsprosent"
    PERMISJON = "Permisjon"
    PERMITTERING = "Permittering"
    SYKEFRAVAER = "Sykefravaer"
    TARIFFENDRING = "Tariffendring"
    VARIG_LOENNSENDRING = "VarigLoennsendring"


# What each reason wants besides itself: names of fields in `EndringAarsak`.
NEEDS: dict[Aarsak, tuple[str, ...]] = {
    Aarsak.FERIE: ("perioder",),
    Aarsak.NY_STILLING: ("gjelder_fra",),
    Aarsak.NY_STILLINGSPROSENT: ("gjelder_fra",),
    Aarsak.PERMISJON: ("perioder",),
    Aarsak.PERMITTERING: ("perioder",),
    Aarsak.SYKEFRAVAER: ("perioder",),
    Aarsak.TARIFFENDRING: ("gjelder_fra", "ble_kjent"),
    Aarsak.VARIG_LOENNSENDRING: ("gjelder_fra",),
}

# By the name at sykepenger, the name at foreldrepenger.
NATURALYTELSER = {
    name.upper(): name
    for name in (
        "AksjerGrunnfondsbevisTilUnderkurs",
        "Annet",
        "Bedriftsbarnehageplass",
        "BesoeksreiserHjemmetAnnet",
        "Bil",
        "Bolig",
        "ElektroniskKommunikasjon",
        "FriTransport",
        "InnbetalingTilUtenlandskPensjonsordning",
        "KostbesparelseIHjemmet",
        "KostDager",
        "KostDoegn",
        "Losji",
        "Opsjoner",
        "RentefordelLaan",
        "SkattepliktigDelForsikringer",
        "TilskuddBarnehageplass",
        "YrkebilTjenestligbehovKilometer",
        "YrkebilTjenestligbehovListepris",
    )
}


class Periode(Wire, frozen=True, kw_only=True, rename="camel"):
    """Both days are in it; `tom` is not before `fom`."""

    fom: date
    tom: date


class RedusertLoenn(Wire, frozen=True, kw_only=True, rename="camel"):
    beloep: Decimal
    begrunnelse: Begrunnelse


class Arbeidsgiverperiode(Wire, frozen=True, kw_only=True, rename="camel"):
    """16 days in all, or fewer with `redusert_loenn_i_agp`.

    `egenmeldinger` is in Nav's older samples only. Leave it out: a key it does not know, Nav
    answers with SERIALISERINGSFEIL.
    """

    perioder: tuple[Periode, ...]
    egenmeldinger: tuple[Periode, ...] | UnsetType = UNSET
    redusert_loenn_i_agp: RedusertLoenn | None = None


class EndringAarsak(Wire, frozen=True, kw_only=True, rename="camel"):
    aarsak: Aarsak
    perioder: tuple[Periode, ...] | UnsetType = UNSET
    gjelder_fra: date | UnsetType = UNSET
    ble_kjent: date | UnsetType = UNSET


class Naturalytelse(Wire, frozen=True, kw_only=True, rename="camel"):
    """A benefit in kind that ends. `naturalytelse` is one of `NATURALYTELSER`."""

    naturalytelse: str
    verdi_beloep: Decimal
    sluttdato: date


class Inntekt(Wire, frozen=True, kw_only=True, rename="camel"):
    """`naturalytelser` is in Nav's older samples only, as `Arbeidsgiverperiode.egenmeldinger`."""

    beloep: Decimal
    inntektsdato: date
    naturalytelser: tuple[Naturalytelse, ...] | UnsetType = UNSET
    endring_aarsaker: tuple[EndringAarsak, ...] = ()


class RefusjonEndring(Wire, frozen=True, kw_only=True, rename="camel"):
    beloep: Decimal
    startdato: date


class Refusjon(Wire, frozen=True, kw_only=True, rename="camel"):
    """A refund that ends is a change to 0: `sluttdato` is in Nav's older samples only."""

    beloep_per_maaned: Decimal
    endringer: tuple[RefusjonEndring, ...] = ()
    sluttdato: date | UnsetType | None = UNSET


class Avsender(Wire, frozen=True, kw_only=True, rename="camel"):
    """The system that sends: 2 to 64 letters, digits, «. , _ -» or spaces. Never NAV_PORTAL."""

    system_navn: str
    system_versjon: str


class Inntektsmelding(Wire, frozen=True, kw_only=True, rename="camel"):
    """An income report for sykepenger. `agp` and `inntekt` are None where Nav did not ask."""

    nav_referanse_id: UUID
    agp: Arbeidsgiverperiode | None
    inntekt: Inntekt | None
    refusjon: Refusjon | None
    naturalytelser: tuple[Naturalytelse, ...] = ()
    sykmeldt_fnr: str
    aarsak_innsending: AarsakInnsending
    kontaktinformasjon: str
    arbeidsgiver_tlf: str
    avsender: Avsender

    def __repr__(self) -> str:
        return f"Inntektsmelding({self.nav_referanse_id}, {self.aarsak_innsending})"


class RequestStatus(TolerantEnum):
    AKTIV = "AKTIV"
    BESVART = "BESVART"
    FORKASTET = "FORKASTET"
    UNKNOWN = "UNKNOWN"


class Forespoersel(Wire, frozen=True, kw_only=True, rename="camel"):
    """What Nav asks for. `opprettet_tid` is Norwegian time, without a zone."""

    nav_referanse_id: UUID
    orgnr: str
    fnr: str
    status: RequestStatus = RequestStatus.UNKNOWN
    sykmeldingsperioder: tuple[Periode, ...] = ()
    egenmeldingsperioder: tuple[Periode, ...] = ()
    inntektsdato: date | None = None
    arbeidsgiverperiode_paakrevd: bool = True
    inntekt_paakrevd: bool = True
    opprettet_tid: datetime | None = None

    def __repr__(self) -> str:
        return f"Forespoersel({self.nav_referanse_id}, {self.status})"
