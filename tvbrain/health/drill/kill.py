"""The kill drill: kill -9 at random times and at chosen operations, then judge."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tvbrain.health.drill.judge import Judge
from tvbrain.health.drill.learned import LearnerJudge
from tvbrain.health.drill.share import Action, Role
from tvbrain.health.drill.stage import Process, Stage, Tools, kill, wait_end

Progress = Callable[[int, int], None]
AIMS: dict[Role, tuple[str, ...]] = {
    Role.HOST: ("append", "sync", "prepare", "roll", "checkpoint", "truncate", "profiles"),
    Role.LEARNER: ("commit", "database", "snapshot", "rename", "prune", "floor"),
}
RUNS_A_DIRECTORY = 25
"""Kills before a new data directory, so that the first opening is killed too."""
PACES = (0, 300, 1000)
"""Events a second and thread beside a learner: at full speed (0) it never comes to publish, at 300 it keeps up."""


@dataclass(slots=True)
class Report:
    """What a drill did and found. No losses: everything acknowledged is there once."""

    drill: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    acknowledged: int = 0
    losses: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not self.losses


def drill(
    tools: Tools, folder: Path, *, count: int, seed: int, learner: bool, progress: Progress
) -> Report:
    """Kill `count` times, half of them at chosen operations, and judge after each kill."""
    report = Report("kill with learner" if learner else "kill", seed)
    chance = random.Random(seed)
    while report.runs < count:
        place = folder / f"kill-{report.runs}"
        place.mkdir()
        # A short journal is checkpointed before a learner has read it, a long one is not.
        cap = chance.choice([1, 8]) << 20 if learner else 1 << 20
        stage = Stage(place, tools, seed=seed + report.runs, journal_cap=cap)
        try:
            runs = min(RUNS_A_DIRECTORY, count - report.runs)
            for _ in _kills(stage, runs, chance, learner, report):
                report.runs += 1
                progress(report.runs, count)
        finally:
            stage.close()
        if report.losses:
            report.losses.append(f"the directory is kept: {place}")
            break
        shutil.rmtree(place)
    return report


def _kills(
    stage: Stage, runs: int, chance: random.Random, learner: bool, report: Report
) -> Iterator[None]:
    judge, learned = Judge(stage), LearnerJudge(stage)
    learning: Process | None = None
    for run in range(runs):
        victim = chance.choice([Role.HOST, Role.LEARNER]) if learner else Role.HOST
        aimed = chance.random() < 0.6
        host = stage.start_host(threads=2, rate=chance.choice(PACES) if learner else 0)
        if learner and (learning is None or learning.poll() is not None):
            stage.wait_serving(host)
            learning = stage.start_learner()
            if victim is Role.HOST or chance.random() < 0.8:  # else it is killed while it starts
                stage.wait_learning(learning)
        target = learning if victim is Role.LEARNER and learning is not None else host
        if aimed:
            phase = chance.choice(AIMS[victim])
            action = chance.choice([Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_HALF])
            stage.share.order(action, victim, [phase], nth=chance.choice([1, 1, 2, 3, 5]))
        if not aimed or not wait_end(target, 8.0):
            time.sleep(chance.uniform(0.0, 1.0 if learner else 0.4))
            kill(target)
        stage.share.withdraw()
        report.kills[struck(stage, victim, aimed)] += 1
        if target is not host:
            kill(host)
        wrong = judge.judge()
        if victim is Role.LEARNER:
            wrong += learned.judge()
        for one in wrong:
            report.losses.append(f"run {report.runs} (seed {report.seed}): {one}")
        if run == runs - 1 or wrong:
            report.acknowledged += judge.acknowledged
        yield
        if wrong:
            return


def struck(stage: Stage, victim: Role, aimed: bool) -> str:
    """The phase that the killed process was in."""
    times, phase = stage.share.fired()
    if aimed and times > 0:
        return phase
    inside = [name for name in stage.share.inside(victim) if name != "other"]
    return inside[-1] if inside else "between"
