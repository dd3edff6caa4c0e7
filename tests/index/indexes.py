"""What is held to the contract: ours, exact and by the graph, and hnswlib as an outside opinion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import hnswlib
import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import Float32s, Space
from tvbrain.index import By, ItemIndex

DIMENSION = 64


class Index(Protocol):
    """Keys and vectors, found by inner product."""

    def add(self, keys: Sequence[int], vectors: Float32s) -> None: ...
    def remove(self, keys: Sequence[int]) -> None: ...
    def search(
        self, vector: Float32s, k: int, allowed: Sequence[int] | None = None
    ) -> list[int]: ...
    def saved_and_loaded(self, folder: Path) -> Index: ...
    def __len__(self) -> int: ...


class Ours:
    """An ItemIndex that always searches one way."""

    def __init__(self, by: By, index: ItemIndex | None = None) -> None:
        self.by = by
        space = Space(np.zeros(DIMENSION, np.float32), seed=1)
        self.index = index or ItemIndex(space, graph=by is not By.SCAN, m=16)

    def add(self, keys: Sequence[int], vectors: Float32s) -> None:
        self.index.add(keys, vectors)

    def remove(self, keys: Sequence[int]) -> None:
        self.index.remove(keys)

    def search(self, vector: Float32s, k: int, allowed: Sequence[int] | None = None) -> list[int]:
        found = self.index.search(vector, k, allowed=allowed, by=self.by)
        keys: list[int] = found.keys.tolist()
        return keys

    def saved_and_loaded(self, folder: Path) -> Ours:
        self.index.save(folder / "index.tvi")
        return Ours(self.by, ItemIndex.load(folder / "index.tvi"))

    def __len__(self) -> int:
        return len(self.index)


class Hnswlib:
    """hnswlib behind the same calls; under a filter with a beam as wide as the index, or it gives fewer than k."""

    def __init__(self) -> None:
        self.index = hnswlib.Index("ip", DIMENSION)
        self.index.init_index(5000, M=16, ef_construction=200, random_seed=1)
        self.index.set_ef(100)
        self.held: set[int] = set()

    def add(self, keys: Sequence[int], vectors: Float32s) -> None:
        self.index.add_items(vectors, list(keys), num_threads=1)
        self.held.update(keys)

    def remove(self, keys: Sequence[int]) -> None:
        for key in self.held & set(keys):
            self.index.mark_deleted(key)
        self.held -= set(keys)

    def search(self, vector: Float32s, k: int, allowed: Sequence[int] | None = None) -> list[int]:
        may = self.held if allowed is None else self.held & set(allowed)
        if not may or not k:
            return []
        self.index.set_ef(max(100, len(self.held)) if allowed is not None else 100)
        labels, _ = self.index.knn_query(
            vector, min(k, len(may)), num_threads=1, filter=lambda key: key in may
        )
        keys: list[int] = labels[0].tolist()
        return keys

    def saved_and_loaded(self, folder: Path) -> Hnswlib:
        self.index.save_index(str(folder / "index.bin"))
        other = Hnswlib()
        other.index.load_index(str(folder / "index.bin"), 5000)
        other.held = set(self.held)
        return other

    def __len__(self) -> int:
        return len(self.held)


MAKERS: dict[str, Callable[[], Index]] = {
    "exact": lambda: Ours(By.SCAN),
    "graph": lambda: Ours(By.GRAPH),
    "planned": lambda: Ours(By.PLAN),
    "hnswlib": Hnswlib,
}


def unit_vectors(count: int, seed: int, heaps: int = 20) -> Float32s:
    """`count` vectors of unit length, in heaps: float32 [count, DIMENSION]."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(heaps, DIMENSION))
    vectors = middles[random.integers(heaps, size=count)] + random.normal(size=(count, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def best(
    vectors: Float32s, keys: NDArray[np.int64], query: Float32s, k: int, allowed: set[int]
) -> list[int]:
    """The oracle: every allowed vector compared in float32."""
    order = np.argsort(-(vectors @ query), kind="stable")
    return [int(keys[i]) for i in order if int(keys[i]) in allowed][:k]
