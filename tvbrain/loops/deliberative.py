"""The deliberative loop: daily preferences, blender training, consolidation of the tiers, upkeep of the database."""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = False


def run(learner: Learner, now: float) -> None:
    """Consolidate first, so that preferences and interests come from what is kept."""
    learner.consume()
    learner.train(now)
    learner.consolidate(now)
    learner.relearn(now)
    learner.publish(now)
    learner.upkeep()
