"""MiniLM through ONNX Runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tvbrain.embed.minilm import MiniLM
from tvbrain.errors import CorruptFileError, MissingFileError

TEXTS = [
    "A shark terrorises a beach.",
    "A great white attacks swimmers.",
    "A guide to French pastry.",
    "",
]


@pytest.fixture(scope="module")
def model(shared_model: Path) -> MiniLM:
    return MiniLM(shared_model)


def test_vectors_are_unit_length_and_near_for_near_texts(model: MiniLM) -> None:
    vectors = model.embed(TEXTS)
    assert vectors.shape == (4, model.dimension) == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert float(vectors[0] @ vectors[1]) > 3 * float(vectors[0] @ vectors[2])


def test_a_vector_depends_on_nothing_but_its_text(model: MiniLM) -> None:
    together = model.embed([*TEXTS, "long " * 300])
    np.testing.assert_array_equal(model.embed(TEXTS[::-1])[::-1], together[:4])


def test_progress_begins_at_nothing_and_ends_at_all(model: MiniLM) -> None:
    seen: list[tuple[int, int]] = []
    model.embed(["a"] * 130, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 130), (64, 130), (128, 130), (130, 130)]


def test_no_texts(model: MiniLM) -> None:
    assert model.embed([]).shape == (0, 384)


def test_the_name_tells_models_apart(model: MiniLM) -> None:
    assert model.name == "minilm:3ed3ec9567202cd4:be50c362:128"


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(MissingFileError, match=r"model\.onnx does not exist"):
        MiniLM(tmp_path)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(CorruptFileError, match="is not a sentence model"):
        MiniLM(tmp_path)


def test_importing_the_module_does_not_import_the_runtime() -> None:
    code = "import sys, tvbrain.embed.minilm; sys.exit('onnxruntime' in sys.modules or 'tokenizers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
