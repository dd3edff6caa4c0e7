"""What the memories and the folded history of a profile come to: preferences and interests. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.learning.epochs import Fading, fading
from tvbrain.learning.interests import considered, medoids, weights_of
from tvbrain.learning.preferences import preferences
from tvbrain.memory import episodes
from tvbrain.memory.fold import HistoryFold
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import epochs
from tvbrain.store.tastes import Interest, Preference

Q12 = 4096.0


@dataclass(frozen=True, slots=True)
class Taste:
    """What the memories of a profile come to."""

    preferences: Sequence[Preference]
    interests: Sequence[Interest]


def taste(db: Database, fold: HistoryFold, facts: PackFacts, profile: int) -> Taste:
    """As the memories have it now; what was remembered before a change of taste counts for less."""
    told = episodes.columns(db, profile)
    _, genres = facts.find_all(told["item"])
    fades = fading(epochs.epochs(db, profile), epochs.life_stages(db, profile))
    if fades is not None:
        told["strength"] *= fades.of(told["at_ms"], genres, facts.genres)
    return Taste(
        preferences(told, genres, facts.genres),
        _interests(fold, facts, fades, profile),
    )


def _interests(
    fold: HistoryFold, facts: PackFacts, fades: Fading | None, profile: int
) -> list[Interest]:
    if profile not in fold.profiles():
        return []
    entries, strengths = fold.entries(profile), fold.strengths_q12(profile)
    slots, genres = facts.find_all(entries["key"])
    good = (strengths > 0) & (entries["ordinal"] > 0) & (slots != NO_SLOT)
    entries, slots = entries[good], slots[good]
    liked = strengths[good] / Q12
    if fades is not None:
        liked *= fades.of(entries["last_ms"], genres[good], facts.genres)
    ages = fold.info(profile).ordinal - entries["ordinal"].astype(np.int64)
    weights = weights_of(liked, ages)
    chosen = considered(entries["key"], slots, weights)
    vectors = facts.vectors(slots[chosen])
    has = np.flatnonzero(vectors.scale_q30)
    keys, weights = entries["key"][chosen[has]], weights[chosen[has]]
    return [Interest(int(keys[row]), share) for row, share in medoids(vectors.real()[has], weights)]
