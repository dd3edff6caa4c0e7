"""What an engine is here: it answers one float32 query with rows, best first, through its Python interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Rows = npt.NDArray[Any]
"""Row numbers, best first."""
Bools = npt.NDArray[np.bool_]
Search = Callable[[Float32s], Rows]

K = 50
EF_CONSTRUCTION = 200
SEED = 1


class Engine(Protocol):
    """An index over (n, D) unit vectors, searched by inner product on one thread."""

    @property
    def filter(self) -> str:
        """How it keeps to eligible rows."""

    def search(self, query: Float32s) -> Rows:
        """The best K for a query (D,)."""

    def within(self, eligible: Bools) -> Search:
        """A search for the best K of the eligible rows: what comes back, which may be fewer."""

    def size(self) -> int:
        """Bytes of the index, vectors included, as it would be saved."""


class Graph(Engine, Protocol):
    """An engine with a dial: the larger `ef`, the slower, and the more of the best are found."""

    def set_ef(self, ef: int) -> None:
        """For every search from now on."""


def by_product(vectors: Float32s, query: Float32s) -> Rows:
    """The exact best K in float32; of equal ones the first."""
    return np.argsort(-(vectors @ query), kind="stable")[:K]
