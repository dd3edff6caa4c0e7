"""One run of the erasure drill: processes on a copy of a data directory, one of them killed while it forgets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tvbrain.health.drill.share import PHASES, Action, Role, Share
from tvbrain.health.drill.stage import PATIENCE_S, DrillError, Process, kill
from tvbrain.simulation.forgetting import canary

ALONE, SPLIT, UNLEARNED = "alone", "split", "without a learner"
"""A Brain, both planes in one process; a process for each plane; the serving plane's alone, and a learner later."""

PROCESS = "tvbrain.simulation.forgetting.process"
LOOKS_EVERY = 0.005


@dataclass(frozen=True, slots=True)
class Plan:
    """Who dies, and when: at the operation number `nth` on the data directory from the first deed on, or (`nth` None)
    `after` seconds. `again`: so too when the planes were started anew.
    """

    form: str
    what: str
    victim: Role
    action: Action
    nth: int | None
    after: float
    again: bool


class Run:
    """One copy of the directory in `folder`, which must exist and be empty, and what happens to it."""

    def __init__(self, folder: Path, template: Path, shim: Path, plan: Plan) -> None:
        self.plan, self._folder, self._shim = plan, folder, shim
        self.data, self.scratch, self._notes = folder / "tv", folder / "tmp", folder / "notes"
        shutil.copytree(template, self.data)
        self.scratch.mkdir()
        self._notes.touch()
        self.share = Share(folder / "share")
        self._running: list[Process] = []

    def kill(self) -> tuple[str, bool]:
        """Forget, and kill in the middle; the phase that was struck, and whether it had been complete before."""
        share, plan = self.share, self.plan
        host = self._start_host()
        learner = self._start_learner() if plan.form == SPLIT else None
        victim = host if learner is None or plan.victim is Role.HOST else learner
        self._say(host)
        if plan.nth is not None:
            share.order(plan.action, plan.victim, PHASES, nth=plan.nth)
        assert host.stdin is not None
        host.stdin.write(b"go\n")
        host.stdin.flush()
        complete = self._wait(victim)
        share.withdraw()
        self.close()
        times, phase = share.fired()
        inside = [name for name in share.inside(plan.victim) if name != "other"]
        return phase if times else inside[-1] if inside else "between", complete

    def _wait(self, victim: Process) -> bool:
        """Until the victim has died, or there is nothing left to die in; whether all was complete."""
        begun, enough = time.monotonic(), f"{len(canary.deeds(self.plan.what)) - 1} "
        while victim.poll() is None:
            lines = self._notes.read_text(encoding="ascii").splitlines()
            if "complete" in lines:
                return True
            passed = time.monotonic() - begun
            if self.plan.form == UNLEARNED and any(line.startswith(enough) for line in lines):
                return False
            if self.plan.nth is None and passed >= self.plan.after:
                return False
            if passed > PATIENCE_S:
                raise DrillError(f"forgetting takes longer than {PATIENCE_S:.0f} s: {self.said()}")
            time.sleep(LOOKS_EVERY)
        return False

    def done(self) -> dict[int, bool]:
        """The deeds that were acknowledged, and whether files were still to be rewritten then."""
        lines = self._notes.read_text(encoding="ascii").splitlines()
        return {int(one.split()[0]): one.endswith("1") for one in lines if one != "complete"}

    def said(self) -> str:
        """The end of what the processes wrote."""
        return (self._folder / "log").read_text(errors="replace")[-2000:].strip()

    def _start_host(self) -> Process:
        form = "alone" if self.plan.form == ALONE else "serving"
        first = str(len(self.done()))
        return self._start(Role.HOST, PROCESS, form, self.data, self._notes, self.plan.what, first)

    def _start_learner(self) -> Process:
        found = self._start(Role.LEARNER, "tvbrain", "run", "--data", self.data)
        lock, deadline = self.data / "learning.lock", time.monotonic() + PATIENCE_S
        while not (lock.is_file() and lock.read_text().strip() == str(found.pid)):
            if found.poll() is not None or time.monotonic() > deadline:
                raise DrillError(f"the learner does not come to learn: {self.said()}")
            time.sleep(LOOKS_EVERY)
        return found

    def _start(self, role: Role, module: str, *words: str | Path) -> Process:
        added = {
            "LD_PRELOAD": str(self._shim),
            "TVB_FAULT_ROOT": str(self.data),
            "TVB_FAULT_SHARE": str(self.share.path),
            "TVB_FAULT_ROLE": str(int(role)),
            "TMPDIR": str(self.scratch),
            "SQLITE_TMPDIR": str(self.scratch),
        }
        with (self._folder / "log").open("ab") as log:
            found = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env=os.environ | added,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if role is Role.HOST else log,
                stderr=log,
            )
        self._running.append(found)
        return found

    def _say(self, host: Process) -> None:
        assert host.stdout is not None
        if host.stdout.readline() != b"ready\n":
            raise DrillError(f"the process that forgets does not start: {self.said()}")

    def close(self) -> None:
        """Kill what still runs."""
        for one in self._running:
            kill(one)
            for pipe in (one.stdin, one.stdout):
                if pipe is not None:
                    pipe.close()
        self._running = []
