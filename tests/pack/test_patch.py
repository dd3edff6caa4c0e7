"""Packs with other weights, and the patches that make them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tvbrain.errors import CorruptFileError
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import demo_pack_path, patch
from tvbrain.pack.reader import PackFile

SOURCE = demo_pack_path().read_bytes()


def other_weights() -> ItemWeights:
    with PackFile(demo_pack_path()) as pack:
        rows = len(pack.items)
    indptr = np.arange(rows + 1, dtype=np.uint32)
    indices = np.roll(np.arange(rows, dtype=np.uint32), 1)
    scale = np.full(rows, 1 / 64, np.float32)
    return ItemWeights(indptr, indices, np.full(rows, 100, np.int8), scale)


@pytest.fixture(scope="module")
def result() -> bytes:
    return patch.reweighed(SOURCE, other_weights())


def test_a_pack_with_other_weights_is_sound_and_else_the_same(
    tmp_path: Path, result: bytes
) -> None:
    path = tmp_path / "made.tvpack"
    path.write_bytes(result)
    with PackFile(path) as made, PackFile(demo_pack_path()) as base:
        made.verify()
        found, wanted = made.weights(), other_weights()
        assert found is not None
        assert (found.to_csr() != wanted.to_csr()).nnz == 0
        assert made.ids() == base.ids()
        assert {s.kind: s.size for s in made.sections() if s.kind[0] != "W"} == {
            s.kind: s.size for s in base.sections() if s.kind[0] != "W"
        }


def test_a_patch_makes_the_pack_and_is_much_smaller(result: bytes) -> None:
    made = patch.make(SOURCE, result)
    assert len(made) < len(result) / 20
    assert patch.apply(SOURCE, made, hashlib.sha256(result).digest()) == result


def test_a_patch_of_another_pack_or_of_another_result_is_refused(result: bytes) -> None:
    made = patch.make(SOURCE, result)
    for source, promised in ((SOURCE[:-1], result), (SOURCE, SOURCE)):
        with pytest.raises(CorruptFileError):
            patch.apply(source, made, hashlib.sha256(promised).digest())
    for damaged in (b"", made[:-1], b"\0" + made[1:], made + b"\0"):
        with pytest.raises(CorruptFileError):
            patch.apply(SOURCE, damaged, hashlib.sha256(result).digest())


def test_a_damaged_pack_is_not_given_other_weights() -> None:
    middle = len(SOURCE) // 2
    for damaged in (SOURCE[:middle], SOURCE[:middle] + b"\xff" * 64 + SOURCE[middle + 64 :]):
        with pytest.raises(CorruptFileError):
            patch.reweighed(damaged, other_weights())
