"""Where a drill plays: a folder with packs, a data directory, the shared memory, and its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tvbrain.errors import NotInstalledError, TvbrainError
from tvbrain.health.drill.ledger import FAILED, SERVING, STARTING, Ledger
from tvbrain.health.drill.share import Role, Share

Process = subprocess.Popen[bytes]
ITEMS = 200
PATIENCE_S = 180.0
"""For a process to do what takes it a second: whoever needs longer hangs, also on a machine with much other work."""


class DrillError(TvbrainError):
    """A drill cannot go on: a program of its own failed or hangs. Says nothing about losses."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The drill's programs, as the `dev` preset builds them."""

    host: Path
    state: Path
    shim: Path

    @classmethod
    def find(cls, folder: Path | None) -> Tools:
        """In `folder`, in $TVBRAIN_DRILL_TOOLS, or in the source tree's build/dev/drill."""
        named = os.environ.get("TVBRAIN_DRILL_TOOLS")
        built = Path(__file__).resolve().parents[3] / "build" / "dev" / "drill"
        place = folder or (Path(named) if named else built)
        tools = cls(place / "drill-host", place / "drill-state", place / "drill-shim.so")
        for tool in (tools.host, tools.state, tools.shim):
            if not tool.is_file():
                raise NotInstalledError(
                    f"{tool} is not there: drills need the source tree, built with "
                    "`cmake --preset dev && cmake --build --preset dev`, or --tools FOLDER"
                )
        return tools


class Stage:
    """One data directory and the processes on it. `folder` must exist and be empty."""

    def __init__(
        self,
        folder: Path,
        tools: Tools,
        *,
        seed: int,
        events: int = 50_000_000,
        journal_cap: int = 1 << 20,
        trace: bool = False,
    ) -> None:
        self.folder, self.tools = folder, tools
        self.data, self.packs = folder / "data", folder / "packs"
        self.trace = folder / "trace" if trace else None
        self.packs.mkdir()
        made = subprocess.run(
            [tools.state, "--packs", self.packs, str(ITEMS)], capture_output=True, check=False
        )
        if made.returncode != 0:
            raise DrillError(f"packs: {made.stderr.decode(errors='replace').strip()}")
        self.share = Share(folder / "share")
        self.ledger = Ledger(
            folder / "ledger", seed=seed, events=events, items=ITEMS, journal_cap=journal_cap
        )
        self._running: list[Process] = []

    @property
    def pack(self) -> Path:
        return self.packs / "base.tvpack"

    def environment(self, role: Role) -> dict[str, str]:
        """What makes a process one of this stage's: the shim, its root and its role."""
        added = {
            "LD_PRELOAD": str(self.tools.shim),
            "TVB_FAULT_ROOT": str(self.data),
            "TVB_FAULT_SHARE": str(self.share.path),
            "TVB_FAULT_ROLE": str(int(role)),
        }
        if self.trace is not None:
            added["TVB_FAULT_TRACE"] = str(self.trace)
        return os.environ | added

    def start_host(self, *, threads: int = 2, rate: int = 0) -> Process:
        """The C host; `rate` events a second and thread, 0 for as many as it can."""
        self.ledger.set("state", STARTING)
        self.ledger.set("stop", 0)
        words: list[str | Path] = [self.tools.host, self.data, self.pack, self.ledger.path]
        return self._start([*words, str(threads), str(rate)], Role.HOST, "host")

    def learner_words(self) -> list[str]:
        """The learning plane as its own process, its clock that of the events: with the host's stream
        half an hour passes every 600 events, so that it commits and publishes all the time.
        """
        words = [sys.executable, "-m", "tvbrain", "run", "--data", str(self.data)]
        return [*words, "--pack", str(self.pack), "--clock", "journal"]

    def start_learner(self, *more: str) -> Process:
        return self._start([*self.learner_words(), *more], Role.LEARNER, "learner")

    def install(self, pack: Path) -> Process:
        """`tvbrain pack install`."""
        words = [sys.executable, "-m", "tvbrain", "pack", "install", str(pack)]
        return self._start([*words, "--data", str(self.data)], Role.INSTALLER, "installer")

    def _start(self, words: list[str | Path] | list[str], role: Role, log: str) -> Process:
        with (self.folder / f"{log}.log").open("ab") as output:
            process = subprocess.Popen(
                words,
                env=self.environment(role),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._running = [*self.running(), process]
        return process

    def running(self) -> list[Process]:
        """The processes that have not ended."""
        return [process for process in self._running if process.poll() is None]

    def log_of(self, log: str) -> str:
        """The end of what a process wrote."""
        path = self.folder / f"{log}.log"
        return path.read_text(errors="replace")[-2000:].strip() if path.is_file() else ""

    def wait_serving(self, host: Process, seconds: float = PATIENCE_S) -> bool:
        """Until the host serves: False if it died first; DrillError if it failed to open."""
        deadline = time.monotonic() + seconds
        while self.ledger.get("state") == STARTING:
            if host.poll() is not None:
                return False
            if time.monotonic() > deadline:
                raise DrillError("the host does not come to serve")
            time.sleep(0.001)
        if self.ledger.get("state") == FAILED:
            raise DrillError(f"the host failed: {self.ledger.error}")
        return self.ledger.get("state") == SERVING

    def wait_learning(self, learner: Process, seconds: float = PATIENCE_S) -> bool:
        """Until the learner holds its lock: False if it ended first."""
        deadline = time.monotonic() + seconds
        lock = self.data / "learning.lock"
        while not (lock.is_file() and lock.read_text().strip() == str(learner.pid)):
            if learner.poll() is not None:
                return False
            if time.monotonic() > deadline:
                raise DrillError(f"the learner does not come to learn: {self.log_of('learner')}")
            time.sleep(0.005)
        return True

    def close(self) -> None:
        """End what still runs and let the memory go."""
        for process in self.running():
            kill(process)
        self.share.close()
        self.ledger.close()


def kill(process: Process) -> None:
    """kill -9, and wait for the end."""
    process.kill()
    process.wait()


def wait_end(process: Process, seconds: float) -> bool:
    """Whether the process ends within `seconds`."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
