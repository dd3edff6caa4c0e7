from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tvbrain.cli import exits, main
from tvbrain.cli.demo.evening import STARTED, TONIGHT
from tvbrain.types import SlateItem

Capture = pytest.CaptureFixture[str]


def asked(capsys: Capture, folder: Path, *words: str) -> tuple[int, Any]:
    code = main(["recommend", "--data", str(folder), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def refused(capsys: Capture, folder: Path, *words: str) -> tuple[int, str]:
    code = main(["recommend", "--data", str(folder), *words])
    return code, capsys.readouterr().err


def test_a_slate_has_k_titles_with_reasons(capsys: Capture, evening_dir: Path) -> None:
    code, answer = asked(capsys, evening_dir, "-k", "7")
    assert code == exits.OK
    assert len(answer["items"]) == 7
    assert all(entry["reason"] for entry in answer["items"])
    scores = [entry["score"] for entry in answer["items"]]
    assert answer["eligible"] > 700
    assert max(scores) == scores[0]


@pytest.mark.parametrize("profile", ["kids", "2"])
def test_a_profile_is_named_or_numbered(capsys: Capture, evening_dir: Path, profile: str) -> None:
    code, answer = asked(capsys, evening_dir, "--profile", profile)
    assert code == exits.OK
    assert all(entry["age"] <= 7 for entry in answer["items"])


def test_rows_are_a_home_screen_and_one_row_can_be_asked_for(
    capsys: Capture, evening_dir: Path
) -> None:
    _, screen = asked(capsys, evening_dir, "--rows", "-k", "3")
    assert screen["rows"][0]["kind"] == "continue"
    _, one = asked(capsys, evening_dir, "--row", "popular", "-k", "3")
    assert [row["kind"] for row in one["rows"]] == ["popular"]
    assert len(one["rows"][0]["items"]) == 3


def test_json_says_all_that_the_slate_does(capsys: Capture, evening_dir: Path) -> None:
    _, answer = asked(capsys, evening_dir, "-k", "1")
    assert {field.name for field in fields(SlateItem)} <= set(answer["items"][0])


def test_where_it_is_asked_and_like_what_are_part_of_the_question(
    capsys: Capture, evening_dir: Path
) -> None:
    _, screen = asked(capsys, evening_dir, "--row", "more_like_this", "--like", TONIGHT)
    assert [row["reason_item"] for row in screen["rows"]] == [TONIGHT]
    code, wrong = refused(capsys, evening_dir, "--utc-offset", "900")
    assert (code, "utc_offset_min" in wrong) == (exits.USAGE, True)
    code, wrong = refused(capsys, evening_dir, "--region", "Germany")
    assert (code, "region" in wrong) == (exits.USAGE, True)


def test_an_explanation_names_the_watched_titles_behind_the_score(
    capsys: Capture, evening_dir: Path
) -> None:
    code, why = asked(capsys, evening_dir, "--explain", "demo:the-matrix-reloaded-2003")
    assert code == exits.OK
    assert why["eligible"] is True
    assert TONIGHT in {witness["item"] for witness in why["witnesses"]}
    assert why["score"] == pytest.approx(sum(why["terms"].values()), abs=1e-5)


def test_an_explanation_says_why_a_title_is_not_shown(capsys: Capture, evening_dir: Path) -> None:
    _, finished = asked(capsys, evening_dir, "--explain", TONIGHT)
    assert finished["why_not"] == ["finished"]
    _, adult = asked(capsys, evening_dir, "--profile", "kids", "--explain", STARTED)
    assert adult["why_not"] == ["age"]


def test_tables_carry_titles_reasons_and_ids(capsys: Capture, evening_dir: Path) -> None:
    for words in (["-k", "3"], ["--rows"], ["--explain", TONIGHT]):
        assert main(["recommend", "--data", str(evening_dir), *words]) == exits.OK
        text = capsys.readouterr().out
        assert "reason" in text or "term" in text


def test_it_reads_beside_a_process_that_serves(capsys: Capture, evening_dir: Path) -> None:
    from tvbrain import Brain

    with Brain.open(evening_dir):
        code, answer = asked(capsys, evening_dir, "-k", "1")
    assert code == exits.OK
    assert len(answer["items"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["--profile", "nobody"], exits.FAILED, "nobody"),
        (["--profile", "99"], exits.FAILED, "99"),
        (["--explain", "demo:no-such-title"], exits.FAILED, "demo:no-such-title"),
        (["-k", "0"], exits.USAGE, "k: 0"),
        (["--row", "left"], exits.USAGE, "left"),
        (["--pack", "/nowhere/at.all"], exits.BAD_FILE, "/nowhere/at.all"),
    ],
)
def test_an_error_names_what_was_wrong(
    capsys: Capture, evening_dir: Path, words: list[str], code: int, named: str
) -> None:
    got, text = refused(capsys, evening_dir, *words)
    assert got == code
    assert named in text


def test_a_directory_that_does_not_exist_is_not_made(capsys: Capture, tmp_path: Path) -> None:
    code, text = refused(capsys, tmp_path / "none")
    assert code == exits.BAD_FILE
    assert str(tmp_path / "none") in text
    assert list(tmp_path.iterdir()) == []
