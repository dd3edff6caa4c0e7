"""What is noted of a life as it goes on: sizes, runs, tastes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tvbrain.simulation.rules.household import HOUSEHOLD
from tvbrain.simulation.rules.taste import Title
from tvbrain.simulation.television import OFFSET_MIN, Television
from tvbrain.store import database
from tvbrain.types import ViewContext

PAGE = 4096
SLATE = 20
MORNING, NIGHT = 16.5, 3.5
"""Hours before the day's end: the moments for which the shared profile's slates are noted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """After `day` days of life. Bytes: of brain.db with its log, of the whole directory, resident in this process, and
    handed to the file system since the entry before, a day. `tiers`: memories of all profiles; `morning` and `night`:
    share of each genre in what the shared profile is recommended then; `runs`: finished runs of each loop.
    """

    day: int
    events: int
    database: int
    directory: int
    resident: int
    written_a_day: int
    tiers: Mapping[str, int]
    morning: Mapping[str, float]
    night: Mapping[str, float]
    runs: Mapping[str, int]

    @property
    def recommended(self) -> Mapping[str, float]:
        """Shares of both slates together."""
        genres = sorted({*self.morning, *self.night})
        return {g: (self.morning.get(g, 0.0) + self.night.get(g, 0.0)) / 2 for g in genres}


class Diary:
    """Entries, oldest first."""

    def __init__(self, folder: Path, television: Television, titles: Mapping[str, Title]) -> None:
        self._folder, self._set, self._titles = folder, television, titles
        self._written, self._day = written(), 0
        self.entries: list[Entry] = []

    def note(self, day: int) -> None:
        """After `day` days, more than at the entry before."""
        sizes = {path: path.stat().st_size for path in self._folder.rglob("*") if path.is_file()}
        so_far = written()
        self.entries.append(
            Entry(
                day,
                self._set.events,
                sum(size for path, size in sizes.items() if path.name.startswith("brain.db")),
                sum(sizes.values()),
                resident(),
                (so_far - self._written) // (day - self._day),
                self._tiers(),
                self._recommended(MORNING),
                self._recommended(NIGHT),
                self._set.ran(),
            )
        )
        self._written, self._day = so_far, day

    def _tiers(self) -> dict[str, int]:
        """Counted beside the brain's own connection, by one that cannot write."""
        path = self._folder / database.FILE
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
            return dict(reader.execute("SELECT tier, count(*) FROM memory GROUP BY tier"))

    def _recommended(self, ago: float) -> dict[str, float]:
        at = self._set.clock.now() - ago * 3600
        context = ViewContext(profile=HOUSEHOLD, k=SLATE, at=at, utc_offset_min=OFFSET_MIN)
        return genre_shares([self._titles[one.item] for one in self._set.brain.recommend(context)])


def genre_shares(titles: list[Title]) -> dict[str, float]:
    """Of titles, each of which has one part, shared by its genres; in the order of the names."""
    shares: dict[str, float] = {}
    for title in titles:
        for genre in title.genres:
            shares[genre] = shares.get(genre, 0.0) + 1 / len(title.genres) / len(titles)
    return dict(sorted(shares.items()))


def resident() -> int:
    """Bytes of this process in memory, files that it maps included."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def written() -> int:
    """Bytes that this process has handed to write calls."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))
