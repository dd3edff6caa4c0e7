"""The evolutionary loop: mine and retire patterns, judge candidate configurations.

It does nothing yet, and health says so.
"""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = True


def run(learner: Learner, now: float) -> None:
    """Nothing yet."""
