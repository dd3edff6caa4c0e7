"""How much a random test does: the Python twin of `scaled` in native/tests/check.hpp."""

from __future__ import annotations

import os
from collections.abc import Mapping

NAMED = {"": 0.1, "reduced": 0.1, "full": 1.0}


def scale(environment: Mapping[str, str] = os.environ) -> float:
    """The factor TVBRAIN_TEST_SCALE asks for: full is 1, reduced (the default) 0.1, or a number."""
    text = environment.get("TVBRAIN_TEST_SCALE", "")
    factor = NAMED[text] if text in NAMED else float(text)
    if not factor > 0:
        raise ValueError(f"TVBRAIN_TEST_SCALE is not above 0: {text}")
    return factor


def scaled(full: int) -> int:
    """The iterations of a test that does `full` of them at full size; at least 1."""
    return max(1, int(full * scale()))
