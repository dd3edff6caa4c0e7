"""The adaptive loop: consume, remember, find interests, publish a snapshot."""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = False


def run(learner: Learner, now: float) -> None:
    """Everything acknowledged so far is learned and served when this returns."""
    learner.consume()
    learner.relearn(now)
    learner.publish(now)
