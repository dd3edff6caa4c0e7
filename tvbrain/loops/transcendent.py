"""The transcendent loop: stages of a life, and the oldest epochs folded together. What lasts through all is kept."""

from __future__ import annotations

from tvbrain.loops.lifetimes import LOOK_BACK
from tvbrain.loops.stages import CONSUME, PUBLISH, RELEARN_ALL

JOB = (CONSUME, LOOK_BACK, RELEARN_ALL, PUBLISH)
"""A taste that belongs to every stage does not fade when life changes."""
