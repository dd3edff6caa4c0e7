"""The evolutionary loop: mine and retire patterns, judge candidate configurations."""

from __future__ import annotations

from tvbrain.loops.mining import MINE
from tvbrain.loops.stages import CONSUME, PUBLISH

EMPTY = False

JOB = (CONSUME, MINE, PUBLISH)
"""What the week has shown is served when it is done."""
