"""What patterns are told by: trained the same each time, written, read back, and near to what is in the pack.

tests/golden/pack-1.6-codebook.tvpack was written once by `python -m tests.pack.test_codebook`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.containers import rewritten
from tests.pack.test_encoder import BagOfWords
from tests.pack.test_encoder_build import build, inspected
from tests.pack.test_rerank import contents
from tests.places import ROOT
from tvbrain.cli import exits
from tvbrain.errors import CorruptFileError, InvalidArgumentError
from tvbrain.pack.build import CODEBOOK_FROM, with_codebook
from tvbrain.pack.codebook import ENTRIES, Codebook, train
from tvbrain.pack.layout import CODEBOOK_MINOR
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import lay_out, write_pack

GOLDEN = ROOT / "tests" / "golden" / "pack-1.6-codebook.tvpack"


def small(count: int = 8) -> Codebook:
    vectors = contents(40).vectors
    assert vectors is not None
    made = train(vectors.rows, count)
    assert made is not None
    return made


def write_golden() -> None:
    write_pack(GOLDEN, replace(contents(40), codebook=small()))


def test_the_first_pack_with_a_codebook_is_read() -> None:
    assert GOLDEN.read_bytes()[8:12] == bytes([1, 0, CODEBOOK_MINOR, 0])
    with PackFile(GOLDEN) as pack:
        pack.verify()
        found = pack.codebook()
    assert found is not None
    assert (found.version, found.rows.shape) == (1, (8, 32))
    np.testing.assert_allclose(np.linalg.norm(found.real(), axis=1), 1.0, atol=0.02)


def test_it_comes_back_as_it_was_and_only_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.tvpack"
    write_pack(path, replace(contents(40), codebook=small()))
    with PackFile(path) as pack:
        found = pack.codebook()
    assert found is not None
    np.testing.assert_array_equal(found.rows, small().rows)
    np.testing.assert_array_equal(found.scale_q30, small().scale_q30)
    write_pack(path, contents(40))
    with PackFile(path) as pack:
        assert pack.codebook() is None


def test_every_title_is_nearer_to_its_entry_than_to_most_others() -> None:
    vectors = contents(400).vectors
    assert vectors is not None
    made = train(vectors.rows, 16)
    assert made is not None
    real = vectors.rows.rows * vectors.rows.scale_q30[:, None].astype(np.float32)
    units = (real / np.linalg.norm(real, axis=1, keepdims=True)).astype(np.float32)
    likeness = units @ made.real().T
    chosen = [made.nearest(one) for one in units]
    assert (likeness.max(axis=1) == likeness[np.arange(400), chosen]).all()
    assert likeness.max(axis=1).mean() > 0.3
    assert len(set(chosen)) == 16


def test_too_few_titles_have_none() -> None:
    assert with_codebook(contents(80), None).codebook is None
    assert with_codebook(contents(CODEBOOK_FROM), None).codebook is not None
    assert with_codebook(contents(CODEBOOK_FROM), False).codebook is None
    assert with_codebook(contents(ENTRIES), True).codebook is not None
    for few in (contents(ENTRIES - 1), replace(contents(80), vectors=None)):
        with pytest.raises(InvalidArgumentError):
            with_codebook(few, True)


def test_a_codebook_of_another_space_is_not_written() -> None:
    whole = small()
    with pytest.raises(InvalidArgumentError):
        lay_out(replace(contents(40), codebook=replace(whole, rows=whole.rows[:, :16])))
    with pytest.raises(InvalidArgumentError):
        lay_out(replace(contents(40), codebook=whole, vectors=None))


@pytest.mark.parametrize(
    "parts", [{"CDBR": None}, {"CDBS": None}, {"CDBS": bytes(36)}, {"CDBR": b""}]
)
def test_sections_that_do_not_fit_are_refused(
    tmp_path: Path, parts: dict[str, bytes | None]
) -> None:
    path = tmp_path / "wrong.tvpack"
    path.write_bytes(rewritten(lay_out(replace(contents(40), codebook=small())), parts))
    with PackFile(path) as pack, pytest.raises(CorruptFileError):
        pack.codebook()


def test_one_of_a_later_version_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "later.tvpack"
    path.write_bytes(
        rewritten(lay_out(replace(contents(40), codebook=small())), {"CDBK": b"\2" + bytes(15)})
    )
    with PackFile(path) as pack:
        assert pack.codebook() is None


def test_the_command_writes_one_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tvbrain.cli.pack._embedder", lambda model: BagOfWords("bag", 32))
    assert build(tmp_path) == exits.OK
    assert inspected(capsys, tmp_path / "films.tvpack")["codebook_entries"] is None
    assert build(tmp_path, "--codebook", "--no-vectors") == exits.USAGE
    assert "--codebook" in capsys.readouterr().err


if __name__ == "__main__":
    write_golden()
