"""A whole life, from the first day to the report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tvbrain.simulation.catalogue import titles_of
from tvbrain.simulation.diary import Diary, Entry
from tvbrain.simulation.digest import digest
from tvbrain.simulation.life import START, Life
from tvbrain.simulation.rules.household import HOUSEHOLD, Household
from tvbrain.simulation.rules.mishaps import CUT_EVERY_DAYS, mishaps
from tvbrain.simulation.television import Television
from tvbrain.types import TasteEpoch

DAYS_A_YEAR = 365
EVERY = 28
"""Days between two entries of the diary."""

Progress = Callable[[int, int], None]
"""Called with days done and all."""


@dataclass(frozen=True, slots=True)
class Report:
    """`due`: how often each long loop should have run, by the rule alone. `epochs` of the shared profile. `digest` of
    everything learned.
    """

    days: int
    seed: int
    events: int
    opened: int
    entries: tuple[Entry, ...]
    runs: Mapping[str, int]
    due: Mapping[str, int]
    epochs: tuple[TasteEpoch, ...]
    digest: str


def simulate(
    folder: Path,
    pack: Path,
    *,
    days: int,
    seed: int,
    changes: Mapping[str, float],
    cut_every: int = CUT_EVERY_DAYS,
    lived: Callable[[int], bool] = lambda day: True,
    alone: bool = True,
    noted: Collection[int] = (),
    progress: Progress = lambda done, total: None,
) -> Report:
    """Let a household live for `days` days on a new data directory `folder`/tv; what came of it.

    The power goes about every `cut_every` days. `lived`: the days on which somebody is at home; a life with few of them
    is as long for the loops, and has fewer events; so has one in which nobody watches on an own profile (`alone`).
    `noted`: numbers of days after which the diary has an entry too.
    """
    titles = titles_of(pack)
    television = Television(folder / "tv", pack, START, seed)
    try:
        life = Life(
            television,
            Household(changes, alone),
            titles,
            mishaps=mishaps(days, seed, cut_every),
            seed=seed,
        )
        diary = Diary(folder / "tv", television, titles)
        for day in range(days):
            life.day(day, lived(day))
            if (day + 1) % EVERY == 0 or day + 1 == days or day + 1 in noted:
                diary.note(day + 1)
            progress(day + 1, days)
        runs, epochs = television.ran(), television.brain.epochs(HOUSEHOLD)
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
        epochs,
        digest(folder / "tv"),
    )
