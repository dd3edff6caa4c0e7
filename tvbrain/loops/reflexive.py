"""The reflexive loop: what just happened goes into the sessions in memory. Writes nothing."""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = False


def run(learner: Learner, now: float) -> None:
    """Read on from what was last seen."""
    learner.follow()
