"""Bars for what came and what was finished, as numbers a template can draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from dialogs.reports.flow import Week

WIDTH, HEIGHT = 720, 190
TOP, BOTTOM = 22, 26  # room for the figures above the bars, and for the weeks below
GAP = 2


@dataclass(frozen=True)
class Bar:
    """A bar and its figure, in the drawing's own units."""

    kind: str  # came or done
    total: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def above(self) -> int:
        return self.y - 5


@dataclass(frozen=True)
class Pair:
    """A week's two bars."""

    week: Week
    bars: tuple[Bar, Bar]

    @property
    def middle(self) -> int:
        return self.bars[1].x - GAP // 2


@dataclass(frozen=True)
class Chart:
    pairs: list[Pair]
    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - BOTTOM
    label_y: int = HEIGHT - 8


def chart_of(weeks: Sequence[Week]) -> Chart:
    """Draw the weeks side by side, the highest bar as high as there is room for."""
    step = WIDTH // len(weeks)
    width = (step - 24) // 2
    most = max([1, *(max(week.came, week.done) for week in weeks)])
    room = HEIGHT - TOP - BOTTOM
    pairs = []
    for number, week in enumerate(weeks):
        left = number * step + 12
        bars = tuple(
            _bar(kind, total, left + place * (width + GAP), width, total * room // most)
            for place, (kind, total) in enumerate([("came", week.came), ("done", week.done)])
        )
        pairs.append(Pair(week, (bars[0], bars[1])))
    return Chart(pairs)


def _bar(kind: str, total: int, x: int, width: int, height: int) -> Bar:
    height = max(height, 1 if total else 0)
    return Bar(kind, total, x, HEIGHT - BOTTOM - height, width, height)
