"""What the memories and the folded history of a profile come to: preferences and interests. Nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class _Of:
    """All that a taste is a function of; of memories and history a digest."""

    facts: PackFacts
    fades: Fading | None
    known: bytes


class Tastes:
    """As the memories have them now; what was remembered before a change of taste counts for less.

    A taste is made anew only where what it is made of is another.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._made: dict[int, tuple[_Of, Taste]] = {}

    def clear(self) -> None:
        """After an erasure: nothing of before is known."""
        self._made.clear()

    def of(self, fold: HistoryFold, facts: PackFacts, profile: int) -> Taste:
        """Of one profile; nothing is written."""
        told, history = episodes.columns(self._db, profile), _history(fold, profile)
        fades = fading(epochs.epochs(self._db, profile), epochs.life_stages(self._db, profile))
        now = _Of(facts, fades, _digest(told, history))
        made = self._made.get(profile)
        if made is None or made[0] != now:
            made = self._made[profile] = now, _taste(told, history, facts, fades)
        return made[1]


_HISTORY = np.dtype(
    [("key", "<u8"), ("last_ms", "<i8"), ("age", "<i8"), ("strength", "<f8")],
)


def _history(fold: HistoryFold, profile: int) -> NDArray[np.void]:
    """What is liked, ascending by key: `age` is how many positive titles came after it."""
    if profile not in fold.profiles():
        return np.zeros(0, _HISTORY)
    entries, strengths = fold.entries(profile), fold.strengths_q12(profile)
    liked = (strengths > 0) & (entries["ordinal"] > 0)
    found = np.zeros(int(liked.sum()), _HISTORY)
    found["key"], found["last_ms"] = entries["key"][liked], entries["last_ms"][liked]
    found["age"] = fold.info(profile).ordinal - entries["ordinal"][liked].astype(np.int64)
    found["strength"] = strengths[liked] / Q12
    return found


def _digest(told: NDArray[np.void], history: NDArray[np.void]) -> bytes:
    counted = hashlib.blake2b(len(told).to_bytes(8, "little"), digest_size=16)
    counted.update(told.tobytes())
    counted.update(history.tobytes())
    return counted.digest()


def _taste(
    told: NDArray[np.void], history: NDArray[np.void], facts: PackFacts, fades: Fading | None
) -> Taste:
    _, genres = facts.find_all(told["item"])
    if fades is not None:
        told["strength"] *= fades.of(told["at_ms"], genres, facts.genres)
    return Taste(
        preferences(told, genres, facts.genres),
        _interests(history, facts, fades),
    )


def _interests(history: NDArray[np.void], facts: PackFacts, fades: Fading | None) -> list[Interest]:
    slots, genres = facts.find_all(history["key"])
    known = slots != NO_SLOT
    history, slots, genres = history[known], slots[known], genres[known]
    weights = weights_of(history["strength"], history["age"])
    if fades is not None:
        weights *= fades.of(history["last_ms"], genres, facts.genres)
    chosen = considered(history["key"], slots, weights)
    vectors = facts.vectors(slots[chosen])
    has = np.flatnonzero(vectors.scale_q30)
    keys, weights = history["key"][chosen[has]], weights[chosen[has]]
    return [Interest(int(keys[row]), share) for row, share in medoids(vectors.real()[has], weights)]
