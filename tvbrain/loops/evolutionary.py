"""The evolutionary loop: mine and retire patterns, judge candidate configurations."""

from __future__ import annotations

from tvbrain.loops.job import DONE, Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.loops.mining import MINE
from tvbrain.loops.stages import CONSUME, PUBLISH


def _tune(learner: Learner, now: float, cursor: str) -> Slice:
    new = learner.review(now)
    return Slice(apply=lambda: learner.set_configuration(new, now), cursor=DONE)


TUNE = Stage("tune", _tune)
JOB = (CONSUME, MINE, TUNE, PUBLISH)
"""What the week has shown is served when it is done."""
