"""A whole life, from the first day to the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tvbrain.simulation.catalogue import titles_of
from tvbrain.simulation.diary import Diary, Entry
from tvbrain.simulation.digest import digest
from tvbrain.simulation.life import START, Life
from tvbrain.simulation.rules.household import Household
from tvbrain.simulation.rules.mishaps import CUT_EVERY_DAYS, mishaps
from tvbrain.simulation.television import Television

DAYS_A_YEAR = 365
EVERY = 28
"""Days between two entries of the diary."""

Progress = Callable[[int, int], None]
"""Called with days done and all."""


@dataclass(frozen=True, slots=True)
class Report:
    """`due`: how often each long loop should have run, by the rule alone. `digest` of everything learned."""

    days: int
    seed: int
    events: int
    opened: int
    entries: tuple[Entry, ...]
    runs: Mapping[str, int]
    due: Mapping[str, int]
    digest: str


def simulate(
    folder: Path,
    pack: Path,
    *,
    days: int,
    seed: int,
    changes: Mapping[str, float],
    cut_every: int = CUT_EVERY_DAYS,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Let a household live for `days` days on a new data directory `folder`/tv; what came of it.

    The power goes about every `cut_every` days.
    """
    titles = titles_of(pack)
    television = Television(folder / "tv", pack, START, seed)
    try:
        life = Life(
            television,
            Household(changes),
            titles,
            mishaps=mishaps(days, seed, cut_every),
            seed=seed,
        )
        diary = Diary(folder / "tv", television, titles)
        for day in range(days):
            life.day(day)
            if (day + 1) % EVERY == 0 or day + 1 == days:
                diary.note(day + 1)
            progress(day + 1, days)
        runs = television.ran()
    finally:
        television.close()
    return Report(
        days,
        seed,
        television.events,
        television.opened,
        tuple(diary.entries),
        runs,
        dict(television.timetable.due),
        digest(folder / "tv"),
    )
