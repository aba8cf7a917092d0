"""Nav's income report for parental leave and pregnancy, as a form made from what Nav asks for.

Nav asks for less here: no arbeidsgiverperiode, and a refund may be above the income.

Source: fp-inntektsmelding-api 498063eb (InntektsmeldingRequest, InntektsmeldingValidererUtil), read
2026-08. Unverified: that a system user is let in, with which scope, and that `gjelderFra` of a
tariff change is the day it became known, as the check of its order suggests.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from altinn.nav_foreldrepenger_forms import (
    ForeldrepengerAarsak,
    ForeldrepengerForespoersel,
    ForeldrepengerInntekt,
    ForeldrepengerInntektsmelding,
    ForeldrepengerNaturalytelse,
    ForeldrepengerRefusjon,
    ForeldrepengerRefusjonEndring,
    Kontaktinformasjon,
)
from altinn.nav_forms import NATURALYTELSER, Avsender
from dialogs.answering.asked import Line
from dialogs.answering.fields import after
from dialogs.answering.income_form import (
    SYSTEM,
    TARIFF,
    VERSION,
    YES,
    IncomeForm,
    benefits_group,
    changes_group,
    reasons_group,
    written,
)
from dialogs.answering.nav_words import AARSAKER, ONLY_SYKEPENGER, YTELSER
from dialogs.answering.people import in_words

LASTING = "VarigLoennsendring"
REASONS = {code: words for code, words in AARSAKER.items() if code not in ONLY_SYKEPENGER}


class ForeldrepengerForm(IncomeForm):
    words = REASONS
    groups = (reasons_group(REASONS), changes_group(), benefits_group(with_end=True))
    refund_stays_below_income = False

    def __init__(
        self,
        asked: ForeldrepengerForespoersel,
        data: Mapping[str, Any] | None = None,
        *,
        user_name: str = "",
    ) -> None:
        self.asked = asked
        super().__init__(data, user_name=user_name)

    @property
    def refund_from(self) -> date | None:
        return self.asked.startdato

    def clean(self) -> dict[str, Any]:
        super().clean()
        for key, row in self.given("aarsak"):
            if row["aarsak"] == TARIFF and after(row["fom"], row["kjent"]):
                said = _("Den kan ikke ha blitt kjent før dagen den gjelder fra.")
                self.add_error(f"{key}-kjent", said)
            is_lasting = row["aarsak"] == LASTING
            if is_lasting and row["fom"] and row["fom"] >= self.asked.startdato:
                said = _("Velg en dag før %(day)s.") % {"day": written(self.asked.startdato)}
                self.add_error(f"{key}-fom", said)
        return self.cleaned_data

    def report(self) -> ForeldrepengerInntektsmelding:
        asked, values = self.asked, self.cleaned_data
        return ForeldrepengerInntektsmelding(
            forespoersel_id=asked.forespoersel_id,
            soeker_fnr=asked.soeker_fnr,
            startdato=asked.startdato,
            ytelse=asked.ytelse_type,
            inntekt=ForeldrepengerInntekt(
                beloep_per_maaned=values["inntekt"],
                endring_aarsaker=tuple(
                    ForeldrepengerAarsak(
                        aarsak=row["aarsak"],
                        fom=row["fom"],
                        tom=row["tom"],
                        gjelder_fra=row["kjent"],
                    )
                    for _key, row in self.given("aarsak")
                ),
            ),
            refusjon=self._refund() if values["refusjon_kreves"] == YES else None,
            naturalytelser=tuple(
                ForeldrepengerNaturalytelse(
                    naturalytelse=NATURALYTELSER[row["ytelse"]],
                    beloep_per_maaned=row["belop"],
                    bortfaller_fra=row["fra"],
                    bortfaller_til=row["til"],
                )
                for _key, row in self.given("ytelse")
            ),
            kontaktinformasjon=Kontaktinformasjon(
                arbeidsgiver_navn=values["kontakt"], arbeidsgiver_tlf=values["telefon"]
            ),
            avsender=Avsender(system_navn=SYSTEM, system_versjon=VERSION),
        )

    def _refund(self) -> ForeldrepengerRefusjon:
        changes = (
            ForeldrepengerRefusjonEndring(beloep_per_maaned=amount, startdato=day)
            for amount, day in self.refund_changes
        )
        return ForeldrepengerRefusjon(
            beloep_per_maaned=self.cleaned_data["refusjon"], endringer=tuple(changes)
        )

    def asked_lines(self) -> list[Line]:
        asked = self.asked
        lines = [
            (_("Søkeren"), in_words(asked.soeker_fnr)),
            (_("Ytelse"), str(YTELSER[asked.ytelse_type.value])),
            (_("Første dag"), written(asked.startdato)),
        ]
        if asked.inntektsdato:
            lines.append((_("Inntekt beregnes per"), written(asked.inntektsdato)))
        return lines

    def lines(self) -> list[Line]:
        return [
            *self.asked_lines(),
            *self.income_lines(),
            *self.refund_lines(),
            *self.benefit_lines(),
            *self.contact_lines(),
        ]
