"""What is learned, by the vector it applies to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from tvbrain.embed.quantise import Float32s, Space
from tvbrain.errors import LimitError
from tvbrain.index.index import ItemIndex, Keys


class PatternIndex(ItemIndex):
    """An ItemIndex of patterns by their ids that never holds more than `max_patterns`."""

    def __init__(self, space: Space, *, max_patterns: int = 10_000, **options: Any) -> None:
        """max_patterns: `Config.max_patterns`. Options as of ItemIndex."""
        super().__init__(space, **options)
        self.max_patterns = max_patterns

    @classmethod
    def load(cls, path: Path | str, *, max_patterns: int = 10_000) -> Self:
        """As ItemIndex.load(). A file with more patterns is loaded whole, and takes no new one."""
        index = super().load(path)
        index.max_patterns = max_patterns
        return index

    def add(self, keys: Sequence[int] | Keys, vectors: Float32s, *, threads: int = 1) -> None:
        """As ItemIndex.add(). LimitError, with nothing added, where too many patterns would be held."""
        new = sum(int(key) not in self for key in np.unique(np.asarray(keys, np.uint64)))
        if new and len(self) + new > self.max_patterns:
            raise LimitError(f"patterns: {len(self)} and {new} more are over {self.max_patterns}")
        super().add(keys, vectors, threads=threads)
