"""The idle drill: a set that nobody watches, real clock. Wake-ups and writes of all its processes are counted.

Two processes: one that serves with the library's own thread, and `tvbrain run`. What was watched is learned before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tvbrain.health.drill.kill import Report

MOST_WAKE_UPS = 60 / 300
"""A second, over all processes."""
SETTLE_S = 5.0
SERVE = """
import sys, time
from tvbrain.brain.serving import Serving
from tvbrain.clock import SystemClock
from tvbrain.events import ViewingEvent
from tvbrain.pack import demo_pack_path
serving = Serving(sys.argv[1], demo_pack_path(), clock=SystemClock())
for _ in range(20):
    serving.observe(ViewingEvent(kind="wake", at=time.time()))
serving.flush()
print("serving", flush=True)
sys.stdin.read()
"""


def drill(folder: Path, *, seconds: float, progress: Callable[[int, int], None]) -> Report:
    """Count for so many seconds; a loss is a write, or more wake-ups than are allowed in that time."""
    report = Report("idle", 0)
    data = folder / "idle"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    serving = subprocess.Popen([sys.executable, "-c", SERVE, str(data)], text=True, **pipes)  # type: ignore[call-overload]
    learning = None
    try:
        assert serving.stdout is not None
        serving.stdout.readline()
        run = [sys.executable, "-m", "tvbrain", "run", "--data", str(data)]
        learning = subprocess.Popen(run, stderr=subprocess.PIPE, text=True)
        assert learning.stderr is not None
        learning.stderr.readline()
        time.sleep(SETTLE_S)
        _count([serving.pid, learning.pid], data, seconds, report, progress)
    finally:
        for process in (learning, serving):
            if process is not None:
                process.terminate()
                process.communicate()
    return report


def _count(
    processes: list[int],
    data: Path,
    seconds: float,
    report: Report,
    progress: Callable[[int, int], None],
) -> None:
    woken, written, files = wake_ups(processes), written_bytes(processes), _times(data)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        progress(round(seconds - left), round(seconds))
        time.sleep(min(left, 30.0))
    report.runs = 1
    report.figures["seconds"] = seconds
    report.figures["wake-ups"] = wake_ups(processes) - woken
    report.figures["bytes written"] = written_bytes(processes) - written
    changed = [name for name, at in _times(data).items() if files.get(name) != at]
    report.figures["files changed"] = len(changed)
    if report.figures["wake-ups"] > MOST_WAKE_UPS * seconds:
        report.losses.append(f"{report.figures['wake-ups']:.0f} wake-ups in {seconds:.0f} s")
    if changed or report.figures["bytes written"]:
        report.losses.append(
            f"written while idle: {report.figures['bytes written']:.0f} B, {changed}"
        )


def wake_ups(processes: list[int]) -> int:
    """How often any thread of them went to sleep of its own will, and was so woken, since it began."""
    total = 0
    for process in processes:
        for task in os.listdir(f"/proc/{process}/task"):
            lines = Path(f"/proc/{process}/task/{task}/status").read_text().splitlines()
            total += int(
                next(x for x in lines if x.startswith("voluntary_ctxt_switches")).split()[1]
            )
    return total


def written_bytes(processes: list[int]) -> int:
    """What they handed to the kernel to write, into files or pipes."""
    texts = [Path(f"/proc/{process}/io").read_text() for process in processes]
    return sum(
        int(line.split()[1]) for text in texts for line in text.splitlines() if "wchar" in line
    )


def _times(data: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in data.rglob("*")}
