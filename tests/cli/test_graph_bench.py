"""`tvbrain bench graph`: that its figures are what was found, and that a broken promise shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.index.indexes import unit_vectors
from tvbrain.cli import exits, main
from tvbrain.cli.bench import graph
from tvbrain.cli.bench.peers.engine import K
from tvbrain.cli.output import Figure
from tvbrain.index import ItemIndex

Capture = pytest.CaptureFixture[str]


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def test_a_graph_keeps_its_promises_on_a_small_scale(
    tmp_path: Path, native_build: Path, capsys: Capture
) -> None:
    np.save(tmp_path / "rows.npy", unit_vectors(600, seed=8))
    sizes = ["--titles", "300,600", "--queries", "10", "--rounds", "2", "--json"]
    assert main(["bench", "graph", "--vectors", str(tmp_path / "rows.npy"), *sizes]) == exits.OK
    figures: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["figures"]
    for titles in (300, 600):
        of = {f["name"]: f["value"] for f in figures if f["with"]["titles"] == titles}
        assert of["graph.other_bytes"] == of["graph.filtered_not_exact"] == 0
        assert of["graph.filtered_fewest"] == min(K, titles // 20)
        assert of["graph.half_removed_fewest"] == K
        assert abs(of["graph.recall_lost"]) < 0.05
        assert ("skipped" in of) != (of.get("graph.time_to_hnswlib", 0) > 0)


def test_an_index_that_breaks_a_promise_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit_vectors(300, seed=9)
    search, of = ItemIndex.search, ItemIndex.of

    def short(self: ItemIndex, *arguments: Any, **given: Any) -> Any:
        hits = search(self, *arguments, **given)
        if "allowed" in given and "by" not in given:
            return type(hits)(hits.keys[:-1], hits.scores[:-1], hits.exact)
        return hits

    def by_threads(*arguments: Any, **given: Any) -> ItemIndex:
        return of(*arguments, **given, seed=given["threads"])

    monkeypatch.setattr(ItemIndex, "search", short)
    monkeypatch.setattr(ItemIndex, "of", by_threads)
    found = named(graph.promises(vectors, vectors[:5]))
    assert found["graph.other_bytes"].value == 2
    assert found["graph.filtered_not_exact"].value == 5
    assert found["graph.filtered_fewest"].value == 14
