"""Brains with a loop switched off: what a loop does is what is missing then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tvbrain.brain import plane
from tvbrain.loops import engine
from tvbrain.loops.table import LOOPS


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Brains that are opened afterwards have no such loop."""

    def switch_off(name: str) -> None:
        others = tuple(loop for loop in LOOPS if loop.name != name)
        assert len(others) == 6
        monkeypatch.setattr(
            plane, "Engine", lambda *given, **more: engine.Engine(*given, loops=others, **more)
        )

    return switch_off
