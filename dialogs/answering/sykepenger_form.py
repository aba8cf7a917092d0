"""Nav's income report for sick leave, as a form made from what Nav asks for.

Source: sykepenger-im-lps-api 69d000a9 (validerMotForespoersel), hag-domene-inntektsmelding e0c3d6e5
(Arbeidsgiverperiode, RedusertLoennIAgp), read 2026-08.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import UNSET

from altinn.nav_forms import (
    Aarsak,
    AarsakInnsending,
    Arbeidsgiverperiode,
    Avsender,
    Begrunnelse,
    EndringAarsak,
    Forespoersel,
    Inntekt,
    Inntektsmelding,
    Naturalytelse,
    Periode,
    RedusertLoenn,
    Refusjon,
    RefusjonEndring,
    RequestStatus,
)
from dialogs.answering.asked import Line
from dialogs.answering.fields import AmountField, DayField, Group, after, choices
from dialogs.answering.income_form import (
    NO,
    SYSTEM,
    VERSION,
    YES,
    YES_OR_NO,
    IncomeForm,
    benefits_group,
    changes_group,
    kroner,
    period,
    reasons_group,
    written,
)
from dialogs.answering.nav_words import (
    AARSAKER,
    BEGRUNNELSER,
    ONLY_FORELDREPENGER,
    WITH_A_DAY,
    WITH_PERIODS,
)
from dialogs.answering.people import in_words

DAYS = 16  # of an arbeidsgiverperiode
REASONS = {code: words for code, words in AARSAKER.items() if code not in ONLY_FORELDREPENGER}

_PERIODS = Group(
    "agp",
    gettext_lazy("Arbeidsgiverperioden"),
    gettext_lazy("Legg til periode"),
    {
        "fom": lambda: DayField(label=_("Fra og med")),
        "tom": lambda: DayField(label=_("Til og med")),
    },
    first=1,
)


class SykepengerForm(IncomeForm):
    words = REASONS
    groups = (_PERIODS, reasons_group(REASONS), changes_group(), benefits_group(with_end=False))
    # A period's days may not be left out, though a reason's may.
    full_lonn = forms.ChoiceField(
        label=gettext_lazy("Betaler arbeidsgiveren full lønn i arbeidsgiverperioden?"),
        choices=YES_OR_NO,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Velg ja eller nei.")},
    )
    agp_belop = AmountField(label=gettext_lazy("Utbetalt i arbeidsgiverperioden"), required=False)
    agp_begrunnelse = forms.ChoiceField(
        label=gettext_lazy("Hvorfor ikke full lønn"), choices=choices(BEGRUNNELSER), required=False
    )

    def __init__(
        self,
        asked: Forespoersel,
        data: Mapping[str, Any] | None = None,
        *,
        user_name: str = "",
    ) -> None:
        self.asked = asked
        proposed = proposed_period([*asked.egenmeldingsperioder, *asked.sykmeldingsperioder])
        days = {
            f"agp-{number}-{name}": day
            for number, pair in enumerate(proposed)
            for name, day in zip(("fom", "tom"), pair, strict=True)
        }
        super().__init__(data, user_name=user_name, full_lonn=YES, **days)
        if not asked.arbeidsgiverperiode_paakrevd:
            self._leave_out("full_lonn", "agp_belop", "agp_begrunnelse", group="agp")
        if not asked.inntekt_paakrevd:
            self._leave_out("inntekt", group="aarsak")

    def _leave_out(self, *names: str, group: str) -> None:
        """Nav refuses a part that it has not asked for."""
        self._rows[group] = []
        for name in [*names, *(one for one in self.fields if one.startswith(f"{group}-"))]:
            del self.fields[name]

    @property
    def refund_from(self) -> date | None:
        """After arbeidsgiverperioden where there is one, and after the day of the income."""
        days = [last for _first, last in self._periods() if last]
        if self.asked.inntekt_paakrevd and self.asked.inntektsdato:
            days.append(self.asked.inntektsdato)
        return max(days, default=None)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.asked.arbeidsgiverperiode_paakrevd:
            self._check_periods()
        return self.cleaned_data

    def _periods(self) -> list[tuple[date | None, date | None]]:
        return [(row["fom"], row["tom"]) for _key, row in self.given("agp")]

    def _check_periods(self) -> None:
        rows = list(self.given("agp"))
        before: date | None = None
        for key, row in rows:
            for name in ("fom", "tom"):
                if row[name] is None and f"{key}-{name}" not in self.errors:
                    self.add_error(f"{key}-{name}", _("Velg en dato, eller tøm hele raden."))
            if after(row["fom"], row["tom"]):
                self.add_error(f"{key}-tom", _("Siste dag er før første dag."))
            elif before and row["fom"] and row["fom"] <= before:
                said = _("Periodene må stå i rekkefølge og kan ikke overlappe.")
                self.add_error(f"{key}-fom", said)
            before = row["tom"] or before
        if not any(name.startswith("agp-") for name in self.errors):
            self._check_days(rows)

    def _check_days(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        count = sum((row["tom"] - row["fom"]).days + 1 for _key, row in rows)
        said = {"n": count}
        last = f"{rows[-1][0]}-tom" if rows else "agp-0-fom"
        if count > DAYS:
            text = _("Arbeidsgiverperioden er %(n)s dager. Den kan være høyst 16.")
            self.add_error(last, text % said)
        is_full = self.cleaned_data.get("full_lonn") != NO
        if count < DAYS and is_full:
            text = _(
                "Arbeidsgiverperioden er %(n)s dager. Er den under 16, må du svare nei på full lønn"
                " og si hvorfor."
            )
            self.add_error(last, text % said)
        self._check_reduced(is_full=is_full)

    def _check_reduced(self, *, is_full: bool) -> None:
        amount, why = (self.cleaned_data.get(name) for name in ("agp_belop", "agp_begrunnelse"))
        if is_full and (amount is not None or why):
            self.add_error("full_lonn", _("Velg nei, eller tøm feltene om redusert lønn."))
        if not is_full and amount is None and "agp_belop" not in self.errors:
            self.add_error("agp_belop", _("Skriv hvor mye som ble betalt. Skriv 0 om ingenting."))
        if not is_full and not why and "agp_begrunnelse" not in self.errors:
            self.add_error("agp_begrunnelse", _("Velg hvorfor."))

    def report(self) -> Inntektsmelding:
        asked, values = self.asked, self.cleaned_data
        is_answered = asked.status == RequestStatus.BESVART
        return Inntektsmelding(
            nav_referanse_id=asked.nav_referanse_id,
            agp=self._agp() if asked.arbeidsgiverperiode_paakrevd else None,
            inntekt=self._income() if asked.inntekt_paakrevd else None,
            refusjon=self._refund() if values["refusjon_kreves"] == YES else None,
            naturalytelser=tuple(
                Naturalytelse(
                    naturalytelse=row["ytelse"], verdi_beloep=row["belop"], sluttdato=row["fra"]
                )
                for _key, row in self.given("ytelse")
            ),
            sykmeldt_fnr=asked.fnr,
            aarsak_innsending=AarsakInnsending.ENDRING if is_answered else AarsakInnsending.NY,
            kontaktinformasjon=values["kontakt"],
            arbeidsgiver_tlf=values["telefon"],
            avsender=Avsender(system_navn=SYSTEM, system_versjon=VERSION),
        )

    def _agp(self) -> Arbeidsgiverperiode:
        values, reduced = self.cleaned_data, None
        if values["full_lonn"] == NO:
            why = Begrunnelse(values["agp_begrunnelse"])
            reduced = RedusertLoenn(beloep=values["agp_belop"], begrunnelse=why)
        perioder = tuple(Periode(fom=row["fom"], tom=row["tom"]) for _key, row in self.given("agp"))
        return Arbeidsgiverperiode(perioder=perioder, redusert_loenn_i_agp=reduced)

    def _income(self) -> Inntekt:
        day = self.asked.inntektsdato
        assert day is not None  # noqa: S101 (Nav gives it with every request for income)
        return Inntekt(
            beloep=self.cleaned_data["inntekt"],
            inntektsdato=day,
            endring_aarsaker=tuple(self._reasons()),
        )

    def _reasons(self) -> Iterable[EndringAarsak]:
        """Each reason once; its periods together, as Nav takes no reason twice."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for _key, row in self.given("aarsak"):
            rows.setdefault(row["aarsak"], []).append(row)
        for code, same in rows.items():
            row = same[0]
            yield EndringAarsak(
                aarsak=Aarsak(code),
                perioder=tuple(Periode(fom=one["fom"], tom=one["tom"]) for one in same)
                if code in WITH_PERIODS
                else UNSET,
                gjelder_fra=row["fom"] if code in WITH_A_DAY else UNSET,
                ble_kjent=row["kjent"] or UNSET,
            )

    def _refund(self) -> Refusjon:
        changes = (RefusjonEndring(beloep=a, startdato=day) for a, day in self.refund_changes)
        return Refusjon(beloep_per_maaned=self.cleaned_data["refusjon"], endringer=tuple(changes))

    def asked_lines(self) -> list[Line]:
        asked = self.asked
        lines = [(_("Den sykmeldte"), in_words(asked.fnr))]
        for one in asked.sykmeldingsperioder:
            lines.append((_("Sykmeldt"), period(one.fom, one.tom)))
        for one in asked.egenmeldingsperioder:
            lines.append((_("Egenmeldt"), period(one.fom, one.tom)))
        if asked.inntekt_paakrevd and asked.inntektsdato:
            lines.append((_("Inntekt beregnes per"), written(asked.inntektsdato)))
        return lines

    def lines(self) -> list[Line]:
        asked = self.asked
        lines = [(_("Den sykmeldte"), in_words(asked.fnr))]
        for _key, row in self.given("agp"):
            lines.append((_("Arbeidsgiverperiode"), period(row["fom"], row["tom"])))
        if asked.arbeidsgiverperiode_paakrevd and self.cleaned_data["full_lonn"] == NO:
            why = BEGRUNNELSER[self.cleaned_data["agp_begrunnelse"]]
            paid = f"{kroner(self.cleaned_data['agp_belop'])}. {why}"
            lines.append((_("Redusert lønn i perioden"), paid))
        if asked.inntekt_paakrevd and asked.inntektsdato:
            lines.append((_("Inntekt beregnet per"), written(asked.inntektsdato)))
        lines += [*self.income_lines(), *self.refund_lines()]
        is_answered = asked.status == RequestStatus.BESVART
        kind = _("Endring av tidligere innsendt") if is_answered else _("Ny")
        return [*lines, *self.benefit_lines(), *self.contact_lines(), (_("Innsending"), kind)]


def proposed_period(absences: Iterable[Periode]) -> list[tuple[date, date]]:
    """Propose the first 16 days of absence; a gap of more than 16 days begins a new count."""
    found: list[tuple[date, date]] = []
    left = DAYS
    for one in sorted(absences, key=lambda each: each.fom):
        if found and (one.fom - found[-1][1]).days - 1 > DAYS:
            found, left = [], DAYS
        if left <= 0 or (found and one.tom <= found[-1][1]):
            continue
        first = max(one.fom, found[-1][1] + timedelta(days=1)) if found else one.fom
        last = min(one.tom, first + timedelta(days=left - 1))
        left -= (last - first).days + 1
        if found and first == found[-1][1] + timedelta(days=1):
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
