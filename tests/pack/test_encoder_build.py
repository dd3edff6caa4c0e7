"""`tvbrain pack build --encoder` to the end: a catalogue in, titles found by what they are about out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pack.made_up import catalogue
from tests.pack.test_encoder import BagOfWords
from tvbrain import Brain, ViewContext
from tvbrain.cli import exits, main

Capture = pytest.CaptureFixture[str]
STORIES = {
    "a:1": ("Heat", "A policeman hunts a gang of bank robbers through Los Angeles at night."),
    "a:2": ("Alien", "The crew of a spaceship is hunted by a monster far from the earth."),
    "a:3": ("Ratatouille", "A rat who loves food becomes the best cook of a restaurant in Paris."),
    "a:4": ("March of the Penguins", "A documentary about birds that cross the ice of Antarctica."),
    "a:5": ("Free Solo", "A climber scales a huge wall of rock alone and without a rope."),
    "a:6": ("Whiplash", "A young drummer and his cruel teacher at a school for jazz music."),
    "a:7": ("Titanic", "A poor painter and a rich girl fall in love on a ship that sinks."),
    "a:8": ("Rocky", "A small-time boxer gets a chance to fight for the title."),
    "a:9": ("Babe", "A pig on a farm learns to herd sheep like a dog."),
    "a:10": ("The Sting", "Two swindlers trick a gangster out of his money."),
    "a:11": ("Gravity", "Two astronauts are lost in space after their shuttle is destroyed."),
    "a:12": ("Chef", "A cook quits his restaurant and drives a food truck with his son."),
}


def build(folder: Path, *words: str) -> int:
    titles: list[dict[str, object]] = [
        {"id": key, "title": name, "description": text} for key, (name, text) in STORIES.items()
    ]
    source = catalogue(folder / "films.jsonl", *titles)
    pack = folder / "films.tvpack"
    return main(["pack", "build", str(source), "-o", str(pack), "--json", *words])


def inspected(capsys: Capture, pack: Path) -> Any:
    capsys.readouterr()
    assert main(["pack", "inspect", str(pack), "--json"]) == exits.OK
    return json.loads(capsys.readouterr().out)


def described(pack: Path, folder: Path, text: str) -> list[str]:
    """Names of what is found, nearest first, by the pack's encoder alone."""
    with Brain.open(folder / "tv", pack=pack) as brain:
        slate = brain.search(text, ViewContext(k=4), encoder="static")
    assert slate.encoder == "static"
    return [entry.title for entry in slate]


@pytest.fixture
def by_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built with a model for which a text's meaning is the sum of its words."""
    pytest.importorskip("scipy")
    monkeypatch.setattr("tvbrain.cli.pack._embedder", lambda model: BagOfWords("bag", 32))
    words = ("--encoder", "400", "--encoder-phrases", "2000", "--cache", str(tmp_path / "cache"))
    assert build(tmp_path, *words) == exits.OK
    return tmp_path / "films.tvpack"


def test_inspect_shows_the_encoder_and_its_sections(by_words: Path, capsys: Capture) -> None:
    shown = inspected(capsys, by_words)
    sizes = {section["kind"]: section["count"] for section in shown["sections"]}
    assert 100 < shown["encoder_rows"] <= 400
    assert sizes["ENCH"] == sizes["ENCS"] == shown["encoder_rows"]
    assert sizes["ENCO"] == 1
    assert sizes["ENCR"] == shown["encoder_rows"]


def test_a_described_title_is_found_without_the_model(by_words: Path, tmp_path: Path) -> None:
    assert described(by_words, tmp_path, "swindlers trick a gangster")[0] == "The Sting"
    assert described(by_words, tmp_path, "a boxer gets a chance")[0] == "Rocky"


def test_a_pack_built_without_one_has_no_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("tvbrain.cli.pack._embedder", lambda model: BagOfWords("bag", 32))
    assert build(tmp_path, "--cache", str(tmp_path / "cache")) == exits.OK
    assert inspected(capsys, tmp_path / "films.tvpack")["encoder_rows"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--encoder", "--no-vectors"], "only a base pack with vectors"),
        (["--encoder", "-1", "--model", "m"], "-1 rows"),
        (["--encoder-phrases", "9", "--model", "m"], "needs --encoder"),
        (["--encoder", "9", "--encoder-phrases", "0", "--model", "m"], "--encoder-phrases: 0"),
    ],
)
def test_a_mistake_is_told_by_cause(
    tmp_path: Path, capsys: Capture, words: list[str], says: str
) -> None:
    assert build(tmp_path, *words) == exits.USAGE
    assert says in capsys.readouterr().err


def test_an_encoder_taught_by_minilm_finds_titles_by_what_they_are_about(
    tmp_path: Path, shared_model: Path, capsys: Capture
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("scipy")
    words = ["--model", str(shared_model), "--cache", str(tmp_path / "cache")]
    words += ["--encoder", "1500", "--encoder-phrases", "3000"]
    assert build(tmp_path, *words) == exits.OK
    assert inspected(capsys, tmp_path / "films.tvpack")["dimension"] == 384
    wanted = {
        "astronauts in space": {"Gravity", "Alien"},
        "film about a cook": {"Ratatouille", "Chef"},
        "farm animals": {"Babe"},
        "jazz music": {"Whiplash"},
    }
    for text, names in wanted.items():
        found = described(tmp_path / "films.tvpack", tmp_path, text)
        assert names & set(found[:2]), f"{text}: {found}"
