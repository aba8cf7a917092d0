"""What came of sending something: arrived, not taken, or nobody knows."""

from dataclasses import dataclass

from dialogs.models import Delivery

State = Delivery.State


@dataclass(frozen=True)
class Outcome:
    """`WAITING`: nothing was sent or it was not taken for now; it may be tried again."""

    state: Delivery.State
    trouble: str = ""  # short, in English or a number: for the log and those who look after it


SENT = Outcome(State.SENT)
