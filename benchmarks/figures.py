"""What a benchmark found: a ratio, and what it must be."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["at least", "at most"]


@dataclass(frozen=True)
class Goal:
    """`floor` must hold; `stretch` is wished for. `kind` says on which side of them is good."""

    id: str
    what: str
    unit: str
    kind: Kind
    floor: float
    stretch: float


@dataclass(frozen=True)
class Figure:
    """One line of the table. Without a yardstick, the ratio is our own figure."""

    goal: Goal
    ours: float
    ratio: float
    yardstick: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        return _reaches(self.goal, self.ratio, self.goal.floor)

    @property
    def verdict(self) -> str:
        if not self.is_met:
            return "MISSED"
        return "ok, stretch" if _reaches(self.goal, self.ratio, self.goal.stretch) else "ok"


def _reaches(goal: Goal, ratio: float, wanted: float) -> bool:
    return ratio >= wanted if goal.kind == "at least" else ratio <= wanted


def compared(
    goal: Goal, ours: Sequence[float], yardstick: Sequence[float], *, note: str = ""
) -> Figure:
    """Compare round by round: a round's two figures were taken side by side."""
    ratios = [mine / theirs for mine, theirs in zip(ours, yardstick, strict=True)]
    return Figure(
        goal,
        ours=statistics.median(ours),
        ratio=statistics.median(ratios),
        yardstick=statistics.median(yardstick),
        note=note,
    )


def alone(goal: Goal, values: Sequence[float], *, note: str = "") -> Figure:
    """A figure that has its limit in itself."""
    value = statistics.median(values)
    return Figure(goal, ours=value, ratio=value, note=note)


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table that reads well in a terminal too."""
    rows = [["id", "what", "yardstick", "ours", "ratio", "floor", "stretch", "", "note"]]
    for one in figures:
        sign = "≥" if one.goal.kind == "at least" else "≤"
        rows.append(
            [
                one.goal.id,
                one.goal.what,
                "" if one.yardstick is None else f"{_short(one.yardstick)} {one.goal.unit}",
                f"{_short(one.ours)} {one.goal.unit}",
                _short(one.ratio),
                f"{sign} {one.goal.floor:g}",
                f"{sign} {one.goal.stretch:g}",
                one.verdict,
                one.note,
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(f"| {line} |" for line in lines)


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
