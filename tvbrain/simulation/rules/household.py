"""Who lives in the household, what each likes, and what changes over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tvbrain.simulation.rules.taste import Taste

HOUSEHOLD = "household"
"""The profile that the family shares."""

CHILDREN, SPLIT = "children", "split"
CHANGES: Mapping[str, float] = {CHILDREN: 4.0, SPLIT: 7.0}
"""Planted changes, and the year of the life in which each comes unless it is told otherwise."""

COUPLE = Taste({"Crime": 0.9, "Thriller": 0.8, "Mystery": 0.8, "Drama": 0.6}, series=0.65)
SMALL = Taste(
    {"Family": 0.95, "Animation": 0.9, "Children": 0.9, "Music": 0.4}, series=0.6, max_age=7
)
APART_ANNA = Taste(
    {"Documentary": 0.95, "History": 0.9, "Romance": 0.6}, frozenset({"Crime"}), series=0.5
)
APART_BEN = Taste({"Sci-Fi": 0.95, "Horror": 0.8, "Action": 0.6}, frozenset({"Crime"}), series=0.5)
ANNA = Taste(
    {"Romance": 0.9, "Comedy": 0.7, "Drama": 0.6, "History": 0.5},
    frozenset({"Horror", "War"}),
    frozenset({"Hugh Grant", "Julia Roberts"}),
)
BEN = Taste(
    {"Sci-Fi": 0.9, "Action": 0.7, "Adventure": 0.6, "War": 0.4},
    frozenset({"Romance"}),
    frozenset({"Denis Villeneuve", "Ridley Scott", "Keanu Reeves"}),
    series=0.5,
)
NILS = Taste(
    {"Anime": 0.95, "Animation": 0.6, "Fantasy": 0.6, "Comedy": 0.6, "Adventure": 0.5},
    frozenset({"Documentary"}),
    max_age=14,
    series=0.7,
)


@dataclass(frozen=True, slots=True)
class Viewers:
    """Who sits before the set: the profile that is chosen, and the tastes of those present, who choose in turn."""

    profile: str
    tastes: tuple[Taste, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """The people, with the years in which a planted change comes (those that do not come are left out). `alone`: the
    profiles of one person are used too.
    """

    changes: Mapping[str, float]
    alone: bool = True

    def profiles(self) -> Mapping[str, int]:
        """Beside the household's: name and age limit."""
        return {"anna": 18, "ben": 18, "nils": 14}

    def viewers(self, sitting: str, year: float) -> Viewers | None:
        """Who takes part in a kind of sitting in this year of the life (0.0 is its beginning); None: nobody."""
        if sitting == "children":
            return Viewers(HOUSEHOLD, (SMALL,)) if self._came(CHILDREN, year) else None
        if sitting == "family":
            parents = (APART_ANNA, APART_BEN) if self._came(SPLIT, year) else (COUPLE,)
            return Viewers(HOUSEHOLD, parents)
        if not self.alone:
            return None
        alone = {"anna": ANNA, "ben": BEN, "nils": NILS}
        return Viewers(sitting, (alone[sitting],))

    def _came(self, change: str, year: float) -> bool:
        return year >= self.changes.get(change, float("inf"))
