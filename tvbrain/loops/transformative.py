"""The transformative loop: fold a year into a taste epoch. A taste that has changed makes the old one fade."""

from __future__ import annotations

from tvbrain.loops.lifetimes import FOLD_YEAR
from tvbrain.loops.stages import CONSUME, PUBLISH, RELEARN_ALL

JOB = (CONSUME, FOLD_YEAR, RELEARN_ALL, PUBLISH)
"""Preferences and interests follow the epoch at once."""
