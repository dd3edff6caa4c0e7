"""`tvbrain run`: the brain as a process beside another that serves."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, counted, evening
from tests.places import ROOT
from tvbrain import cli
from tvbrain.brain.serving import Serving
from tvbrain.cli import exits
from tvbrain.clock import VirtualClock
from tvbrain.pack import demo_pack_path
from tvbrain.store import consumption
from tvbrain.store.database import open_database


def serving_on(tv: Path) -> Serving:
    return Serving(tv, demo_pack_path(), clock=VirtualClock(MONDAY_EVENING), thread=False, seed=7)


def started(tv: Path) -> subprocess.Popen[str]:
    """A brain that has said that it learns."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tvbrain", "run", "--data", str(tv), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "tvbrain run: learning\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_everything_learned(tmp_path: Path, number: int) -> None:
    tv = tmp_path / "tv"
    serving = serving_on(tv)
    with started(tv) as process:
        for event in evening(12, 20):
            serving.observe(event)
        assert serving.health()["learner"]
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(output)["fault"] == ""
    assert not serving.health()["learner"]
    serving.close()
    db = open_database(tv / "brain.db")
    assert consumption.tallies(db) == counted(tv)
    db.close()


def test_once_learns_everything_due_and_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tv = tmp_path / "tv"
    serving = serving_on(tv)
    for event in evening(13, 15):
        serving.observe(event)
    command = ["run", "--data", str(tv), "--once", "--json", "--clock", "journal"]
    assert cli.main(command) == exits.OK
    said = json.loads(capsys.readouterr().out)
    assert (said["seq"], said["generation"], said["clock_trusted"]) == (15, 1, True)
    serving.pump()
    assert serving.health()["learned_seq"] == 15
    serving.close()


def test_a_second_learner_is_told_who_learns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with started(tmp_path / "tv") as process:
        assert cli.main(["run", "--data", str(tmp_path / "tv"), "--once"]) == exits.BUSY
        assert str(process.pid) in capsys.readouterr().err
        process.terminate()
        process.communicate(timeout=30)


def test_it_hears_of_events_without_being_asked(tmp_path: Path) -> None:
    """Ten thousand waiting records are learned at once, so a snapshot appears."""
    tv = tmp_path / "tv"
    serving = serving_on(tv)
    with started(tv) as process:
        assert process.stderr is not None
        wake = next(event for event in evening(14, 100) if event.kind == "wake")
        for _ in range(10_000):
            serving.observe(wake)
        ready, _, _ = select.select([process.stderr], [], [], 60)
        assert ready, "nothing was learned within a minute"
        assert process.stderr.readline() == "tvbrain run: ran adaptive\n"
        process.terminate()
        process.communicate(timeout=30)
    serving.pump()
    assert serving.health()["learned_seq"] == 10_000
    serving.close()
