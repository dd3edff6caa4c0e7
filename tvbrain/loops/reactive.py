"""The reactive loop: what was shown and passed over. Patterns offered in vain rest for the sitting. Writes nothing."""

from __future__ import annotations

from tvbrain.loops.learner import Learner


def run(learner: Learner, now: float) -> None:
    """What was shown is in the sittings; where a pattern is to rest, the adaptive loop is called to publish it."""
    learner.look()
