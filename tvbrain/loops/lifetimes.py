"""The stages that fold years into taste epochs, and epochs into stages of life."""

from __future__ import annotations

from tvbrain.learning.epochs import archived, bounded, fold, stages
from tvbrain.loops.job import Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.loops.stages import profile_after
from tvbrain.memory import episodes
from tvbrain.memory.tiers import YEAR
from tvbrain.store import epochs

LIVED = 10 * YEAR
"""Seconds after which an epoch is folded together with others of its stage of life."""


def _fold(learner: Learner, now: float, cursor: str) -> Slice:
    """One profile a slice."""
    who = profile_after(learner.people(), cursor)
    if who is None:
        return Slice()
    known = epochs.epochs(learner.db, who)
    memories = episodes.memories(learner.db, who)
    keys = sorted({memory.item for memory in memories})
    _, genres = learner.facts().find(keys)
    newest = max((memory.at_ms for memory in memories), default=0)  # whatever the clock says now
    new = fold(who, memories, dict(zip(keys, genres, strict=True)), known, newest)

    def apply() -> None:
        if new:
            epochs.set_epochs(learner.db, who, bounded([*known, *new]))
            learner.unpublished = True

    return Slice(apply=apply, cursor=str(who))


def _look_back(learner: Learner, now: float, cursor: str) -> Slice:
    """One profile a slice."""
    who = profile_after(learner.people(), cursor)
    if who is None:
        return Slice()
    known = epochs.epochs(learner.db, who)
    lived = stages(known)
    kept = archived(known, round((now - LIVED) * 1000))

    def apply() -> None:
        epochs.set_life_stages(learner.db, who, lived)
        if kept != known:
            epochs.set_epochs(learner.db, who, kept)
        learner.unpublished = True

    return Slice(apply=apply, cursor=str(who))


FOLD_YEAR = Stage("fold-year", _fold)
LOOK_BACK = Stage("look-back", _look_back)
