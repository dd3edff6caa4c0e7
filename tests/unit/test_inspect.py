"""`tvbrain inspect` over the committed samples of every file of a data directory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.places import ROOT
from tvbrain.cli import exits, main
from tvbrain.store import snapshot as store

GOLDEN = ROOT / "tests" / "golden"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN / "journal-1.0", tmp_path / "journal")
    shutil.copy(GOLDEN / "profiles-1.0.tvp", tmp_path / "profiles.tvp")
    (tmp_path / "snapshot").mkdir()
    shutil.copy(GOLDEN / "snapshot-1.0.tvs", store.path_of(tmp_path / "snapshot", 7))
    return tmp_path


def test_it_shows_every_file_and_writes_none(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    assert main(["inspect", str(data), "--json", "--events", "3"]) == exits.OK
    found = json.loads(capsys.readouterr().out)
    last = found["journal"]["last_seq"]
    assert [event["seq"] for event in found["events"]] == [last - 2, last - 1, last]
    assert found["profiles"]["state"] == "good"
    assert [one["learned_seq"] for one in found["snapshots"]] == [12]
    assert [one["profile"] for one in found["histories"]] == [1, 5]
    assert found["damage"] == []
    assert main(["inspect", str(data)]) == exits.OK
    assert "nothing is damaged" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


def test_it_says_which_file_is_damaged_and_shows_the_rest(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (store.path_of(data / "snapshot", 7), data / "profiles.tvp"):
        damaged = bytearray(path.read_bytes())
        damaged[-1] ^= 1
        path.write_bytes(damaged)
    (data / "snapshot" / "floor").write_bytes(b"?")
    assert main(["inspect", str(data), "--json"]) == exits.BAD_FILE
    found = json.loads(capsys.readouterr().out)
    text = "\n".join(found["damage"])
    assert all(name in text for name in ("0000000000000007.tvs", "profiles.tvp", "floor"))
    assert found["profiles"]["state"] == "lost"
    assert len(found["events"]) == 20


def test_a_directory_that_is_missing_is_an_error(tmp_path: Path) -> None:
    assert main(["inspect", str(tmp_path / "none")]) == exits.BAD_FILE
