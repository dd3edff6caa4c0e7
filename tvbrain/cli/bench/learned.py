"""A snapshot of all that can be learned, for who watched in a folder that bench/tvb_bench.c has left: every term of the
ranking works, and exploration has the widest belief that there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import TvbrainError
from tvbrain.learning import blender
from tvbrain.learning.training import prior_of
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.pack.native import key_of, xxh64
from tvbrain.store import snapshot
from tvbrain.store.snapshot import Snapshot
from tvbrain.types import TERMS, ViewContext

VIEWER = "bench"
"""BENCH_VIEWER of bench/bench.h."""
EVENING = 1_700_000_000.0
"""bench_evening_ms there."""
MAX_K = 200
"""Of a slate."""
INTERESTS, PATTERNS, DAYPARTS = 4, 64, 8
"""Of a profile and of all: the most that a snapshot has; parts of the day and of the week."""
ALL_DAYPARTS = 0xFF
ONE_Q12, ONE_Q20 = 4096, 1 << 20
QUARTER_Q12 = ONE_Q12 // 4


def learn(folder: Path, pack: Path) -> None:
    """Learn what the journal of `folder` says, and publish that with the rest filled up. On a pack without vectors
    there are neither interests nor patterns.
    """
    with Brain.open(folder, pack=pack, clock=VirtualClock(EVENING)) as brain:
        brain.learn_now()
        profile = brain.profile(VIEWER).id
        shown = [entry.item for entry in brain.recommend(ViewContext(profile=profile, k=MAX_K))]
        genres = sorted({genre for item in shown for genre in brain.item(item).genres})
    newest = snapshot.load(folder / "snapshot").snapshot
    if newest is None:
        raise TvbrainError(f"{folder}: nothing was learned")
    facts = PackFacts(pack, folder / "packs")
    believed = _explored(newest, facts, profile)
    believed = replace(believed, affinities=_affinities(profile, genres))
    snapshot.publish(folder / "snapshot", _meant(believed, facts, profile, shown))


def _explored(newest: Snapshot, facts: PackFacts, profile: int) -> Snapshot:
    """The next generation, with the belief of who has reacted to next to nothing."""
    weights, factors = np.zeros(1, snapshot.WEIGHTS), np.zeros(1, snapshot.FACTOR)
    weights["profile"] = factors["profile"] = profile
    weights["weights_q12"] = facts.weights_q12
    prior = prior_of(facts.weights_q12, facts.precisions)
    rows = blender.factor(blender.fresh(prior), len(TERMS))
    factors["version"] = 1
    factors["factor_q20"] = [round(value * ONE_Q20) for row in rows for value in row]
    return replace(newest, generation=newest.generation + 1, weights=weights, factors=factors)


def _meant(believed: Snapshot, facts: PackFacts, profile: int, shown: Sequence[str]) -> Snapshot:
    """With as many interests and patterns as there may be, of the vectors of `shown`."""
    slots, _ = facts.find([key_of(item) for item in shown])
    vectors = facts.vectors([slot for slot in slots if slot != NO_SLOT])
    has = np.flatnonzero(vectors.scale_q30 > 0)
    if len(has) == 0:
        return believed
    interests, patterns = has[:INTERESTS], has[:PATTERNS]
    return replace(
        believed,
        space_id=facts.space_id,
        dimension=facts.dimension,
        interests=_interests(profile, vectors.scale_q30[interests], vectors.bias_q20[interests]),
        interest_rows=vectors.rows[interests],
        patterns=_patterns(profile, vectors.scale_q30[patterns]),
        pattern_rows=vectors.rows[patterns],
    )


def _interests(profile: int, scale_q30: np.ndarray, bias_q20: np.ndarray) -> np.ndarray:
    rows = np.zeros(len(scale_q30), snapshot.INTEREST)
    rows["profile"], rows["weight_q12"] = profile, QUARTER_Q12
    rows["scale_q30"], rows["bias_q20"] = scale_q30, bias_q20
    return rows


def _patterns(profile: int, scale_q30: np.ndarray) -> np.ndarray:
    """All of them hold at any time, so that as many are asked as ever are."""
    rows = np.zeros(len(scale_q30), snapshot.PATTERN)
    rows["id"] = np.arange(1, len(rows) + 1)
    rows["profile"], rows["dayparts"] = profile, ALL_DAYPARTS
    rows["scale_q30"], rows["weight_q12"] = scale_q30, QUARTER_Q12
    return rows


def _affinities(profile: int, genres: list[str]) -> np.ndarray:
    rows = np.zeros(len(genres) * DAYPARTS, snapshot.AFFINITY)
    rows["profile"], rows["affinity_q12"] = profile, QUARTER_Q12
    rows["daypart"] = np.tile(np.arange(DAYPARTS), len(genres))
    hashes = np.array([xxh64(name.encode("utf-8")) for name in genres], np.uint64)
    rows["genre_hash"] = np.repeat(hashes, DAYPARTS)
    return rows
