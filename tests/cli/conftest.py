"""The evening of `tvbrain demo`, played once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.cli.demo.evening import Evening, play


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, native_build: Path) -> tuple[Path, Evening]:
    """A data directory after the evening, and what was seen of it."""
    folder = tmp_path_factory.mktemp("demo") / "tv"
    return folder, play(folder, calls=20)


@pytest.fixture
def evening(kept: tuple[Path, Evening]) -> Evening:
    return kept[1]


@pytest.fixture
def evening_dir(kept: tuple[Path, Evening]) -> Path:
    return kept[0]
