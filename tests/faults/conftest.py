"""The drills' programs, where the native build is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.health.drill.stage import Tools


@pytest.fixture(scope="session")
def tools(native_build: Path) -> Tools:
    return Tools.find(native_build / "drill")
