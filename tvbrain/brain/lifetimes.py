"""Taste epochs and stages of life as a person may read them."""

from __future__ import annotations

from tvbrain.brain.recalling import named
from tvbrain.learning.epochs import lasting
from tvbrain.loops.learner import Learner
from tvbrain.pack.facts import PackFacts
from tvbrain.store import epochs
from tvbrain.types import LifeStage, TasteEpoch


def told_epochs(learner: Learner, facts: PackFacts, profile: int) -> tuple[TasteEpoch, ...]:
    """As Brain.epochs."""
    return tuple(
        TasteEpoch(
            one.name,
            one.begun_ms / 1000,
            one.ended_ms / 1000,
            one.years,
            one.evidence,
            one.genres,
            tuple(one.dayparts),
            tuple(named(facts, key)[0] for key in one.titles),
            one.shift,
            one.changed,
        )
        for one in epochs.epochs(learner.db, profile)
    )


def told_stages(learner: Learner, profile: int) -> tuple[LifeStage, ...]:
    """As Brain.life_stages."""
    found = epochs.life_stages(learner.db, profile)
    common = tuple(sorted(lasting(found)))
    return tuple(
        LifeStage(one.name, one.begun_ms / 1000, one.ended_ms / 1000, one.genres, common)
        for one in found
    )
