"""Vectors already computed, on disk, by the hash of their text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress


def default_cache_dir() -> Path:
    """`TVBRAIN_CACHE`, else `$XDG_CACHE_HOME/tvbrain`, else `~/.cache/tvbrain`. Not created here."""
    raise NotImplementedError


def embed_cached(
    texts: Sequence[str], embedder: Embedder, cache_dir: Path, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Like `embedder.embed`, but texts seen before come from `cache_dir`, and new ones are added to it.

    The file is replaced atomically; a damaged one is set aside and computed again. `progress` counts only the
    texts that have to be computed.
    """
    raise NotImplementedError
