"""The adaptive loop: consume, remember, train the blender, find interests, publish a snapshot."""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = False


def run(learner: Learner, now: float) -> None:
    """Everything acknowledged so far is learned and served when this returns."""
    learner.consume()
    learner.train(now)
    learner.relearn(now)
    learner.publish(now)
