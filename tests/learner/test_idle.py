"""A set that nobody watches, on the real clock (`tvbrain drill idle` counts for five minutes)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tvbrain.health.drill import idle

TWICE = """
import os, sys, time
sys.stdin.readline()
time.sleep(0.001)
time.sleep(0.001)
open(sys.argv[1], "w").write("12345678")
print("done", flush=True)
sys.stdin.readline()
"""


def test_an_idle_set_wakes_up_rarely_and_writes_nothing(tmp_path: Path) -> None:
    report = idle.drill(tmp_path, seconds=5.0, progress=lambda done, total: None)
    assert report.losses == []
    assert report.figures["files changed"] == 0


def test_what_wakes_up_and_writes_is_counted(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", TWICE, str(tmp_path / "file")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    woken, written = idle.wake_ups([child.pid]), idle.written_bytes([child.pid])
    child.stdin.write(os.linesep)
    child.stdin.flush()
    child.stdout.readline()
    assert idle.wake_ups([child.pid]) - woken >= 2
    assert idle.written_bytes([child.pid]) - written >= 8
    child.communicate(os.linesep)
