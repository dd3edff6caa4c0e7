"""What a pack's vectors leave out: written, verified, shown, and searched by an index of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.containers import rewritten
from tests.pack.making import title
from tests.pack.test_encoder import BagOfWords
from tests.pack.test_encoder_build import build, inspected
from tests.places import ROOT
from tvbrain.cli import exits
from tvbrain.embed.quantise import Float32s, Space
from tvbrain.embed.residual import Residuals
from tvbrain.errors import CorruptFileError, InvalidArgumentError
from tvbrain.index import ItemIndex
from tvbrain.pack.build import with_residuals
from tvbrain.pack.layout import RERANK_MINOR
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, Vectors, lay_out, write_pack

GOLDEN = ROOT / "tests" / "golden" / "pack-1.5-rerank.tvpack"


def unit_vectors(count: int) -> Float32s:
    vectors = np.random.default_rng(count).normal(size=(count, 32))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def contents(count: int) -> Contents:
    vectors = unit_vectors(count)
    space = Space.fit(vectors, seed=1)
    return Contents(
        titles=[title(f"a:{i}", f"Title {i}") for i in range(count)],
        name="rerank",
        version="1",
        built_at=1_700_000_000,
        vectors=Vectors(space, space.quantise(vectors)),
    )


def reranked(count: int) -> Contents:
    return with_residuals(contents(count), unit_vectors(count))


def test_a_pack_with_residuals_is_sound_and_gives_them_back(tmp_path: Path) -> None:
    path = tmp_path / "rerank.tvpack"
    whole = reranked(100)
    write_pack(path, whole)
    assert path.read_bytes()[10] == RERANK_MINOR
    with PackFile(path) as pack:
        pack.verify()
        kept = pack.residuals()
    assert whole.vectors is not None
    written = whole.vectors.residuals
    assert kept is not None
    assert written is not None
    np.testing.assert_array_equal(kept.rows, written.rows)
    np.testing.assert_array_equal(kept.scale_q40, written.scale_q40)


def test_a_pack_without_them_has_none(tmp_path: Path) -> None:
    path = tmp_path / "plain.tvpack"
    write_pack(path, contents(10))
    assert path.read_bytes()[10] < RERANK_MINOR
    with PackFile(path) as pack:
        assert pack.residuals() is None


def test_an_index_of_the_pack_is_one_of_its_vectors(tmp_path: Path) -> None:
    vectors = unit_vectors(300)
    write_pack(tmp_path / "rerank.tvpack", reranked(300))
    with PackFile(tmp_path / "rerank.tvpack") as pack:
        space, stored, kept = pack.space(), pack.vectors(), pack.residuals()
    assert space is not None
    assert stored is not None
    keys = np.arange(1, 301, dtype=np.uint64)
    for residuals in (None, kept):
        index = ItemIndex.of_stored(keys, space, stored, residuals, m=8)
        right = ItemIndex(space, rerank=residuals is not None, m=8)
        right.add(keys, vectors)
        assert index.reranks == right.reranks == (residuals is not None)
        for name, one in (("a", index), ("b", right)):
            one.save(tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_stored_vectors_that_do_not_belong_together_are_refused() -> None:
    whole = reranked(20).vectors
    assert whole is not None
    assert whole.residuals is not None
    space, rows, kept = whole.space, whole.rows, whole.residuals
    over = np.full(20, 1 << 27, np.uint32)
    assert len(ItemIndex.of_stored(range(1, 21), space, rows, kept)) == 20
    for keys, stored, rest in (
        (range(1, 20), rows, kept),
        ([0, *range(1, 20)], rows, kept),
        ([1, *range(1, 20)], rows, kept),
        (range(1, 21), replace(rows, bias_q20=rows.bias_q20[:5]), kept),
        (range(1, 21), replace(rows, scale_q30=over), None),
        (range(1, 21), rows, replace(kept, scale_q40=over)),
        (range(1, 21), rows, replace(kept, rows=kept.rows[:, :16])),
    ):
        with pytest.raises(InvalidArgumentError):
            ItemIndex.of_stored(list(keys), space, stored, rest)


def test_residuals_need_vectors() -> None:
    with pytest.raises(InvalidArgumentError):
        with_residuals(replace(contents(3), vectors=None), unit_vectors(3))
    with pytest.raises(InvalidArgumentError):
        with_residuals(contents(3), None)


def test_residuals_of_another_size_are_not_written() -> None:
    nine, eight = reranked(9), reranked(8)
    assert nine.vectors is not None
    assert eight.vectors is not None
    with pytest.raises(InvalidArgumentError):
        lay_out(replace(nine, vectors=replace(nine.vectors, residuals=eight.vectors.residuals)))


ROWS, SCALES = 64 * 9, 4 * 9
"""Bytes of the sections of nine titles."""


@pytest.mark.parametrize(
    "parts",
    [
        {"VECR": None},
        {"VRSC": None},
        {"VECR": bytes(ROWS - 64)},
        {"VECR": bytes(ROWS + 64)},
        {"VRSC": bytes(SCALES + 4)},
        {"VECS": None, "VSCL": None, "VBIA": None, "SPAC": None},
    ],
)
def test_residuals_that_do_not_fit_the_vectors_do_not_open(
    tmp_path: Path, parts: dict[str, bytes | None]
) -> None:
    path = tmp_path / "wrong.tvpack"
    path.write_bytes(rewritten(lay_out(reranked(9)), parts))
    with pytest.raises(CorruptFileError):
        PackFile(path)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"VECR": b"\x80" + bytes(ROWS - 1)}, "VECR is out of range"),
        ({"VECR": bytes(ROWS - 1) + b"\x01"}, "VECR is not 0 after the dimension"),
        ({"VRSC": bytes(SCALES - 4) + b"\x00\x00\x00\x08"}, "VRSC is out of range"),
    ],
)
def test_residuals_out_of_range_are_found_when_the_pack_is_verified(
    tmp_path: Path, parts: dict[str, bytes], what: str
) -> None:
    path = tmp_path / "wrong.tvpack"
    path.write_bytes(rewritten(lay_out(reranked(9)), parts))
    with PackFile(path) as pack, pytest.raises(CorruptFileError, match=what):
        pack.verify()


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "rerank.tvpack"
    write_pack(path, reranked(5))
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with pytest.raises(CorruptFileError), PackFile(path) as pack:
            pack.verify()


def test_the_first_pack_with_residuals_still_reads() -> None:
    with PackFile(GOLDEN) as pack:
        pack.verify()
        space, stored, kept = pack.space(), pack.vectors(), pack.residuals()
    assert space is not None
    assert stored is not None
    assert isinstance(kept, Residuals)
    vectors = unit_vectors(40)
    found = ItemIndex.of_stored(range(1, 41), space, stored, kept).search(vectors[7], 40)
    right = vectors.astype(np.float64) @ vectors[7].astype(np.float64)
    np.testing.assert_allclose(found.scores, right[found.keys.astype(int) - 1], atol=3e-5)


def test_the_command_writes_them_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tvbrain.cli.pack._embedder", lambda model: BagOfWords("bag", 32))
    assert build(tmp_path) == exits.OK
    assert inspected(capsys, tmp_path / "films.tvpack")["residual_bytes"] is None
    assert build(tmp_path, "--rerank") == exits.OK
    shown = inspected(capsys, tmp_path / "films.tvpack")
    assert shown["residual_bytes"] == shown["titles"] * (64 + 4)
    assert build(tmp_path, "--rerank", "--no-vectors") == exits.USAGE
    assert "--rerank" in capsys.readouterr().err


if __name__ == "__main__":
    write_pack(GOLDEN, reranked(40))
