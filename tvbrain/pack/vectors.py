"""The one text a title is embedded from, and the vectors of a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.cache import embed_cached
from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.pack.catalogue import Title

KINDS = {"movie": "Film", "series": "Series"}
LEADS = 4
"""How many of the cast stand in for a description that is missing."""


def title_text(title: Title) -> str:
    """The text a title's vector is made from: title, kind, genres, description; people only where there is no
    description, because a list of names pulls titles together that have nothing else in common."""
    parts = [title.title, KINDS[title.type], ", ".join(title.genres)]
    if title.description:
        parts.append(title.description)
    else:
        parts.append(", ".join((*title.directors, *title.cast[:LEADS])))
    return ". ".join(part.rstrip(".") for part in parts if part)


def embed_titles(
    titles: Sequence[Title],
    embedder: Embedder,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Returns (len(titles), embedder.dimension) float32 unit rows. Without `cache_dir` nothing is cached."""
    texts = [title_text(title) for title in titles]
    if cache_dir is None:
        return embedder.embed(texts, progress)
    return embed_cached(texts, embedder, cache_dir, progress)
