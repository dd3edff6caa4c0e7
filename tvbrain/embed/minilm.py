"""MiniLM through ONNX Runtime, which is imported only when a model is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress


class MiniLM:
    """An `Embedder`: the model folder holds `model.onnx` and `tokenizer.json`."""

    def __init__(self, model_dir: Path, *, threads: int = 0) -> None:
        """`threads` 0 means every core this process may use. Raises ModelError where the folder is no such model
        or onnxruntime or tokenizers is not installed."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """`minilm:` and the first 16 hex digits of the SHA-256 of the model file."""
        raise NotImplementedError

    @property
    def dimension(self) -> int:
        """384 for MiniLM-L6."""
        raise NotImplementedError

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Returns (len(texts), dimension) float32 rows of unit length, row i for texts[i]."""
        raise NotImplementedError
