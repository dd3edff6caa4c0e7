"""What is forgotten is gone, whatever is killed meanwhile: the erasure drill at a reduced count."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.faults.test_drills import count, silent
from tvbrain.health.drill.stage import Tools
from tvbrain.simulation.forgetting import canary, drill
from tvbrain.simulation.forgetting.run import ALONE


@pytest.mark.slow
def test_kill_9_while_forgetting_leaves_no_byte_once_it_is_complete(
    tools: Tools, tmp_path: Path
) -> None:
    kills = count(24, 300)
    report = drill.drill(tools, tmp_path, count=kills, seed=9, progress=silent)
    assert report.losses == []
    assert report.runs >= kills
    assert len(report.kills) >= 8  # forms, victims and phases that a kill struck in
    assert report.figures["killed when pending"] >= kills / 4


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("lived") / "tv"
    canary.live(data, time.time())
    return data


def test_the_life_that_is_forgotten_has_a_canary_in_every_place(lived: Path) -> None:
    places = {
        line.split(":")[0].split("/")[0]: line
        for line in canary.holding([lived], canary.traces("all"))
    }
    assert {"brain.db", "profiles.tvp", "journal", "snapshot", "backups"} <= set(places)
    held = ", ".join(places.values())
    assert all(name in held for name in ("name", "search", "channel", "key, little", "key, big"))


@pytest.mark.parametrize("what", drill.WHAT)
def test_the_drill_notices_what_was_not_forgotten(lived: Path, what: str) -> None:
    assert canary.holding([lived], canary.traces(what)) != []
    everything = {number: True for number in range(len(canary.deeds(what)))}
    assert drill.judge_hidden(lived, what, everything) != []


def test_the_drill_notices_a_file_that_nobody_has_cleaned(lived: Path, tmp_path: Path) -> None:
    data, other = tmp_path / "tv", tmp_path / "tmp"
    shutil.copytree(lived, data)
    other.mkdir()
    (other / "left").write_bytes(canary.traces("all")["key, decimal"])
    wrong = drill.settle(data, ALONE, "all", 0, [other])
    assert wrong == ["holds what was forgotten: left: key, decimal, key, signed"]
