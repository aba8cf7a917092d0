"""Content that was fetched, as it is shown: the text, or why there is none and what to do."""

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy

from dialogs.content import bodies, cleaning
from dialogs.models import OpenedBody
from staff.sealing import Unreadable

Outcome = OpenedBody.Outcome

_WHY = {
    Outcome.EMPTY: gettext_lazy("Tjenesteeieren har ikke noe mer å vise her."),
    Outcome.REFUSED: gettext_lazy("Tjenesteeieren slipper ikke systemtilgangen inn til innholdet."),
    Outcome.GONE: gettext_lazy("Innholdet finnes ikke lenger hos tjenesteeieren."),
    Outcome.TOO_LARGE: gettext_lazy(
        "Innholdet er større enn det portalen viser. Åpne dialogen i Altinn for å lese det."
    ),
    Outcome.TOO_SLOW: gettext_lazy(
        "Tjenesteeieren svarte ikke i tide. Innholdet kan likevel være merket som åpnet der."
    ),
    Outcome.UNSAFE: gettext_lazy(
        "Innholdet ligger et sted portalen ikke henter fra. Åpne dialogen i Altinn for å lese det."
    ),
    Outcome.FAILED: gettext_lazy("Tjenesteeieren kunne ikke vise innholdet. Prøv igjen senere."),
}
UNREADABLE = gettext_lazy("Det som ble hentet, kan ikke leses lenger. Hent det på nytt.")
_AGAIN = frozenset({Outcome.REFUSED, Outcome.TOO_SLOW, Outcome.FAILED})


@dataclass(frozen=True)
class ShownBody:
    row: OpenedBody

    @cached_property
    def html(self) -> SafeString | None:
        """The text; None when it was sealed with a key we no longer have."""
        try:
            return cleaning.dress(bodies.html_of(self.row))
        except Unreadable:
            return None

    @property
    def lang(self) -> str:
        return "" if self.row.language == get_language() else self.row.language

    @property
    def why(self) -> str:
        """Why there is no text; empty when there is one."""
        if self.row.outcome == Outcome.SHOWN:
            return "" if self.html is not None else str(UNREADABLE)
        return str(_WHY[Outcome(self.row.outcome)])

    @property
    def is_empty(self) -> bool:
        return self.row.outcome == Outcome.EMPTY

    @property
    def may_try_again(self) -> bool:
        return self.row.outcome in _AGAIN or self.html is None

    @property
    def asks_why(self) -> bool:
        return self.row.outcome == Outcome.REFUSED
