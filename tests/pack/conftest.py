"""The real catalogues, read, embedded and merged once a run."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.places import ROOT
from tvbrain.embed.minilm import MiniLM
from tvbrain.pack.load import Loaded, load_catalogue
from tvbrain.pack.merge import Merged, merge
from tvbrain.pack.vectors import embed_titles

PROVIDERS = ("netflix", "amazon_prime", "hulu", "disney_plus")


@pytest.fixture(scope="session")
def real_catalogue(shared_data: Path) -> Loaded:
    """The four provider lists and MovieLens, in this order, not merged."""
    lists = [shared_data / "catalogue" / f"{name}_titles.csv" for name in PROVIDERS]
    return load_catalogue([*lists, shared_data / "ml-latest-small" / "movies.csv"])


@dataclass(frozen=True, slots=True)
class RealMerge:
    """The rows, their vectors and what became of them."""

    loaded: Loaded
    vectors: NDArray[np.float32]
    merged: Merged


@pytest.fixture(scope="session")
def real_merge(real_catalogue: Loaded, shared_model: Path) -> RealMerge:
    """Embeds 32,740 rows, about a minute on two cores, unless `TVBRAIN_CACHE` or build/cache has them."""
    cache = Path(os.environ.get("TVBRAIN_CACHE") or ROOT / "build" / "cache")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:  # workers that run side by side embed once
        fcntl.flock(lock, fcntl.LOCK_EX)
        vectors = embed_titles(real_catalogue.titles, MiniLM(shared_model), cache_dir=cache)
    return RealMerge(real_catalogue, vectors, merge(real_catalogue.titles, vectors))
