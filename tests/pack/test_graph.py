"""A graph over a pack's vectors: written, verified, shown, and searched for what a scan would find."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pack.making import title
from tests.pack.test_encoder import BagOfWords
from tests.pack.test_encoder_build import build, inspected
from tests.places import ROOT
from tvbrain.cli import exits
from tvbrain.embed.quantise import Space
from tvbrain.errors import CorruptFileError, InvalidArgumentError
from tvbrain.pack.build import GRAPH_FROM, with_graph
from tvbrain.pack.layout import GRAPH_MINOR
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, GraphOf, Vectors, lay_out, write_pack

GOLDEN = ROOT / "tests" / "golden" / "pack-1.3-graph.tvpack"


def contents(count: int, graph: GraphOf | None) -> Contents:
    """`count` titles with random vectors; every seventh has none."""
    random = np.random.default_rng(count)
    vectors = random.normal(size=(count, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    space = Space.fit(vectors, seed=1)
    rows = space.quantise(vectors)
    for part in (rows.rows, rows.scale_q30, rows.bias_q20):
        part[::7] = 0
    return Contents(
        titles=[title(f"a:{i}", f"Title {i}") for i in range(count)],
        name="graph",
        version="1",
        built_at=1_700_000_000,
        vectors=Vectors(space, rows),
        graph=graph,
    )


def test_a_pack_with_a_graph_is_sound_and_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "graph.tvpack"
    write_pack(path, contents(300, GraphOf(m=4)))
    assert path.read_bytes()[10] == GRAPH_MINOR
    with PackFile(path) as pack:
        pack.verify()
        graph = pack.graph
    assert graph is not None
    assert (graph["m"], graph["ef_construction"]) == (4, 400)
    assert 300 < graph["links"] <= 300 * 8 + 300
    assert graph["bytes"] > 4 * graph["links"]


def test_threads_change_no_byte() -> None:
    one = lay_out(contents(500, GraphOf(threads=1)))
    assert lay_out(contents(500, GraphOf(threads=2))) == one
    assert lay_out(contents(500, GraphOf(threads=3))) == one


@pytest.mark.parametrize("count", [1, 2, 8])
def test_small_packs_can_have_one(tmp_path: Path, count: int) -> None:
    write_pack(tmp_path / "small.tvpack", contents(count, GraphOf()))
    with PackFile(tmp_path / "small.tvpack") as pack:
        pack.verify()
        assert pack.graph is not None


def test_a_graph_needs_vectors() -> None:
    without = replace(contents(3, GraphOf()), vectors=None)
    with pytest.raises(InvalidArgumentError):
        lay_out(without)
    with pytest.raises(InvalidArgumentError):
        with_graph(without, True, threads=1)


def test_large_packs_get_one_unless_somebody_says_otherwise() -> None:
    small = contents(10, None)
    large = replace(small, titles=[small.titles[0]] * GRAPH_FROM)
    assert with_graph(small, None, 1).graph is None
    assert with_graph(small, True, 1).graph == GraphOf()
    assert with_graph(large, None, 2).graph == GraphOf(threads=2)
    assert with_graph(large, False, 1).graph is None
    assert with_graph(replace(large, vectors=None), None, 1).graph is None


def test_a_wrong_link_is_found_when_the_pack_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "graph.tvpack"
    shutil.copy(GOLDEN, path)
    data = bytearray(path.read_bytes())
    with PackFile(path) as pack:
        links = next(s for s in pack.sections() if s.kind == "HNSL")
    at = data.rfind(b"HNSL", 0, 2000) + 8
    offset = int.from_bytes(data[at : at + 8], "little")
    for place in range(offset, offset + links.size, 4 * 13):
        path.write_bytes(data[:place] + b"\xfe\xff\xff\x7f" + data[place + 4 :])
        with PackFile(path) as pack, pytest.raises(CorruptFileError):
            pack.verify()


def test_the_first_pack_with_a_graph_still_reads() -> None:
    with PackFile(GOLDEN) as pack:
        pack.verify()
        assert pack.graph == {
            "m": 4,
            "ef_construction": 200,
            "levels": 3,
            "links": 196,
            "bytes": 1196,
        }


def test_the_command_builds_one_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tvbrain.cli.pack._embedder", lambda model: BagOfWords("bag", 32))
    assert build(tmp_path) == exits.OK
    assert inspected(capsys, tmp_path / "films.tvpack")["graph"] is None
    assert build(tmp_path, "--hnsw") == exits.OK
    graph = inspected(capsys, tmp_path / "films.tvpack")["graph"]
    assert graph["m"] == 32
    assert graph["links"] > 0
    assert build(tmp_path, "--hnsw", "--no-vectors") == exits.USAGE
    assert "--hnsw" in capsys.readouterr().err


if __name__ == "__main__":
    write_pack(GOLDEN, contents(40, GraphOf(m=4)))
