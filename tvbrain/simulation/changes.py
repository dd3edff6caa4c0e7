"""Whether a planted change of life is seen: in the taste epochs by the first yearly run after it, and two weeks later
in what is recommended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tvbrain.simulation.diary import Entry
from tvbrain.simulation.life import DAY, START
from tvbrain.simulation.rules.household import CHILDREN, SPLIT
from tvbrain.simulation.run import DAYS_A_YEAR, Report
from tvbrain.types import TasteEpoch

SOON = 14
"""Days after which recommendations have followed."""

FOLLOWED = 0.2
"""Of a slate that is new then."""

TASTES: Mapping[str, tuple[str, frozenset[str]]] = {
    CHILDREN: ("morning", frozenset({"Family", "Animation", "Children"})),
    SPLIT: (
        "night",
        frozenset({"Documentary", "History", "Romance", "Sci-Fi", "Horror", "Action"}),
    ),
}
"""Genres of those whom a change brings, and when their slate is looked at: children watch in the morning."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one change: the new genres' share in a slate before it and SOON days after, and whether the first
    yearly run after it made an epoch of another taste (None: there was none).
    """

    change: str
    before: float
    after: float
    epoch: bool | None


def moments(changes: Mapping[str, float]) -> Collection[int]:
    """Days after which the diary is to have an entry: for `simulate`."""
    days = [round(year * DAYS_A_YEAR) for year in changes.values()]
    return {day + later for day in days for later in (0, SOON)}


def sparsely(changes: Mapping[str, float], every: int, then: int) -> Callable[[int], bool]:
    """A life with somebody at home on every so-manieth day until the last change and from then on, and daily in the two
    weeks around a change: for `simulate`.
    """
    days = [round(year * DAYS_A_YEAR) for year in changes.values()]

    def lived(day: int) -> bool:
        near = any(-SOON <= day - change < SOON for change in days)
        return near or day % (every if day < max(days) else then) == 0

    return lived


def share(entry: Entry, change: str) -> float:
    """Of the genres that a change brings, in the slate of their time of the day."""
    time, genres = TASTES[change]
    slate = entry.morning if time == "morning" else entry.night
    return sum(part for genre, part in slate.items() if genre in genres)


def seen(report: Report, changes: Mapping[str, float]) -> list[Seen]:
    """Of every change that was SOON days or more before the life's end."""
    entries = {entry.day: entry for entry in report.entries}
    found = []
    for change, year in sorted(changes.items()):
        day = round(year * DAYS_A_YEAR)
        if day in entries and day + SOON in entries:
            before, after = share(entries[day], change), share(entries[day + SOON], change)
            answer = _answer(report, day)
            found.append(Seen(change, before, after, None if answer is None else answer.changed))
    return found


def false_alarms(report: Report, changes: Mapping[str, float]) -> int:
    """Epochs of another taste that no change has brought."""
    answers = [_answer(report, round(year * DAYS_A_YEAR)) for year in changes.values()]
    return sum(one.changed for one in report.epochs if one not in answers)


def _answer(report: Report, day: int) -> TasteEpoch | None:
    """The epoch that the first yearly run after `day` has ended."""
    after = [one for one in report.epochs if one.years and one.ended > START + day * DAY]
    return after[0] if after else None
