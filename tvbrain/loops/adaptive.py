"""The adaptive loop: consume, remember, train the blender, find interests, publish a snapshot."""

from __future__ import annotations

from tvbrain.loops.sittings import JUDGE
from tvbrain.loops.stages import CONSUME, ERASE, PUBLISH, RELEARN, TRAIN

JOB = (CONSUME, JUDGE, TRAIN, RELEARN, PUBLISH, ERASE)
"""Everything acknowledged so far is learned and served when it is done."""
