"""What a refusal means, and who does what next: in bokmål, for the person on the page."""

from dataclasses import dataclass

from altinn.errors import AltinnError
from altinn.onboarding_errors import Cause, cause_of
from clients.advice_words import WORDS


@dataclass(frozen=True)
class Advice:
    """`text` says what is the matter, `next_step` who does what about it."""

    text: str
    next_step: str


def advice_for(error: AltinnError) -> Advice:
    """What to show for an error of a call to Altinn, Maskinporten, ID-porten or the register.

    In the reader's language. Show the error's code and trace id beside it, for support.
    """
    return advice_about(cause_of(error))


def advice_about(cause: Cause) -> Advice:
    """The same for a cause that is known without an error at hand."""
    text, next_step = WORDS[cause]
    return Advice(str(text), str(next_step))
