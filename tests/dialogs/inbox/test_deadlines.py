"""How deadlines are said: by calendar days in Norway."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dialogs.inbox.deadlines import Wording, long_moment, short_moment, wording

OSLO = ZoneInfo("Europe/Oslo")


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("deadline", "now", "expected"),
    [
        ("2026-11-16T23:59", "2026-11-19T08:00", ("3 dager over frist", "danger", "solid")),
        ("2026-11-18T23:59", "2026-11-19T00:01", ("1 dag over frist", "danger", "solid")),
        ("2026-11-19T00:00", "2026-11-19T15:00", ("I dag", "danger", "tinted")),
        ("2026-11-19T12:00", "2026-11-19T15:00", ("I dag kl.\u00a012.00", "danger", "tinted")),
        ("2026-11-19T23:59", "2026-11-19T00:00", ("I dag kl.\u00a023.59", "danger", "tinted")),
        ("2026-11-20T00:00", "2026-11-19T23:59", ("I morgen", "danger", "tinted")),
        ("2026-11-21T00:00", "2026-11-19T23:59", ("Om 2 dager", "warning", "tinted")),
        ("2026-11-26T23:59", "2026-11-19T00:00", ("Om 7 dager", "warning", "tinted")),
        ("2026-11-27T00:00", "2026-11-19T23:59", ("27. nov.", "neutral", "tinted")),
        ("2027-01-14T23:59", "2026-11-19T12:00", ("14. jan. 2027", "neutral", "tinted")),
        # The night the clocks go back has 25 hours, and is one day all the same.
        ("2026-10-26T00:30", "2026-10-25T00:30", ("I morgen", "danger", "tinted")),
        ("2026-10-27T01:00", "2026-10-25T00:30", ("Om 2 dager", "warning", "tinted")),
        # The night they go forward has 23.
        ("2026-03-29T23:59", "2026-03-28T23:59", ("I morgen", "danger", "tinted")),
        ("2026-03-28T23:59", "2026-03-29T00:01", ("1 dag over frist", "danger", "solid")),
        # Year end.
        ("2026-12-31T23:59", "2027-01-01T00:01", ("1 dag over frist", "danger", "solid")),
        ("2027-01-01T12:00", "2026-12-31T12:00", ("I morgen", "danger", "tinted")),
    ],
)
def test_says_how_far_off_it_is(deadline: str, now: str, expected: tuple[str, str, str]) -> None:
    said = wording(oslo(deadline), now=oslo(now), settled=False)

    assert (said.text, said.color, said.variant) == expected


@pytest.mark.parametrize(
    ("deadline", "below"),
    [
        ("2026-11-21T12:00", "21. nov. (helg)"),
        ("2026-11-23T12:00", "23. nov."),
        ("2026-05-17T12:00", "17. mai (helg)"),
        ("2026-05-01T12:00", "1. mai (helligdag)"),
        ("2025-12-24T12:00", "24. des. 2025"),
        ("2025-12-26T12:00", "26. des. 2025 (helligdag)"),
    ],
)
def test_names_days_off_and_other_years(deadline: str, below: str) -> None:
    assert wording(oslo(deadline), now=oslo("2026-11-24T12:00"), settled=False).below == below


def test_a_settled_deadline_is_never_red() -> None:
    said = wording(oslo("2026-01-05T12:00"), now=oslo("2026-11-19T12:00"), settled=True)

    assert said == Wording("5. jan.", "neutral", "outline", "")


def test_a_moment_in_utc_counts_on_its_day_in_oslo() -> None:
    said = wording(
        datetime(2026, 7, 1, 22, 30, tzinfo=UTC), now=oslo("2026-07-01T12:00"), settled=False
    )

    assert said.text == "I morgen"
    assert said.below == "2. juli"


def test_writes_moments_as_altinn_does() -> None:
    moment = oslo("2025-10-22T08:43")

    assert long_moment(moment) == "22. oktober 2025 kl.\u00a008.43"
    assert short_moment(moment, now=oslo("2025-10-22T09:00")) == "i dag kl.\u00a008.43"
    assert short_moment(moment, now=oslo("2025-10-23T01:00")) == "i går kl.\u00a008.43"
    assert short_moment(moment, now=oslo("2026-10-23T01:00")) == "22. okt. 2025"
