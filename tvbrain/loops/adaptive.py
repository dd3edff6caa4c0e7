"""The adaptive loop: consume, remember, train the blender, find interests, publish a snapshot."""

from __future__ import annotations

from tvbrain.loops.sittings import JUDGE
from tvbrain.loops.stages import CONSUME, PUBLISH_CLEAN, RELEARN, TRAIN

JOB = (CONSUME, JUDGE, TRAIN, RELEARN, PUBLISH_CLEAN)
"""Everything acknowledged so far is learned and served when it is done."""
