"""Stand-ins that keep a contract without its cost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress


class FakeEmbedder:
    """An `Embedder` whose vectors are random but depend on nothing but the text; it remembers what it was asked."""

    def __init__(self, name: str = "fake", dimension: int = 8) -> None:
        self.name = name
        self.dimension = dimension
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        self.asked += texts
        if progress is not None:
            progress(0, len(texts))
            progress(len(texts), len(texts))
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
            vectors[row] = np.random.default_rng(seed).normal(size=self.dimension)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
