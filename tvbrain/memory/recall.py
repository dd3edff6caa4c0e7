"""Recall: one query over the tiers that are asked for, by meaning, by title, by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tvbrain.errors import InvalidArgumentError
from tvbrain.memory.tiers import BY_NAME, decay
from tvbrain.sqlite import Database
from tvbrain.store.u64 import unsigned


@dataclass(frozen=True, slots=True)
class Recalled:
    """item: a key, 0 where it is about no title. what: in words, where there is no title. `strength` is what is left of
    it now, `age` in seconds. daypart None: at none. likeness: -1 to 1, None where meaning was not asked for.
    """

    tier: str
    item: int
    what: str
    at_ms: int
    age: float
    strength: float
    daypart: int | None = None
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """tiers: by name. wanted: whether a key is about what is asked for, None: all are. Times in ms, both inclusive."""

    profile: int
    tiers: Sequence[str]
    since_ms: int | None = None
    until_ms: int | None = None
    daypart: int | None = None
    wanted: Callable[[int], bool] | None = None
    likeness: Callable[[Sequence[int]], Sequence[float | None]] | None = None


SOURCES = {
    "episodic": "SELECT tier, item, '', at, daypart, strength FROM memory WHERE tier = 'episodic' AND profile = :p",
    "semantic": "SELECT tier, item, '', at, daypart, strength FROM memory WHERE tier = 'semantic' AND profile = :p",
    "temporal": "SELECT 'temporal', 0, genre, at, daypart, weight FROM preference WHERE profile = :p"
    " UNION ALL SELECT 'temporal', 0, name, seen, NULL, factor * low FROM pattern WHERE tier = 'temporal'"
    " AND profile = :p AND retired IS NULL",
    "collective": "SELECT tier, 0, name, seen, NULL, factor * low FROM pattern WHERE tier = 'collective'"
    " AND profile IN (:p, 0)",
    "evolutionary": "SELECT 'evolutionary', 0, name, ended, NULL, 1.0 FROM epoch WHERE profile = :p",
    "architectural": "SELECT 'architectural', 0, 'weights of the terms, version ' || version, trained, NULL, 1.0"
    " FROM blender WHERE profile = :p",
    "substrate": "SELECT 'substrate', 0, 'loop ' || name || ': ' || duration_ms || ' ms', last_run, NULL, 1.0"
    " FROM loop WHERE last_run IS NOT NULL",
}
"""Tier: its rows as tier, item, words, time, daypart, strength. `:p` is the profile."""


def recall(
    db: Database, question: Question, now: float, moment: Iterable[Recalled] = ()
) -> list[Recalled]:
    """Whatever answers the question: the most alike first if meaning is asked for, else the newest.

    `moment`: what the tiers that are not in the database hold. Titles without a vector are like nothing and left out
    where meaning is asked for. InvalidArgumentError for a tier that there is not.
    """
    unknown = [name for name in question.tiers if name not in BY_NAME]
    if unknown:
        raise InvalidArgumentError(f"tier: {unknown[0]!r} is none of {', '.join(BY_NAME)}")
    found = [one for one in (*moment, *_stored(db, question, now)) if _answers(one, question)]
    if question.likeness is not None:
        likeness = question.likeness([one.item for one in found])
        pairs = zip(found, likeness, strict=True)
        alike = [replace(one, likeness=near) for one, near in pairs if near is not None]
        return sorted(alike, key=lambda one: -(one.likeness or 0.0))
    return sorted(found, key=lambda one: -one.at_ms)


def _stored(db: Database, question: Question, now: float) -> list[Recalled]:
    chosen = [SOURCES[name] for name in question.tiers if name in SOURCES]
    if not chosen:
        return []
    rows = db.execute(" UNION ALL ".join(chosen), {"p": question.profile}).fetchall()
    found = []
    for tier, item, what, at_ms, part, strength in sorted(rows, key=str):
        age = max(now - at_ms / 1000, 0.0)
        left = strength * decay(tier, age)
        found.append(Recalled(tier, unsigned(item), what, at_ms, age, left, part))
    return found


def _answers(one: Recalled, question: Question) -> bool:
    if one.tier not in question.tiers:
        return False
    if question.since_ms is not None and one.at_ms < question.since_ms:
        return False
    if question.until_ms is not None and one.at_ms > question.until_ms:
        return False
    if question.daypart is not None and one.daypart not in (None, question.daypart):
        return False
    return question.wanted is None or (one.item != 0 and question.wanted(one.item))
