"""What both of Nav's income reports ask: income and why it differs, refund, benefits, contact.

The form checks what Nav checks, in the order a person reads it, so that what is sent is taken. It
never shows a national id number: that comes from Nav's request and goes back in the report alone.

Source: hag-domene-inntektsmelding e0c3d6e5 (SkjemaInntektsmelding.valider), fp-inntektsmelding-api
498063eb (InntektsmeldingValidererUtil), read 2026-08.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from altinn.nav_foreldrepenger_forms import ForeldrepengerInntektsmelding
from altinn.nav_forms import Inntektsmelding
from dialogs.answering.asked import Line
from dialogs.answering.fields import AmountField, DayField, Group, RowsForm, after, choices
from dialogs.answering.nav_words import AARSAKER, NATURALYTELSER, WITH_A_DAY, WITH_PERIODS

Report = Inntektsmelding | ForeldrepengerInntektsmelding

SYSTEM, VERSION = "Regnskapsportalen", "0.1.0"  # who sends, as Nav is told
YES, NO = "ja", "nei"
TARIFF = "Tariffendring"
YES_OR_NO = [(YES, gettext_lazy("Ja")), (NO, gettext_lazy("Nei"))]
_PHONE = re.compile(r"\d{8}|00\d{10}|\+\d{10}")
_NAME = re.compile(r"[.A-Za-zæøåÆØÅ0-9, _-]{2,64}")


def reasons_group(words: Mapping[str, Promise]) -> Group:
    return Group(
        "aarsak",
        gettext_lazy("Hvorfor inntekten avviker fra a-meldingen"),
        gettext_lazy("Legg til årsak"),
        {
            "aarsak": lambda: forms.ChoiceField(label=_("Årsak"), choices=choices(words)),
            "fom": lambda: DayField(label=_("Fra og med")),
            "tom": lambda: DayField(label=_("Til og med")),
            "kjent": lambda: DayField(label=_("Ble kjent")),
        },
    )


def changes_group() -> Group:
    return Group(
        "endring",
        gettext_lazy("Endringer i refusjonen"),
        gettext_lazy("Legg til endring"),
        {
            "belop": lambda: AmountField(label=_("Nytt beløp per måned")),
            "fra": lambda: DayField(label=_("Fra og med")),
        },
    )


def benefits_group(*, with_end: bool) -> Group:
    fields: dict[str, Any] = {
        "ytelse": lambda: forms.ChoiceField(label=_("Ytelse"), choices=choices(NATURALYTELSER)),
        "belop": lambda: AmountField(label=_("Verdi per måned"), above_zero=True),
        "fra": lambda: DayField(label=_("Faller bort fra og med")),
    }
    if with_end:
        fields["til"] = lambda: DayField(label=_("Til og med"))
    return Group(
        "ytelse",
        gettext_lazy("Naturalytelser som faller bort"),
        gettext_lazy("Legg til naturalytelse"),
        fields,
    )


class IncomeForm(RowsForm):
    """A part that Nav does not ask for is not on the form."""

    optional = frozenset({"fom", "tom", "kjent", "til"})
    words: Mapping[str, Promise] = AARSAKER
    refund_stays_below_income = True

    inntekt = AmountField(label=gettext_lazy("Inntekt per måned"))
    refusjon_kreves = forms.ChoiceField(
        label=gettext_lazy("Krever arbeidsgiveren refusjon?"),
        choices=YES_OR_NO,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Velg ja eller nei.")},
    )
    refusjon = AmountField(label=gettext_lazy("Refusjon per måned"), required=False)
    refusjon_slutt = DayField(label=gettext_lazy("Siste dag med refusjon"), required=False)
    kontakt = forms.CharField(
        label=gettext_lazy("Kontaktperson"),
        max_length=64,
        error_messages={"required": gettext_lazy("Skriv hvem Nav kan spørre.")},
    )
    telefon = forms.CharField(
        label=gettext_lazy("Telefon"),
        max_length=20,
        error_messages={"required": gettext_lazy("Skriv et telefonnummer Nav kan ringe.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, user_name: str, **initial: Any) -> None:
        usual = {"refusjon_kreves": NO, "kontakt": user_name[:64]}
        super().__init__(data, initial=usual | initial)

    def clean_kontakt(self) -> str:
        name: str = self.cleaned_data["kontakt"].strip()
        if not _NAME.fullmatch(name):
            raise ValidationError(
                _("Nav godtar bare bokstavene a–å, sifre og tegnene . , _ - i navnet.")
            )
        return name

    def clean_telefon(self) -> str:
        number = "".join(self.cleaned_data["telefon"].split())
        if not _PHONE.fullmatch(number):
            raise ValidationError(_("Skriv åtte sifre, eller landkode og nummer som +4722334455."))
        return number

    def clean(self) -> dict[str, Any]:
        self.clean_rows()
        self._check_reasons()
        self._check_refund()
        self._check_benefits()
        return self.cleaned_data

    @property
    def refund_from(self) -> date | None:
        """The day that a change in the refund has to come after."""
        raise NotImplementedError

    def _check_reasons(self) -> None:
        seen: set[str] = set()
        for key, row in self.given("aarsak"):
            reason = row["aarsak"]
            if not reason:
                continue
            wanted = {
                "fom": reason in WITH_PERIODS | WITH_A_DAY,
                "tom": reason in WITH_PERIODS,
                "kjent": reason == TARIFF,
            }
            for name, is_wanted in wanted.items():
                self._check_wanted(f"{key}-{name}", row[name], is_wanted=is_wanted)
            if after(row["fom"], row["tom"]):
                self.add_error(f"{key}-tom", _("Siste dag er før første dag."))
            if reason in seen and reason not in WITH_PERIODS:
                self.add_error(f"{key}-aarsak", _("Denne årsaken er oppgitt før."))
            seen.add(reason)

    def _check_wanted(self, name: str, value: Any, *, is_wanted: bool) -> None:
        if name in self.errors:
            return
        if is_wanted and value is None:
            self.add_error(name, _("Denne årsaken må ha en dato her."))
        elif not is_wanted and value is not None:
            self.add_error(name, _("Denne årsaken skal ikke ha noen dato her. Tøm feltet."))

    def _check_refund(self) -> None:
        values = self.cleaned_data
        income, refund = values.get("inntekt"), values.get("refusjon")
        changes = list(self.given("endring"))
        if values.get("refusjon_kreves") != YES:
            filled_in = refund is not None or values.get("refusjon_slutt") or changes
            if filled_in and values.get("refusjon_kreves") == NO:
                self.add_error("refusjon_kreves", _("Velg ja, eller tøm feltene om refusjon."))
            return
        if refund is None and "refusjon" not in self.errors:
            self.add_error("refusjon", _("Skriv hvor mye arbeidsgiveren krever per måned."))
        self._check_amount("refusjon", refund, income)
        begun: set[date] = set()
        for key, row in changes:
            self._check_amount(f"{key}-belop", row["belop"], income)
            self._check_change(f"{key}-fra", row["fra"], begun)
        end = values.get("refusjon_slutt")
        self._check_change("refusjon_slutt", end and end + timedelta(days=1), begun)

    def _check_amount(self, name: str, amount: Decimal | None, income: Decimal | None) -> None:
        if self.refund_stays_below_income and amount and income and amount > income:
            self.add_error(name, _("Refusjonen kan ikke være høyere enn inntekten."))

    def _check_change(self, name: str, day: date | None, begun: set[date]) -> None:
        if day is None:
            return
        limit = self.refund_from
        if limit and day <= limit:
            said = {"day": written(limit)}
            self.add_error(name, _("Velg en dag etter %(day)s.") % said)
        elif day in begun:
            self.add_error(name, _("To endringer kan ikke gjelde fra samme dag."))
        begun.add(day)

    def _check_benefits(self) -> None:
        for key, row in self.given("ytelse"):
            if after(row["fra"], row.get("til")):
                self.add_error(f"{key}-til", _("Siste dag er før første dag."))

    @property
    def refund_changes(self) -> list[tuple[Decimal, date]]:
        """Each change with the day it begins, in order; an end is a change to nothing."""
        changes = [(row["belop"], row["fra"]) for _key, row in self.given("endring")]
        if end := self.cleaned_data.get("refusjon_slutt"):
            changes.append((Decimal(0), end + timedelta(days=1)))
        return sorted(changes, key=lambda change: change[1])

    def report(self) -> Report:
        """Return what is sent. Only of a form that is valid."""
        raise NotImplementedError

    def lines(self) -> list[Line]:
        """Return what a person reads before they send it."""
        raise NotImplementedError

    def asked_lines(self) -> list[Line]:
        """Return what Nav has told already, to read while the form is filled in."""
        raise NotImplementedError

    def income_lines(self) -> list[Line]:
        values = self.cleaned_data
        lines = []
        if values.get("inntekt") is not None:
            lines.append((_("Inntekt per måned"), kroner(values["inntekt"])))
        for _key, row in self.given("aarsak"):
            lines.append((_("Årsak til avvik"), reason_in_words(self.words, row)))
        return lines

    def refund_lines(self) -> list[Line]:
        values = self.cleaned_data
        if values["refusjon_kreves"] != YES:
            return [(_("Refusjon"), _("Kreves ikke"))]
        lines = [(_("Refusjon per måned"), kroner(values["refusjon"]))]
        for amount, day in self.refund_changes:
            said = {"amount": kroner(amount), "day": written(day)}
            lines.append((_("Endring i refusjon"), _("%(amount)s fra %(day)s") % said))
        return lines

    def benefit_lines(self) -> list[Line]:
        lines = []
        for _key, row in self.given("ytelse"):
            said = {
                "name": NATURALYTELSER[row["ytelse"]],
                "amount": kroner(row["belop"]),
                "day": written(row["fra"]),
            }
            text = _("%(name)s, %(amount)s per måned, faller bort %(day)s") % said
            if row.get("til"):
                text += _(" til og med %(day)s") % {"day": written(row["til"])}
            lines.append((_("Naturalytelse"), text))
        return lines

    def contact_lines(self) -> list[Line]:
        values = self.cleaned_data
        return [(_("Kontakt"), f"{values['kontakt']}, {values['telefon']}")]


def reason_in_words(words: Mapping[str, Promise], row: Mapping[str, Any]) -> str:
    parts = [str(words[row["aarsak"]])]
    if row["fom"] and row["tom"]:
        parts.append(period(row["fom"], row["tom"]))
    elif row["fom"]:
        parts.append(_("gjelder fra %(day)s") % {"day": written(row["fom"])})
    if row["kjent"]:
        parts.append(_("ble kjent %(day)s") % {"day": written(row["kjent"])})
    return ", ".join(parts)


def kroner(amount: Decimal) -> str:
    """Return «48 500,00 kr»."""
    return f"{number_format(amount, 2, force_grouping=True)} kr"


def written(day: date) -> str:
    return date_format(day, "j. F Y")


def period(first: date, last: date) -> str:
    return f"{written(first)} – {written(last)}"
