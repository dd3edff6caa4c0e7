"""What the drill of years finds in a life."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.simulation.changes import moments
from tvbrain.simulation.diary import Entry
from tvbrain.simulation.life import DAY, START
from tvbrain.simulation.rules.household import CHANGES
from tvbrain.simulation.run import Report
from tvbrain.simulation.years import changes_seen, findings, grown
from tvbrain.types import TasteEpoch

YEAR = 365


def entry(day: int, resident: int = 100, database: int = 1000) -> Entry:
    return Entry(day, 0, database, 0, resident, 0, {}, {}, {}, {})


def life(**changed: object) -> Report:
    entries = tuple(entry(28 * number) for number in range(1, 3 * 13 + 1))
    good = Report(3 * YEAR, 1, 1, 1, entries, {"deliberative": 9}, {"deliberative": 9}, (), "")
    return replace(good, **changed)  # type: ignore[arg-type]


def year(number: int, changed: bool = False) -> TasteEpoch:
    """The epoch that the yearly run on day 358 x `number` has ended."""
    ended = START + 358 * number * DAY
    return TasteEpoch("", ended - 358 * DAY, ended, 1, 40, {}, (0.125,) * 8, (), 0.0, changed)


def verdicts(changed: set[int]) -> dict[str, bool]:
    entries = tuple(entry(day) for day in sorted(moments(CHANGES)))
    epochs = tuple(year(number, number in changed) for number in range(1, 10))
    bars = changes_seen(life(entries=entries, epochs=epochs))
    return {one.name: one.kept for one in bars if "slate" not in one.name}


def test_a_change_must_be_in_the_epoch_of_the_first_yearly_run_after_it_and_in_no_other() -> None:
    children, split, alarms = (
        "children, seen by the next yearly run",
        "split, seen by the next yearly run",
        "epochs of another taste without a change",
    )
    assert verdicts({5, 8}) == {children: True, split: True, alarms: True}
    assert verdicts({8}) == {children: False, split: True, alarms: True}
    assert verdicts({5, 9}) == {children: True, split: False, alarms: False}
    assert verdicts({2, 5, 8}) == {children: True, split: True, alarms: False}


def test_a_life_that_keeps_its_bars_is_found_to() -> None:
    assert [one.kept for one in findings(life())] == [True, True, True, True]


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
