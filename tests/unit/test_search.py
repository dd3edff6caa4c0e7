"""`Brain.search`: what is named, what is described, and who told the meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pack.test_encoder import contents
from tests.places import ROOT
from tvbrain import Brain, ViewContext
from tvbrain.errors import InvalidArgumentError
from tvbrain.pack import demo_pack_path
from tvbrain.pack.writer import write_pack


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "words.tvpack"
    write_pack(path, contents())
    return path


def test_a_title_with_one_typing_error_is_found(tmp_path: Path) -> None:
    with Brain.open(tmp_path / "tv", pack=demo_pack_path()) as brain:
        for text in ("Shutter Ilsand", "shuter island", "shutterisland", "Shuttr Isl"):
            assert brain.search(text)[0].title == "Shutter Island"


def test_a_pack_without_encoder_compares_titles_alone(tmp_path: Path) -> None:
    with Brain.open(tmp_path / "tv", pack=ROOT / "tests" / "golden" / "pack-1.0.tvpack") as brain:
        assert [one.title for one in brain.search("haet")] == ["Heat"]
        slate = brain.search("a thief who is loved", encoder="static")
        assert (slate.encoder, len(slate)) == ("", 0)


def test_the_demo_is_searched_by_meaning_without_a_model(tmp_path: Path) -> None:
    with Brain.open(tmp_path / "tv", pack=demo_pack_path()) as brain:
        for text, title in (
            ("astronaut alone on mars", "The Martian"),
            ("dinosaurs escape", "Jurassic Park"),
            ("documentary about nature", "Planet Earth"),
        ):
            slate = brain.search(text, ViewContext(k=3), encoder="static")
            assert slate.encoder == "static"
            assert title in {one.title for one in slate}


def test_the_packs_encoder_finds_what_is_described(tmp_path: Path, described: Path) -> None:
    with Brain.open(tmp_path / "tv", pack=described) as brain:
        slate = brain.search("a night in town", encoder="static")
        assert slate.encoder == "static"
        assert {one.reason_code for one in slate} == {"query"}


def test_a_model_that_cannot_be_used_is_an_error_only_when_it_is_asked_for(
    tmp_path: Path, described: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TVBRAIN_MODEL", raising=False)
    with Brain.open(tmp_path / "tv", pack=described) as brain:
        assert brain.search("night").encoder == "static"
        with pytest.raises(InvalidArgumentError, match="no model"):
            brain.search("night", encoder="minilm")
        with pytest.raises(InvalidArgumentError, match="none of"):
            brain.search("night", encoder="word2vec")


def test_minilm_finds_by_meaning_where_the_device_has_it(
    tmp_path: Path, shared_model: Path
) -> None:
    pytest.importorskip("onnxruntime")
    with Brain.open(tmp_path / "tv", pack=demo_pack_path(), model=shared_model) as brain:
        slate = brain.search("robots and artificial intelligence", ViewContext(k=5))
        assert slate.encoder == "minilm"
        assert any("Sci-Fi" in brain.item(one.item).genres for one in slate)
