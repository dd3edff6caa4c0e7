"""The pair drill: a C host and the learning plane on one directory, under load, either killed.

Packs are installed meanwhile, second openers are turned away by name, read-only ones are let in;
at the end the learner catches up and must have counted every event once.
"""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tvbrain.health.drill.judge import Judge, read_state
from tvbrain.health.drill.kill import AIMS, Progress, Report, struck
from tvbrain.health.drill.learned import LearnerJudge
from tvbrain.health.drill.ledger import FAILED, STARTING, Ledger
from tvbrain.health.drill.share import Action, Role
from tvbrain.health.drill.stage import PATIENCE_S, DrillError, Stage, Tools, kill, wait_end

TVB_E_BUSY = -2
_EXIT_BUSY = 3
_PATIENCE = 6
"""So many times its time the drill goes on, at most, where the machine is too slow for `has_shared`."""


class _Pair:
    """The two processes, what is done to them, and what was seen of it."""

    def __init__(self, stage: Stage, seed: int, report: Report) -> None:
        self.stage, self.report, self.chance = stage, report, random.Random(seed)
        self.judge = Judge(stage)
        self.learned = LearnerJudge(stage)
        self.generations: set[int] = set()
        self.pack_hashes: set[int] = set()
        self.installs = 0
        self.host = stage.start_host(rate=1000)
        stage.wait_serving(self.host)
        self.learner = stage.start_learner()

    def count(self, figure: str) -> None:
        self.report.figures[figure] = self.report.figures.get(figure, 0.0) + 1

    def look(self) -> None:
        """Note which snapshot and packs the running host serves from."""
        self.generations.add(self.stage.ledger.get("snapshot_generation"))
        self.pack_hashes.add(self.stage.ledger.get("pack_hash"))

    def has_shared(self) -> bool:
        """Whether each has seen the other's work: two snapshots served, a segment deleted behind the learner."""
        return (
            len(self.generations - {0}) >= 2 and self.stage.share.done(Role.HOST)["truncate"] >= 1
        )

    # ---- what happens ----

    def kill_host(self) -> list[str]:
        return self._kill(Role.HOST)

    def kill_learner(self) -> list[str]:
        return self._kill(Role.LEARNER)

    def _kill(self, victim: Role) -> list[str]:
        process = self.host if victim is Role.HOST else self.learner
        aimed = self.chance.random() < 0.5
        if aimed:
            self.stage.share.order(
                self.chance.choice([Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_HALF]),
                victim,
                [self.chance.choice(AIMS[victim])],
            )
        if not aimed or not wait_end(process, 3.0):
            kill(process)
        self.stage.share.withdraw()
        phase = struck(self.stage, victim, aimed)
        self.report.kills[f"{victim.name.lower()} {phase}"] += 1
        self.report.runs += 1
        if victim is Role.LEARNER:
            wrong = self.learned.judge()
            self.learner = self.stage.start_learner()
            return wrong
        wrong = self.judge.judge()
        self.host = self.stage.start_host(rate=1000)
        self.stage.wait_serving(self.host)
        return wrong

    def install_pack(self) -> list[str]:
        names = ["base.tvpack", "side-1.tvpack", "newer.tvpack"]
        name = names[self.installs % len(names)]
        self.installs += 1
        if self.chance.random() < 0.3:
            deaths = [Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_HALF]
            nth = self.chance.randint(1, 6)
            self.stage.share.order(self.chance.choice(deaths), Role.INSTALLER, ["pack"], nth=nth)
        installer = self.stage.install(self.stage.packs / name)
        if not wait_end(installer, PATIENCE_S):
            return [f"pack install {name} hangs"]
        self.stage.share.withdraw()
        if installer.returncode < 0:
            self.report.kills["installer pack"] += 1
            self.report.runs += 1
            return []
        self.count("packs installed" if installer.returncode == 0 else "packs refused")
        return []

    def second_host(self) -> list[str]:
        """Another host on the directory must be turned away with the first one's pid."""
        path = self.stage.folder / "second"
        ledger = Ledger(path, seed=0, events=1)
        try:
            ledger.set("state", STARTING)
            words: list[str | Path] = [
                self.stage.tools.host,
                self.stage.data,
                self.stage.pack,
                path,
                "1",
                "0",
            ]
            subprocess.run(words, check=False, capture_output=True)
            state, result, text = ledger.get("state"), ledger.get("result"), ledger.error
        finally:
            ledger.close()
        self.count("second hosts turned away")
        if (state, result) != (FAILED, TVB_E_BUSY) or not _names(text, self.host.pid):
            return [f"a second host was not turned away with {self.host.pid}: {result} {text}"]
        return []

    def second_learner(self) -> list[str]:
        """Another learner too."""
        if not self.stage.wait_learning(self.learner):
            return [f"the learner does not start: {self.stage.log_of('learner')}"]
        second = subprocess.run(
            self.stage.learner_words(), check=False, capture_output=True, timeout=PATIENCE_S
        )
        text = second.stderr.decode(errors="replace")
        self.count("second learners turned away")
        if second.returncode != _EXIT_BUSY or not _names(text, self.learner.pid):
            return [f"a second learner was not turned away: {second.returncode} {text.strip()}"]
        return []

    def read_only(self) -> list[str]:
        """A reader beside the writer sees everything acknowledged before it came, once."""
        ledger = self.stage.ledger
        begin = ledger.get("next")
        before = self.judge.acknowledged + int((ledger.states(self.judge.upto, begin) == 2).sum())
        state = read_state(self.stage.tools, self.stage.data, self.stage.pack, ledger.items, 2**62)
        if isinstance(state, str):
            return [f"a reader cannot open: {state}"]
        after = ledger.get("next")
        seen = sum(live["touch"] for live in state["live"].values())
        self.count("readers let in")
        if not before <= seen <= after:
            return [f"a reader saw {seen} events of {before} to {after}"]
        return []


