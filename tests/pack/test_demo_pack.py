"""The pack that ships with tvbrain: sound, complete, and what its sources give."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tvbrain.cli.bench import search
from tvbrain.embed.minilm import MiniLM
from tvbrain.pack import demo_pack_path
from tvbrain.pack.demo.titles import read_titles
from tvbrain.pack.reader import PackFile

QUERIES = ROOT / "tests" / "pack" / "data" / "natural_queries.txt"


def test_it_verifies_and_is_well_under_a_megabyte_and_its_encoder_is_another() -> None:
    with PackFile(demo_pack_path()) as pack:
        pack.verify()
        encoder = sum(one.size for one in pack.sections() if one.kind.startswith("ENC"))
        assert demo_pack_path().stat().st_size - encoder < 900_000
        assert encoder < 1_000_000
        assert pack.name == "demo"
        assert not pack.is_side


def test_it_holds_every_title_of_the_demo_catalogue_with_vectors_and_weights() -> None:
    with PackFile(demo_pack_path()) as pack:
        titles = list(pack.titles())
        assert [title.id for title in titles] == [title.id for title in read_titles()]
        assert len(titles) >= 500
        vectors, weights = pack.vectors(), pack.weights()
        assert vectors is not None
        assert weights is not None
        assert (vectors.scale_q30 > 0).all()
        recommendable = set(weights.indices.tolist())
        assert len(recommendable) > 0.9 * len(titles)
        assert pack.providers == ["cinema", "demo", "kids"]


def test_its_encoder_finds_most_of_what_the_model_finds(shared_model: Path) -> None:
    pytest.importorskip("onnxruntime")
    asked = QUERIES.read_text(encoding="utf-8").splitlines()
    with PackFile(demo_pack_path()) as pack:
        space, vectors = pack.space(), pack.vectors()
        ids = [title.id for title in pack.titles()]
    assert space is not None
    assert vectors is not None
    right = search.nearest(space.quantise(MiniLM(shared_model).embed(asked)), vectors, ids)
    assert search.agreement(demo_pack_path(), asked, right) >= 0.7


def test_it_is_rebuilt_byte_for_byte(shared_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("scipy")
    rebuilt = tmp_path / "demo.tvpack"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "tvbrain.pack.demo.rebuild",
            "--model",
            str(shared_model),
            "-o",
            str(rebuilt),
        ],
        check=True,
    )
    with PackFile(demo_pack_path()) as shipped, PackFile(rebuilt) as pack:
        if shipped.source["probe"] != pack.source["probe"]:
            pytest.skip(
                "the model gives other bits on this processor than where the pack was built"
            )
        assert list(pack.titles()) == list(shipped.titles())
    assert rebuilt.read_bytes() == demo_pack_path().read_bytes()
