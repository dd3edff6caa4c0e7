"""A set that belongs to a constellation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.world import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    found = open_home(tmp_path)
    yield found
    found.brain.close()
