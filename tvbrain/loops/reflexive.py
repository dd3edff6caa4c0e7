"""The reflexive loop: what just happened goes into the sittings in memory. Writes nothing."""

from __future__ import annotations

from tvbrain.loops.learner import Learner


def run(learner: Learner, now: float) -> None:
    """What was heard since the last time was said, played and liked in the sittings that go on."""
    learner.react()
