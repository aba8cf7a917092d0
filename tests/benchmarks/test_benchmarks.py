"""Each benchmark runs and says a ratio. Tiny: what the figures are does not matter here."""

import os
import subprocess
import sys
from math import isfinite
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.figures import Figure, Goal, alone, compared, table
from tests.processes import database_url

ROOT = Path(__file__).resolve().parents[2]
FASTER = Goal("X1", "ours / theirs", "per s", "at least", 1.0, 3.0)
SMALLER = Goal("X2", "pages", "MB", "at most", 100, 70)
IDS = (
    "P1",
    "P1b",
    "P6",
    "P7",
    "P7b",
    "P8c",
    "P8d",
    "P9",
    "P9c",
    "P10",
    "P11",
    "P12",
    "P13",
    "P14",
    "P17",
    "P17b",
    "P20",
)


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    # One slow moment of the machine hits one round of both.
    figure = compared(FASTER, [200, 20, 220], [100, 10, 100])

    assert figure.ratio == 2
    assert figure.verdict == "ok"


@pytest.mark.parametrize(
    ("goal", "value", "verdict"),
    [
        (FASTER, 3.0, "ok, stretch"),
        (FASTER, 0.99, "MISSED"),
        (SMALLER, 71, "ok"),
        (SMALLER, 70, "ok, stretch"),
        (SMALLER, 101, "MISSED"),
    ],
)
def test_a_floor_is_on_the_goal_s_side(goal: Goal, value: float, verdict: str) -> None:
    assert alone(goal, [value]).verdict == verdict


def test_the_table_names_what_was_missed() -> None:
    lines = table([Figure(SMALLER, ours=120, ratio=120)]).splitlines()

    assert "MISSED" in lines[2]
    assert "≤ 100" in lines[2]


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_every_benchmark_runs_and_prints_a_ratio() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--size", "tiny", "--rounds", "1"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    rows = [line.split("|") for line in done.stdout.splitlines()[2:]]
    assert {row[1].strip() for row in rows} == set(IDS)
    assert all(isfinite(float(row[5].replace(",", ""))) for row in rows)  # a difference may be < 0
