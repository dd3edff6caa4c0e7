"""The deliberative loop: daily preferences, blender training, consolidation of the tiers, upkeep of the database."""

from __future__ import annotations

from tvbrain.loops.job import Slice, Stage, whole
from tvbrain.loops.learner import Learner
from tvbrain.loops.sittings import JUDGE
from tvbrain.loops.stages import CONSUME, PUBLISH, RELEARN_ALL, TRAIN


def _consolidate(learner: Learner, now: float, cursor: str) -> Slice:
    return Slice(apply=lambda: learner.consolidate(now))


JOB = (
    CONSUME,
    JUDGE,
    TRAIN,
    Stage("consolidate", _consolidate),
    RELEARN_ALL,
    PUBLISH,
    whole("upkeep", lambda learner, now: learner.upkeep()),
    whole("backup", lambda learner, now: learner.back_up(now)),
)
"""Consolidate first, so that preferences and interests come from what is kept."""
