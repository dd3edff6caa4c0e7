"""What the drill of years finds in a life."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.simulation.diary import Entry
from tvbrain.simulation.run import Report
from tvbrain.simulation.years import findings, grown

YEAR = 365


def entry(day: int, resident: int = 100, database: int = 1000) -> Entry:
    return Entry(day, 0, database, 0, resident, 0, {}, {}, {})


def life(**changed: object) -> Report:
    entries = tuple(entry(28 * number) for number in range(1, 3 * 13 + 1))
    good = Report(3 * YEAR, 1, 1, 1, entries, {"deliberative": 9}, {"deliberative": 9}, "")
    return replace(good, **changed)  # type: ignore[arg-type]


def test_a_life_that_keeps_its_bars_is_found_to() -> None:
    assert [one.kept for one in findings(life())] == [True, True, True]


def test_one_run_too_many_or_too_few_is_found() -> None:
    for runs in (8, 10):
        assert not findings(life(runs={"deliberative": runs}))[0].kept


def test_a_database_that_was_once_too_large_is_found() -> None:
    entries = (entry(28, database=40 << 20), *life().entries)
    assert not findings(life(entries=entries))[1].kept


def test_memory_is_compared_between_the_second_year_and_the_last() -> None:
    grows = [entry(day, 100 if day <= 2 * YEAR else 106) for day in range(28, 3 * YEAR, 28)]
    growth = grown(grows, 3 * YEAR)
    assert growth is not None
    assert round(growth, 3) == 0.06
    assert not findings(life(entries=tuple(grows)))[2].kept
    assert grown(grows, 2 * YEAR) is None
