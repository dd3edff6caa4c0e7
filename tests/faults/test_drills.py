"""What is acknowledged is kept: the drills at reduced counts (`tvbrain drill` runs the full ones)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tvbrain.health.drill import kill, pair, power, space
from tvbrain.health.drill.disk import Disk, Entry
from tvbrain.health.drill.stage import Tools

pytestmark = pytest.mark.slow
FULL = os.environ.get("TVBRAIN_TEST_SCALE") == "full"


def count(reduced: int, full: int) -> int:
    return full if FULL else reduced


def silent(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def test_kill_9_loses_nothing_acknowledged_and_counts_nothing_twice(
    tools: Tools, tmp_path: Path
) -> None:
    kills = count(30, 500)
    report = kill.drill(tools, tmp_path, count=kills, seed=2, learner=False, progress=silent)
    assert report.losses == []
    assert report.runs == kills
    assert len(report.kills) >= 4  # phases that a kill struck in


def test_a_power_cut_loses_only_what_its_durability_class_allows(
    tools: Tools, tmp_path: Path
) -> None:
    report = power.drill(
        tools,
        tmp_path,
        count=count(40, 400),
        seed=3,
        seconds=count(4, 30),
        learner=False,
        progress=silent,
    )
    assert report.losses == []


def test_a_failing_disk_is_named_loses_nothing_and_is_survived(
    tools: Tools, tmp_path: Path
) -> None:
    report = space.drill(tools, tmp_path, count=count(8, 100), seed=4, progress=silent)
    assert report.losses == []
    assert report.figures["errors met"] == report.runs


def test_kill_9_of_host_or_learner_loses_nothing_and_counts_nothing_twice(
    tools: Tools, tmp_path: Path
) -> None:
    kills = count(8, 500)
    report = kill.drill(tools, tmp_path, count=kills, seed=6, learner=True, progress=silent)
    assert report.losses == []
    assert report.runs == kills


def test_a_power_cut_leaves_a_learner_that_is_not_ahead_of_the_journal(
    tools: Tools, tmp_path: Path
) -> None:
    report = power.drill(
        tools,
        tmp_path,
        count=count(30, 400),
        seed=7,
        seconds=count(4, 30),
        learner=True,
        progress=silent,
    )
    assert report.losses == []


def test_brain_and_c_process_share_a_directory_under_load_while_either_is_killed(
    tools: Tools, tmp_path: Path
) -> None:
    report = pair.drill(tools, tmp_path, seconds=count(30, 600), seed=8, progress=silent)
    assert report.losses == []
    assert report.figures["snapshots served"] >= 2
    assert report.figures["segments deleted"] >= 1


class LyingDisk(Disk):
    """A disk that says "synced" and has kept nothing."""

    def sync(self, entry: Entry) -> None:
        super().sync(Entry(entry.op, 0, True, 0, entry.inode, entry.offset, entry.path, b""))


def test_the_power_drill_notices_a_disk_that_lies(tools: Tools, tmp_path: Path) -> None:
    report = power.drill(
        tools,
        tmp_path,
        count=20,
        seed=5,
        seconds=1,
        learner=False,
        progress=silent,
        disk=LyingDisk,
    )
    assert report.losses != []
