"""When a sitting has passed a pattern over."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from tvbrain.learning.passing import LONG, SHOWN, passed_over
from tvbrain.store.patterns import Pattern

CRIME = Pattern(
    1, 1, "temporal", "Friday, Crime", "Crime", 1 << 3, 1 << 4, "", 6, 6, 0.7, 1.0, 0.1, (), 0, 0
)
CRIMES, COMEDY = range(1, 100), 1000


def genres_of(keys: Sequence[int]) -> list[tuple[str, ...]]:
    return [("Comedy",) if key == COMEDY else ("Crime", "Drama") for key in keys]


@pytest.mark.parametrize(
    ("shown", "played", "places", "expected"),
    [
        (CRIMES[:SHOWN], [COMEDY], SHOWN, {1}),
        (CRIMES[: SHOWN - 1], [COMEDY], LONG, set()),
        ([*CRIMES[: SHOWN - 1], COMEDY], [COMEDY], LONG, set()),
        (CRIMES[:SHOWN], [], LONG - 1, set()),
        (CRIMES[:SHOWN], [], LONG, {1}),
        (CRIMES[:SHOWN], [COMEDY, 1], LONG, set()),
        ([], [COMEDY], LONG, set()),
    ],
)
def test_enough_of_it_was_shown_and_something_else_or_nothing_for_long_was_chosen(
    shown: Collection[int], played: Collection[int], places: int, expected: set[int]
) -> None:
    found = passed_over([CRIME], shown=shown, played=played, places=places, genres_of=genres_of)
    assert found == expected


def test_a_pattern_is_of_its_daypart_and_weekday_alone() -> None:
    assert CRIME.at(3, 4)
    assert not CRIME.at(2, 4)
    assert not CRIME.at(3, 3)
