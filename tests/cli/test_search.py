from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pack.test_encoder import contents
from tvbrain import Brain
from tvbrain.cli import exits, main
from tvbrain.pack.writer import write_pack

Capture = pytest.CaptureFixture[str]


def asked(capsys: Capture, folder: Path, *words: str) -> tuple[int, Any]:
    code = main(["search", "--data", str(folder), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_mistyped_title_is_the_first_found(capsys: Capture, evening_dir: Path) -> None:
    code, answer = asked(capsys, evening_dir, "the matirx", "-k", "3", "--encoder", "static")
    assert code == exits.OK
    assert answer["items"][0]["title"] == "The Matrix"
    assert answer["found"] >= len(answer["items"])
    assert {entry["reason_code"] for entry in answer["items"]} == {"query"}


def test_a_child_finds_nothing_above_its_age(capsys: Capture, evening_dir: Path) -> None:
    _, answer = asked(capsys, evening_dir, "the", "--profile", "kids", "-k", "200")
    assert answer["items"]
    assert all(entry["age"] <= 7 for entry in answer["items"])


def test_what_told_the_meaning_is_said(capsys: Capture, tmp_path: Path) -> None:
    pack, folder = tmp_path / "words.tvpack", tmp_path / "tv"
    write_pack(pack, contents())
    Brain.open(folder, pack=pack).close()
    words = ("a night in town", "--pack", str(pack), "--encoder", "static")
    code, answer = asked(capsys, folder, *words)
    assert code == exits.OK
    assert answer["encoder"] == "static"
    assert main(["search", "--data", str(folder), *words]) == exits.OK
    assert "meaning by the pack's encoder" in " ".join(capsys.readouterr().out.split())


def test_nothing_found_is_an_exit_code_and_no_error(capsys: Capture, evening_dir: Path) -> None:
    code, answer = asked(capsys, evening_dir, "?!", "--encoder", "static")
    assert code == exits.FAILED
    assert answer["items"] == []


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["--profile", "nobody"], exits.FAILED, "nobody"),
        (["-k", "0"], exits.USAGE, "k: 0"),
        (["--encoder", "word2vec"], exits.USAGE, "word2vec"),
        (["--encoder", "minilm", "--model", "/nowhere"], exits.USAGE, "/nowhere"),
    ],
)
def test_an_error_names_what_was_wrong(
    capsys: Capture, evening_dir: Path, words: list[str], code: int, named: str
) -> None:
    assert main(["search", "--data", str(evening_dir), "heat", *words]) == code
    assert named in capsys.readouterr().err
