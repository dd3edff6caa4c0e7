"""The reactive loop: what was shown and passed over, which the fold counts already.

It does nothing yet, and health says so.
"""

from __future__ import annotations

from tvbrain.loops.learner import Learner

EMPTY = True


def run(learner: Learner, now: float) -> None:
    """Nothing but taking note that the impressions were seen."""
    learner.follower.impressions = False
