"""MiniLM through ONNX Runtime, which is imported only when a model is opened.

Texts are run one at a time, on as many threads as there are cores. The int8 model scales its activations over the
whole batch, so a vector would depend on its neighbours in the batch (mean cosine 0.992, least 0.979 between batches
of 1 and 32 over 600 catalogue texts); and batching does not make it faster: 1.65 s for these texts on one core alone,
1.77 s in batches of 32, padding and all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.errors import CorruptFileError, MissingFileError, NotInstalledError

MAX_TOKENS = 128
"""Longer texts are cut: what the model was trained on."""


class MiniLM:
    """An `Embedder`: the model folder holds `model.onnx` and `tokenizer.json`.

    The model takes input_ids, attention_mask and token_type_ids (int64 [batch, tokens]) and gives
    sentence_embedding (float32 [batch, dimension], unit length). `embed` may be called from any thread.
    """

    def __init__(self, model_dir: Path, *, threads: int = 0) -> None:
        """`threads` 0 means every core this process may use.

        Raises MissingFileError where a file of the model is not there, CorruptFileError where it is no such model,
        NotInstalledError without onnxruntime and tokenizers.
        """
        try:
            import onnxruntime
            import tokenizers
        except ImportError as error:
            raise NotInstalledError(
                f"MiniLM needs {error.name or 'onnxruntime'}: pip install 'tvbrain[embed]'"
            ) from error
        model, tokenizer = model_dir / "model.onnx", model_dir / "tokenizer.json"
        for path in (model, tokenizer):
            if not path.is_file():
                raise MissingFileError(
                    f"{path} does not exist; a model folder holds model.onnx and tokenizer.json"
                )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            # ONNX Runtime and tokenizers have no common base for "this file is nonsense" below Exception.
            self._session = onnxruntime.InferenceSession(
                str(model), options, ["CPUExecutionProvider"]
            )
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(tokenizer))
            outputs = {output.name: output.shape for output in self._session.get_outputs()}
            self._dimension = int(outputs["sentence_embedding"][-1])
        except Exception as error:
            raise CorruptFileError(f"{model_dir} is not a sentence model: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._name = f"minilm:{_digest(model)[:16]}:{_digest(tokenizer)[:8]}:{MAX_TOKENS}"
        self._threads = threads or len(os.sched_getaffinity(0))

    @property
    def name(self) -> str:
        """`minilm:`, then digits of the SHA-256 of model and tokenizer, and the longest text in tokens."""
        return self._name

    @property
    def dimension(self) -> int:
        """384 for MiniLM-L6."""
        return self._dimension

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Returns (len(texts), dimension) float32 rows of unit length, row i for texts[i]."""
        # It brings logging, which is not for sets without a model.
        from concurrent.futures import ThreadPoolExecutor

        vectors = np.empty((len(texts), self._dimension), np.float32)
        report = progress or (lambda done, total: None)
        report(0, len(texts))
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        with ThreadPoolExecutor(self._threads) as pool:
            for row, vector in enumerate(pool.map(self._one, encoded)):
                vectors[row] = vector
                if row % 64 == 63 or row == len(texts) - 1:
                    report(row + 1, len(texts))
        return vectors

    def _one(self, ids: Sequence[int]) -> NDArray[np.float32]:
        tokens = np.asarray([ids], np.int64)
        feed = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        vector: NDArray[np.float32] = self._session.run(["sentence_embedding"], feed)[0][0]
        return vector


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
