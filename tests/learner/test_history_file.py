"""Viewing history from elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tvbrain import cli
from tvbrain.brain.history_file import Refused, read_history
from tvbrain.errors import CorruptFileError, MissingFileError

KNOWN = {"Heat": {1995: "demo:heat"}, "Dark": {2017: "demo:dark"}}


def resolve(title: str, year: int) -> str | None:
    years = KNOWN.get(title, {})
    return years.get(year) if year else next(iter(years.values()), None)


def test_rows_become_events_by_time(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(
        "title,year,item,at,watched,rating\n"
        "Heat,1995,,2024-01-02T20:00:00+00:00,0.4,\n"
        ",,netflix:s6,1600000000,1.0,0.5\n"
        "Dark,,,,,-1\n"
    )
    history = read_history(file, "household", resolve)
    assert [(e.kind, e.item, e.at, e.watched, e.rating) for e in history.events] == [
        ("rate", "demo:dark", None, None, -1.0),
        ("complete", "netflix:s6", 1_600_000_000.0, 1.0, 0.5),
        ("stop", "demo:heat", 1_704_225_600.0, 0.4, None),
    ]
    assert history.refused == ()


def test_what_netflix_gives_its_customers_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "NetflixViewingHistory.csv"
    file.write_text('Title,Date\n"Dark: Season 1: Secrets","12/31/20"\n"Heat","25/6/2021"\n')
    first, second = read_history(file, 1, resolve).events
    assert (first.item, first.at) == (
        "demo:dark",
        datetime(2020, 12, 31, 12, tzinfo=UTC).timestamp(),
    )
    assert (second.item, second.at) == (
        "demo:heat",
        datetime(2021, 6, 25, 12, tzinfo=UTC).timestamp(),
    )


def test_rows_that_cannot_be_used_are_listed_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    rows = ['{"item": "demo:heat", "at": 1}', "not json", '{"title": "Nobody Knows"}',
            '{"title": "Heat", "year": 2000}', '{"item": "demo:heat", "watched": 7}',
            '{"item": "demo:heat", "at": "yesterday"}']  # fmt: skip
    file.write_text("\n".join(rows))
    history = read_history(file, "household", resolve)
    assert [event.item for event in history.events] == ["demo:heat"]
    assert history.refused[:2] == (
        Refused(2, "neither item nor title"),
        Refused(3, "no title is called 'Nobody Knows'"),
    )
    assert [refused.line for refused in history.refused] == [2, 3, 4, 5, 6]


def test_a_file_that_is_no_history_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_history(tmp_path / "none.csv", 1, resolve)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CorruptFileError, match=r"other\.csv"):
        read_history(tmp_path / "other.csv", 1, resolve)


def test_the_command_imports_counts_and_learns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.csv"
    file.write_text("title,year,at\nIron Man,2008,1600000000\nIron Man,1950,1600000000\n")
    command = ["import", str(file), "--data", str(tmp_path / "tv"), "--json"]
    assert cli.main(command) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["imported"] == 1
    assert [refused["line"] for refused in said["refused"]] == [3]
