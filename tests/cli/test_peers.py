"""`tvbrain bench peers`: that what it compares is compared fairly, and what it says is what it measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tvbrain.cli import exits, main
from tvbrain.cli.bench.peers import measuring, ours, plots, rounds, sweep, tables
from tvbrain.cli.bench.peers.engine import (
    Bools,
    Engine,
    Float32s,
    Graph,
    K,
    Rows,
    Search,
    by_product,
)
from tvbrain.cli.bench.peers.engines import EXACT, LIBRARIES
from tvbrain.cli.bench.peers.vectors import taste_queries
from tvbrain.embed.quantise import similarity_q20

Capture = pytest.CaptureFixture[str]
TITLES, DIMENSION = 700, 64


@pytest.fixture(scope="module")
def vectors() -> Float32s:
    """Unit rows in clusters, as texts are."""
    random = np.random.default_rng(5)
    centres = random.standard_normal((40, DIMENSION))
    rows = centres[random.integers(40, size=TITLES)] + random.standard_normal((TITLES, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def queries(vectors: Float32s) -> Float32s:
    return taste_queries(vectors, 20, seed=1)


@pytest.fixture(params=[1 / 2, 1 / 20])
def eligible(request: pytest.FixtureRequest) -> Bools:
    mask: Bools = np.arange(TITLES) < TITLES * request.param
    return np.random.default_rng(2).permutation(mask)


def in_eligible(vectors: Float32s, eligible: Bools, query: Float32s) -> Rows:
    rows = np.flatnonzero(eligible)
    return rows[by_product(vectors[rows], query)]


@pytest.fixture
def scans(native_build: Path, vectors: Float32s, tmp_path: Path) -> Iterator[dict[str, ours.Scan]]:
    table = ours.Table(vectors)
    made = {name: ours.Scan(lib, table) for name, lib in ours.kernels(tmp_path).items()}
    yield made
    for scan in made.values():
        scan.close()


def test_every_kernel_of_the_scan_finds_what_the_oracle_finds(
    scans: dict[str, ours.Scan], vectors: Float32s, queries: Float32s, eligible: Bools
) -> None:
    assert "scalar" in scans
    space = ours.Table(vectors).space
    scores = similarity_q20(space.quantise(queries), space.quantise(vectors))
    allowed = np.flatnonzero(eligible)
    for scan in scans.values():
        within = scan.within(eligible)
        for query, right in zip(queries, scores, strict=True):
            assert scan.search(query).tolist() == np.argsort(-right, kind="stable")[:K].tolist()
            best = allowed[np.argsort(-right[allowed], kind="stable")][:K]
            assert within(query).tolist() == best.tolist()


def test_the_floor_scores_every_row_for_the_last_query(
    scans: dict[str, ours.Scan], vectors: Float32s, queries: Float32s
) -> None:
    space = ours.Table(vectors).space
    right = similarity_q20(space.quantise(queries[:1]), space.quantise(vectors))[0]
    for scan in scans.values():
        scan.search(queries[0])
        assert scan.floor(queries[1]).tolist() == right.tolist()


def test_our_index_answers_with_rows_and_keeps_to_the_filter(
    native_build: Path,
    scans: dict[str, ours.Scan],
    vectors: Float32s,
    queries: Float32s,
    eligible: Bools,
) -> None:
    exact, graph = ours.Exact(vectors), ours.Graph(vectors, 8)
    graph.set_ef(400)
    within = scans["scalar"].within(eligible)
    for query in queries:
        right = scans["scalar"].search(query).tolist()
        assert exact.search(query).tolist() == right
        assert len(set(graph.search(query).tolist()) & set(right)) >= 0.9 * K
        for engine in (exact, graph):
            assert engine.within(eligible)(query).tolist() == within(query).tolist()
    assert graph.size() > exact.size() > vectors.nbytes / 4


def test_the_index_that_looks_twice_finds_what_float32_finds(
    vectors: Float32s, queries: Float32s, eligible: Bools
) -> None:
    once, twice = ours.Exact(vectors), ours.Reranked(vectors)
    within = twice.within(eligible)
    for query in queries:
        right = by_product(vectors, query)
        assert len(np.intersect1d(twice.search(query), right)) >= K - 1
        among = in_eligible(vectors, eligible, query)
        assert len(np.intersect1d(within(query), among)) >= len(among) - 1
    assert twice.size() > once.size() + vectors.nbytes / 4


@pytest.mark.parametrize("name", EXACT)
def test_exact_peers_are_exact_and_keep_to_the_filter(
    name: str, vectors: Float32s, queries: Float32s, eligible: Bools
) -> None:
    module, _, make = EXACT[name]
    pytest.importorskip(module)
    engine = make(vectors)
    within = engine.within(eligible)
    for query in queries:
        assert set(engine.search(query)) == set(by_product(vectors, query))
        assert set(within(query)) == set(in_eligible(vectors, eligible, query))
    assert engine.size() >= vectors.nbytes


@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name, library in LIBRARIES.items() for variant in library.variants],
)
def test_graphs_find_nearly_all_with_a_large_ef_and_nothing_that_is_filtered(
    name: str, variant: str, vectors: Float32s, queries: Float32s, eligible: Bools
) -> None:
    pytest.importorskip(LIBRARIES[name].module)
    graph = LIBRARIES[name].variants[variant](vectors, 16)
    graph.set_ef(400)
    exact = [by_product(vectors, query) for query in queries]
    one = sweep.point(graph, "", queries, exact)
    assert one.recall >= (0.8 if variant in ("int8", "E4M3") else 0.97)
    assert one.micros > 0
    within = graph.within(eligible)
    for query in queries:
        rows = within(query)
        assert len(rows) <= min(K, eligible.sum())
        assert len(set(rows)) == len(rows)
        assert eligible[rows].all()
    assert graph.size() > vectors.nbytes / 4


class Dial:
    """A graph whose recall is ef / 400 and whose calls take ef microseconds."""

    filter = ""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor, self.ef = factor, 0

    def set_ef(self, ef: int) -> None:
        self.ef = ef

    def search(self, query: Float32s) -> Rows:
        raise AssertionError

    def within(self, eligible: Bools) -> Search:
        raise AssertionError

    def size(self) -> int:
        raise AssertionError


def read_dial(engine: Engine, setting: str, *_: object) -> sweep.Point:
    assert isinstance(engine, Dial)
    return sweep.Point(setting, engine.ef / 400, engine.ef * engine.factor)


def test_a_sweep_takes_of_each_graph_the_smallest_ef_that_finds_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "point", read_dial)
    quick, slow = Dial(), Dial(2.0)
    none: Float32s = np.zeros((0, 1), np.float32)
    built: dict[str, tuple[Graph, float]] = {"slow": (slow, 9.0), "quick": (quick, 5.0)}
    points, able = sweep.sweep(built, none, [], least=0.5)
    assert [(one.point, one.build_s) for one in able] == [
        (sweep.Point("slow, ef = 200", 0.5, 400.0), 9.0),
        (sweep.Point("quick, ef = 200", 0.5, 200.0), 5.0),
    ]
    assert (quick.ef, slow.ef) == (200, 200)
    assert len(points) == 2 * len(sweep.EFS)
    points, able = sweep.sweep({"quick": (quick, 5.0)}, none, [], least=1.1)
    assert able == []


def test_of_a_librarys_graphs_the_one_that_is_fastest_in_turns_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def measured(searches: dict[str, Any], *_: object) -> dict[str, rounds.Times]:
        took = {name: 9.0 - at for at, name in enumerate(searches)}
        return {name: rounds.Times(np.full((2, 2), value)) for name, value in took.items()}

    monkeypatch.setattr(measuring, "measure", measured)
    first, second, other = (
        sweep.Chosen(Dial(), sweep.Point(setting, 1.0, 1.0), 1.0) for setting in ("a", "b", "a")
    )
    none: Float32s = np.zeros((0, 1), np.float32)
    best = measuring._play_off({"one": [first, second], "two": [other], "three": []}, none)
    assert best == {"one": second, "two": other}


def test_turns_ask_every_engine_the_same_and_begin_with_another_each_time(
    queries: Float32s,
) -> None:
    log: list[tuple[str, float]] = []

    def named(name: str) -> Search:
        def search(query: Float32s) -> Rows:
            log.append((name, float(query[0])))
            return np.empty(0)

        return search

    turns: list[None] = []
    times = rounds.measure(
        {"a": named("a"), "b": named("b")}, queries, 3, lambda: turns.append(None)
    )
    assert len(turns) == 3
    first = [name for name, _ in log[:: rounds.BATCH]]
    assert first == ["a", "b", "b", "a", "a", "b"]
    assert [q for name, q in log if name == "a"] == [q for name, q in log if name == "b"]
    assert times["a"].calls.shape == (3, rounds.BATCH - rounds.LEFT_OUT)
    assert (times["a"].calls > 0).all()


def test_a_ratio_is_the_middle_of_the_rounds() -> None:
    ours_, theirs = (
        rounds.Times(np.array([[one] * 3 for one in values], float))
        for values in ([1, 2, 90], [2, 8, 100])
    )
    assert (ours_.p50, ours_.ratio_to(theirs)) == (2, 0.5)


@pytest.fixture
def file(vectors: Float32s, tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npy"
    np.save(path, vectors)
    return path


def reduced(file: Path) -> list[str]:
    sizes = ["--titles", "300,700", "--links", "8", "--queries", "12", "--rounds", "2"]
    return ["bench", "peers", "--vectors", str(file), *sizes]


@pytest.mark.usefixtures("native_build")
def test_a_run_says_for_every_size_what_each_engine_took_and_found(
    file: Path, tmp_path: Path, capsys: Capture
) -> None:
    for name, library in LIBRARIES.items():
        pytest.importorskip(library.module, reason=f"{name} is compared")
    assert main([*reduced(file), "--json", "--recall", "0.9"]) == exits.OK
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert tables.sizes(answer) == [300, 700]
    for titles in (300, 700):
        middle = {f["with"]["engine"]: f for f in tables.named(answer, "query.p50", titles)}
        assert {"hnswlib", "voyager", "faiss HNSW", "faiss Flat", "numpy"} < set(middle)
        assert {"tvbrain HNSW", "tvbrain scan, scalar"} < set(middle)
        mine = middle["tvbrain exact"]["with"]
        assert mine["recall@50"] > 0.95
        assert mine["filtered_results"] == min(K, titles // 20)
        assert mine["filtered_recall"] > 0.9
        assert mine["recall@50"] == middle["tvbrain scan, scalar"]["with"]["recall@50"]
        assert middle["tvbrain HNSW"]["with"]["filtered_results"] == min(K, titles // 20)
        assert middle["voyager"]["with"]["filtered_results"] < K / 2
        for one in middle.values():
            assert one["value"] > 0
            assert one["with"]["index_bytes"] > 0
            assert one["with"]["threads"] == 1
        tried = tables.named(answer, "sweep.p50", titles)
        for engine in ("tvbrain HNSW", "hnswlib", "voyager", "faiss HNSW"):
            of = [f["with"] for f in tried if f["with"]["engine"] == engine]
            chosen = [given for given in of if given["chosen"]]
            assert [given["setting"] for given in chosen] == [middle[engine]["with"]["setting"]]
            assert chosen[0]["recall@50"] >= 0.9
        [verdict] = tables.named(answer, f"exact_to_best_peer.{titles}")
        assert verdict["with"]["peer_recall"] >= 0.9
        assert not verdict["with"]["peer"].startswith("tvbrain")
        for bound in ("floor.scan.p50", "read.table", "read.memory"):
            assert tables.named(answer, bound, titles)[0]["value"] > 0
    shown = [title for title, _, _ in tables.tables(answer)]
    assert shown == [
        *("300 titles", "300 titles: bounds", "700 titles", "700 titles: bounds"),
        *("300 titles: sweep", "700 titles: sweep"),
    ]
    for _, columns, rows in tables.tables(answer):
        assert all(len(row) == len(columns) for row in rows)
    matplotlib_draws_twice_the_same(answer, tmp_path)


def matplotlib_draws_twice_the_same(answer: dict[str, Any], folder: Path) -> None:
    from tvbrain.cli.bench.plots import draw

    pytest.importorskip("matplotlib")
    for again in ("once", "twice"):
        draw(folder / again, plots.drawings(answer))
    names = {"peers-300.svg", "peers-700.svg"}
    assert {file.name for file in (folder / "once").iterdir()} == names
    for name in names:
        assert (folder / "once" / name).read_bytes() == (folder / "twice" / name).read_bytes()


@pytest.mark.usefixtures("native_build")
def test_a_peer_that_is_not_installed_is_skipped_and_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(measuring, "_installed", lambda module: module in ("numpy", "tvbrain"))
    assert main([*reduced(file), "--titles", "300"]) == exits.OK
    text = " ".join(capsys.readouterr().out.split())
    for engine in (*LIBRARIES, "faiss Flat"):
        assert f"│ {engine} │ not installed" in text
    assert "numpy" in text


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--recall", "1.5"], "--recall: 1.5"),
        (["--rounds", "0"], "--rounds: 0 is not at least 1"),
        (["--titles", "5"], "--titles"),
    ],
)
def test_what_cannot_be_asked_is_named(
    words: list[str], named: str, file: Path, capsys: Capture
) -> None:
    assert main([*reduced(file), *words]) == exits.USAGE
    assert named in capsys.readouterr().err


def test_vectors_that_are_not_there_are_named(tmp_path: Path, capsys: Capture) -> None:
    assert main(["bench", "peers", "--json", "--data", str(tmp_path)]) == exits.BAD_FILE
    assert "no lists of titles" in capsys.readouterr().err
    assert main([*reduced(tmp_path / "no.npy"), "--json"]) == exits.BAD_FILE
    assert "no.npy does not exist" in capsys.readouterr().err


def test_a_peer_none_of_whose_settings_finds_enough_is_shown_as_such() -> None:
    def figure(name: str, **given: object) -> dict[str, object]:
        return {"name": name, "value": 5.0, "unit": "us", "n": 1, "with": {"titles": 9, **given}}

    ours_ = {
        "engine": "tvbrain exact, scalar",
        "setting": "int8",
        "recall@50": 1.0,
        "time_to_ours": 1.0,
        "build_s": 1.0,
        "index_bytes": 10,
        "filter": "bitmap",
        "filtered_results": 50.0,
        "filtered_recall": 1.0,
        "filtered_us": 1.0,
    }
    tried = {"engine": "other", "setting": "M = 2, ef = 50", "recall@50": 0.4, "chosen": False}
    answer = {
        "figures": [
            figure("query.p50", **ours_),
            figure("query.p99", **ours_),
            figure("sweep.p50", **tried),
        ]
    }
    _, _, rows = next(tables.tables(answer))
    assert rows[1][:2] == ["other", "none has the recall: 0.4000 at most"]
