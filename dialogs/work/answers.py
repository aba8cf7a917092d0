"""What is shown when a change was not made: why, what was wished, and what to press next."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    """Stands on top of the panel until it is answered."""

    lines: list[str]
    color: str = "warning"
    address: str = ""  # where the wish is sent again
    fields: list[tuple[str, str]] = field(default_factory=list)
    yes: str = ""
    no: str = ""


@dataclass(frozen=True)
class Answer:
    """What the panel shows beside the dialog as it is now."""

    box: Box | None = None
    wish: Mapping[str, str] = field(default_factory=dict)  # stays filled in
    form: str = ""  # the form to open again, by the id of its popover
    complaint: str = ""  # what is wrong in it
