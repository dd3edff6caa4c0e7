"""Fixtures for the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

# Before numpy is loaded: the suite runs one worker a core, and OpenBLAS threads that spin for a busy core made a
# 4,000-item factorisation ten times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from tests.places import BUILD, ROOT
from tests.scale import scaled

# Derandomised: a red run can be repeated. No deadline: the clock on the wall decides nothing.
settings.register_profile("tvbrain", derandomize=True, deadline=None, max_examples=scaled(500))
settings.load_profile("tvbrain")


def _shared(*parts: str) -> Path:
    """A folder of real data beside the source tree; TVBRAIN_SHARED names another place."""
    shared = Path(os.environ.get("TVBRAIN_SHARED") or ROOT.parent / "shared")
    folder = shared.joinpath(*parts)
    if not folder.is_dir():
        pytest.skip(f"needs real data that is not part of the project: ../shared/{'/'.join(parts)}")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with `catalogue/` (four provider CSVs) and `ml-latest-small/` (MovieLens)."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_model() -> Path:
    """The folder of the MiniLM model: `model.onnx` and `tokenizer.json`."""
    return _shared("models", "minilm-l6-v2-int8")


@pytest.fixture(scope="session")
def native_build() -> Path:
    """The `dev` preset's build folder. Part of a whole run, so only a partial run may lack it."""
    if not (BUILD / "build.ninja").is_file():
        if os.environ.get("TVBRAIN_WHOLE_RUN"):
            pytest.fail(f"the whole run has built nothing in {BUILD}")
        pytest.skip("needs the native build: cmake --preset dev && cmake --build --preset dev")
    return BUILD
