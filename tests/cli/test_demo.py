from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from tvbrain.cli import exits, main
from tvbrain.cli.demo.evening import CHILD, STARTED, TONIGHT, Evening, percentile
from tvbrain.cli.demo.screens import show


def test_the_child_sees_less_of_the_catalogue_and_nothing_above_its_age(evening: Evening) -> None:
    child, household = evening.homes
    assert (child.profile, household.profile) == (CHILD, "household")
    assert 0 < child.eligible < household.eligible < household.catalogue
    assert evening.childs_titles > 20
    assert evening.above_age == 0


def test_what_was_left_in_the_middle_is_the_first_row(evening: Evening) -> None:
    row = evening.homes[1].rows[0]
    assert row.kind == "continue"
    assert [(entry.item, entry.position_s) for entry in row.items] == [(STARTED, 1260)]


def test_a_completed_film_brings_titles_that_are_there_because_of_it(evening: Evening) -> None:
    change = evening.changes[0]
    assert TONIGHT not in {entry.item for entry in change.after}
    assert TONIGHT in {entry.reason_item for entry in change.after}
    assert TONIGHT not in {entry.reason_item for entry in change.before}
    new = {entry.item for entry in change.after} - {entry.item for entry in change.before}
    assert new


def test_a_thumbs_down_takes_the_title_away_and_an_undo_brings_it_back(evening: Evening) -> None:
    change = evening.changes[1]
    assert change.before[0].item not in {entry.item for entry in change.after}
    assert change.note.endswith("puts it back at place 1.")


def test_every_title_shown_has_a_reason_and_no_watched_title_is_recommended(
    evening: Evening,
) -> None:
    finished = {one.title for one in evening.watched if one.how == "to the end"}
    for entry in (*evening.changes[1].before, *evening.changes[1].after):
        assert entry.reason_code == "watched"
        assert entry.reason.removeprefix("Because you watched ") in finished
        assert entry.title not in finished


def test_the_terminal_shows_rows_changes_and_latencies(evening: Evening, tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w+") as file:
        show(evening, Console(file=file, width=100), kept=Path("kept here"))
        file.seek(0)
        lines = file.read().splitlines()
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 100
    for expected in (
        "What was watched",
        "The screen of kids",
        "Continue watching",
        "The household watched The Matrix to the end",
        "Thumbs down for",
        "0 above age 7",
        "20 calls",
        "tvbrain recommend --data kept here",
    ):
        assert expected in text


def test_json_has_the_figures_with_their_quality_and_the_evening(
    tmp_path: Path, native_build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    assert main(["demo", "--json", "--calls", "20", "--data", str(kept)]) == exits.OK
    answer = json.loads(capsys.readouterr().out)
    by_name = {figure["name"]: figure for figure in answer["figures"]}
    assert set(by_name) == {"recommend.p50", "recommend.p99", "observe.p50", "observe.p99"}
    assert by_name["recommend.p99"]["n"] == 20
    assert by_name["recommend.p99"]["with"]["childs_titles_above_age"] == 0
    assert answer["screens"][0]["rows"][0]["items"][0]["reason"]
    assert (kept / "journal").is_dir()


def test_a_folder_that_is_not_empty_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    assert main(["demo", "--data", str(tmp_path)]) == exits.USAGE
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize(("share", "expected"), [(0.5, 6), (0.99, 10), (0.0, 1)])
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert percentile(list(range(10, 0, -1)), share) == expected
