"""What pack building and search need from a text encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called with (done, total) from the calling thread; the first call has done = 0, the last done = total."""


class Embedder(Protocol):
    """Texts to unit vectors. The same text always gives the same vector under the same `name`."""

    @property
    def name(self) -> str:
        """Names the embedding space: another model, template or quantisation is another name."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Returns (len(texts), dimension) float32 rows of unit length, row i for texts[i]."""
