"""The one text a title is embedded from, and the vectors of a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.pack.catalogue import Title


def title_text(title: Title) -> str:
    """The text a title's vector is made from."""
    raise NotImplementedError


def embed_titles(
    titles: Sequence[Title],
    embedder: Embedder,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Returns (len(titles), embedder.dimension) float32 unit rows. Without `cache_dir` nothing is cached."""
    raise NotImplementedError
