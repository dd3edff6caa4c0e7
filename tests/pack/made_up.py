"""Made-up catalogues and an embedder for tests of packs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.pack.native import xxh64


@dataclass(frozen=True, slots=True)
class HashEmbedder:
    """A text's vector is drawn with the text's hash as the seed."""

    name: str = "hash"
    dimension: int = 64

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            drawn = np.random.default_rng(xxh64(text.encode())).normal(size=self.dimension)
            vectors[row] = drawn / np.linalg.norm(drawn)
        return vectors


def catalogue(path: Path, *titles: dict[str, object]) -> Path:
    """A JSONL catalogue; each title needs `id` and `title`, the rest is filled in."""
    lines = []
    for title in titles:
        plain: dict[str, object] = {
            "year": 1995,
            "type": "movie",
            "genres": ["Drama"],
            "offers": [{"id": title["id"], "age": 12}],
        }
        lines.append(json.dumps(plain | title))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
