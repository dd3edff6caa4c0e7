"""What a brain remembers, with titles instead of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tvbrain.errors import InvalidArgumentError
from tvbrain.events import KINDS_BY_CODE
from tvbrain.learning.effects import effect
from tvbrain.loops.learner import Learner
from tvbrain.memory import recall
from tvbrain.memory.absorb import HAS_RATING, HAS_WATCHED
from tvbrain.memory.daypart import daypart
from tvbrain.memory.evidence import strength
from tvbrain.memory.recall import Question, Recalled
from tvbrain.memory.records import records
from tvbrain.memory.tiers import BY_NAME, decay
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.pack.native import key_of
from tvbrain.store import edges, journal, patterns
from tvbrain.types import CausalEdge, Pattern, Recollection

MOMENT = ("instant", "session")
"""Tiers that are not in the database."""


def recollections(
    learner: Learner,
    facts: PackFacts,
    profile: int,
    now: float,
    *,
    tiers: Sequence[str] = (),
    item: str = "",
    like: str = "",
    since: float | None = None,
    until: float | None = None,
    part: int | None = None,
    limit: int = 20,
) -> tuple[Recollection, ...]:
    """As Brain.recall."""
    asked = Question(
        profile,
        tuple(tiers) or tuple(BY_NAME),
        None if since is None else round(since * 1000),
        None if until is None else round(until * 1000),
        part,
        _names(facts, item) if item else None,
        _nearness(facts, like) if like else None,
    )
    moment = _moment(learner, asked, now) if set(MOMENT) & set(asked.tiers) else []
    found = recall.recall(learner.db, asked, now, moment)
    return tuple(_told(facts, one) for one in found[:limit])


def told_patterns(learner: Learner, facts: PackFacts, profile: int) -> tuple[Pattern, ...]:
    """As Brain.patterns."""
    found = patterns.patterns(learner.db, profile)
    found.sort(key=lambda one: (one.retired_ms is not None, -one.weight, one.id))
    return tuple(
        Pattern(
            one.name,
            one.genre,
            _bits(one.dayparts),
            _bits(one.weekdays),
            one.company,
            one.trials,
            one.successes,
            one.low,
            one.high,
            one.usual,
            one.weight,
            tuple(named(facts, key)[0] for key in one.titles),
            one.found_ms / 1000,
            one.seen_ms / 1000,
            None if one.retired_ms is None else one.retired_ms / 1000,
        )
        for one in found
    )


def told_effects(learner: Learner, profile: int) -> tuple[CausalEdge, ...]:
    """As Brain.effects."""
    found = []
    for one in edges.edges(learner.db, profile).values():
        came = effect(one)
        numbers = (None, None) if came is None else (came.chance, came.deviation)
        found.append(CausalEdge(one.daypart, one.genre, one.shown, one.unknown, *numbers))
    return tuple(found)


def _bits(mask: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(mask.bit_length()) if mask >> bit & 1)


def _names(facts: PackFacts, item: str) -> Callable[[int], bool]:
    """Whether a key names the title that `item` names, or is its own where no pack knows it."""
    key = key_of(item)
    (slot,), _ = facts.find([key])

    def same(other: int) -> bool:
        return other == key or (slot != NO_SLOT and facts.find([other])[0][0] == slot)

    return same


def _nearness(facts: PackFacts, like: str) -> Callable[[Sequence[int]], list[float | None]]:
    """The cosine of titles' vectors with that of `like`."""
    (own,) = units(facts, [key_of(like)])
    if own is None:
        raise InvalidArgumentError(f"like: {like!r} names no title with a vector")

    def near(keys: Sequence[int]) -> list[float | None]:
        return [None if one is None else float(one @ own) for one in units(facts, keys)]

    return near


def named(facts: PackFacts, key: int) -> tuple[str, str]:
    """Id and title; where no pack knows the key, its 16 digits and nothing."""
    (slot,), _ = facts.find([key])
    return (f"{key:016x}", "") if slot == NO_SLOT else facts.name(slot)


def units(facts: PackFacts, keys: Sequence[int]) -> list[npt.NDArray[np.float32] | None]:
    """The vector of each title, of length 1; None without one."""
    slots, _ = facts.find(keys)
    named = [slot for slot in slots if slot != NO_SLOT]
    vectors = facts.vectors(named)
    real = dict(zip(named, vectors.real(), strict=True))
    lengths = {slot: float(np.linalg.norm(row)) for slot, row in real.items()}
    return [
        real[slot] / lengths[slot] if slot in real and lengths[slot] > 0 else None for slot in slots
    ]


def _moment(learner: Learner, asked: Question, now: float) -> list[Recalled]:
    """What no loop has learned yet, and the sitting that goes on."""
    found = []
    where = learner.consumer.position
    for batch in journal.read_after(learner.path.parent, 0, 0):
        for row in records(batch.events):
            known = batch.journal_id == where.journal_id and row.seq <= where.seq
            if known or row.profile != asked.profile or not row.item:
                continue
            kind = KINDS_BY_CODE.get(row.kind)
            if kind is None:
                continue
            watched = row.watched_e4 / 10_000 if row.fields & HAS_WATCHED else None
            rating = row.rating_e4 / 10_000 if row.fields & HAS_RATING else None
            said = strength(kind.name, watched, rating, row.position_s, row.duration_s)
            age = max(now - row.at_ms / 1000, 0.0)
            part = daypart(row.at_ms, row.utc_offset_min)
            found.append(Recalled("instant", row.item, kind.name, row.at_ms, age, said, part))
    session = learner.follower.sessions.get(asked.profile)
    if session is not None:
        age = max(now - session.last_ms / 1000, 0.0)
        for key, said in session.titles.items():
            left = said * decay("session", age)
            found.append(Recalled("session", key, "", session.last_ms, age, left))
        for one in patterns.patterns(learner.db, asked.profile):
            if one.id in session.resting:
                what = f"{one.name}: passed over"
                found.append(Recalled("session", 0, what, session.last_ms, age, 0.0))
    return found


def _told(facts: PackFacts, one: Recalled) -> Recollection:
    item, title = named(facts, one.item) if one.item else ("", "")
    return Recollection(
        one.tier,
        item,
        title,
        one.what,
        one.at_ms / 1000,
        one.age,
        one.strength,
        one.daypart,
        one.likeness,
    )
