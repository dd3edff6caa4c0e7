"""A brain and its process: what a child may do with it, and what it cannot take with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHILD = """
import os, sys
from tvbrain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import ForkedError

brain = Brain.open(sys.argv[1], clock=VirtualClock(1_700_506_800.0))
child = os.fork()
if child == 0:
    calls = (brain.recommend, brain.learn_now, brain.run_due, brain.next_wait, brain.recover, brain.export,
             brain.health, brain.close)
    refused = 0
    for call in calls:
        try:
            call()
        except ForkedError:
            refused += 1
    os._exit(len(calls) - refused)
_, status = os.waitpid(child, 0)
brain.learn_now()
brain.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""

HELD = """
import os, sys
from tvbrain import Brain
from tvbrain.clock import VirtualClock

brain = Brain.open(sys.argv[1], clock=VirtualClock(1_700_506_800.0))
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.read(read, 1)
    os._exit(0)
brain.close()
Brain.open(sys.argv[1], clock=VirtualClock(1_700_506_800.0)).close()
os.write(write, b"!")
os.waitpid(child, 0)
"""


def run(program: str, data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program, data], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_call_is_refused_in_a_child_and_the_parent_goes_on(tmp_path: Path) -> None:
    run(CHILD, tmp_path / "tv")


def test_a_child_that_lives_on_does_not_keep_a_closed_directory(tmp_path: Path) -> None:
    run(HELD, tmp_path / "tv")