def _names(text: str, pid: int) -> bool:
    return re.search(rf"\b{pid}\b", text) is not None


def drill(tools: Tools, folder: Path, *, seconds: float, seed: int, progress: Progress) -> Report:
    """Keep both processes busy and in trouble for `seconds`, or longer if neither has seen the other's work by then;
    then let the learner catch up.
    """
    report = Report("pair", seed)
    stage = Stage(folder, tools, seed=seed, journal_cap=4 << 20)
    try:
        pair = _Pair(stage, seed, report)
        _trouble(pair, seconds, progress)
        if report.good:
            report.losses += _end(pair)
        report.acknowledged = pair.judge.acknowledged
        report.figures["snapshots served"] = float(len(pair.generations - {0}))
        report.figures["base packs served"] = float(len(pair.pack_hashes - {0}))
        report.figures["segments deleted"] = float(stage.share.done(Role.HOST)["truncate"])
        report.figures["learner commits"] = float(stage.share.done(Role.LEARNER)["commit"])
    finally:
        stage.close()
    return report


def _trouble(pair: _Pair, seconds: float, progress: Progress) -> None:
    acts: list[Callable[[], list[str]]] = [
        *(pair.kill_host, pair.kill_host, pair.kill_learner, pair.kill_learner),
        *(pair.install_pack, pair.second_host, pair.second_learner),
        *(pair.read_only, pair.read_only, pair.read_only),
    ]
    begun = time.monotonic()
    while (now := time.monotonic() - begun) < seconds or (
        now < _PATIENCE * seconds and not pair.has_shared()
    ):
        progress(min(int(now), int(seconds)), int(seconds))
        for _ in range(pair.chance.randint(2, 10)):
            time.sleep(0.1)
            pair.look()
        if pair.host.poll() is not None or pair.learner.poll() is not None:
            pair.report.losses.append(
                f"a process ended by itself: host {pair.host.poll()} {pair.stage.ledger.error};"
                f" learner {pair.learner.poll()} {pair.stage.log_of('learner')}"
            )
            return
        act = pair.chance.choice(acts)
        wrong = act()
        pair.report.losses += [f"{now:.0f} s, {act.__name__}: {one}" for one in wrong]
        if wrong:
            return
    progress(int(seconds), int(seconds))


def _end(pair: _Pair) -> list[str]:
    """Stop the host in good order, let the learner catch up, and judge both."""
    stage = pair.stage
    stage.ledger.set("stop", 1)
    if not wait_end(pair.host, PATIENCE_S):
        raise DrillError("the host does not end when it is told to")
    wrong = [] if pair.host.returncode == 0 else [f"the host ended with {stage.ledger.error}"]
    wrong += pair.judge.judge()
    pair.learner.terminate()
    if not wait_end(pair.learner, PATIENCE_S):
        return [*wrong, "the learner does not end when it is told to"]
    last = stage.start_learner("--once")
    if not wait_end(last, PATIENCE_S) or last.returncode != 0:
        return [*wrong, f"the learner does not learn the rest: {stage.log_of('learner')}"]
    if not pair.learned.caught_up():
        wrong.append(f"the learner has not caught up: {stage.log_of('learner')}")
    return wrong + pair.learned.judge() + pair.judge.judge()
