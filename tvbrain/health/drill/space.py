"""The space drill: no space and I/O errors at every operation, and a disk that is really full.

An error must be named by its cause, must cost nothing that was acknowledged, and must be over when
the disk has recovered: without a restart.
"""

from __future__ import annotations

import errno
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tvbrain.health.drill.judge import Judge
from tvbrain.health.drill.kill import AIMS, Progress, Report
from tvbrain.health.drill.ledger import SERVING
from tvbrain.health.drill.share import Action, Role
from tvbrain.health.drill.stage import Process, Stage, Tools, kill

_NAMES = {errno.ENOSPC: "TVB_E_NO_SPACE", errno.EIO: "TVB_E_IO"}
_FULL_MIB = 8
MOST_RECOVERY_S = 15.0
"""How long after an error the host may go on refusing; syncs are tried again every 5 s."""


@dataclass(frozen=True, slots=True)
class _Case:
    phase: str
    error: int
    times: int  # 0: until the disk recovers
    short: bool  # the first write is cut before writes fail
    killed: bool = False  # while the disk is still failing, a good while after it began

    def __str__(self) -> str:
        often = "once" if self.times == 1 else "always"
        how = " after a short write" * self.short + " and killed then" * self.killed
        return f"{errno.errorcode[self.error]} {often}{how}"


def _cases() -> list[_Case]:
    cases = [
        _Case(phase, error, times, short)
        for phase in AIMS[Role.HOST]
        for error in _NAMES
        for times, short in ((1, False), (0, False), (0, True))
        if not short or phase in ("append", "prepare", "checkpoint", "profiles")
    ]
    killed = [
        _Case(phase, error, 0, False, killed=True) for phase in AIMS[Role.HOST] for error in _NAMES
    ]
    return cases + killed


def drill(tools: Tools, folder: Path, *, count: int, seed: int, progress: Progress) -> Report:
    """Run `count` error cases (drawn from all, or all of them if there are fewer), then a full disk."""
    report = Report("space", seed)
    chance = random.Random(seed)
    cases = _cases()
    chance.shuffle(cases)
    cases = cases[:count]
    stage = Stage(folder, tools, seed=seed)
    judge = Judge(stage, refusals=True)
    try:
        for case in cases:
            host = stage.start_host()
            stage.wait_serving(host)
            wrong = _suffer(stage, case, chance, report)
            kill(host)
            stage.share.withdraw(0)
            wrong += judge.judge()
            report.losses += [f"{case.phase}, {case}: {one}" for one in wrong]
            report.kills[case.phase] += 1
            report.runs += 1
            progress(report.runs, len(cases) + 1)
            if wrong:
                break
    finally:
        report.acknowledged, report.figures["refused"] = judge.acknowledged, float(judge.refused)
        stage.close()
    if report.good:
        _full_disk(tools, folder, seed, report)
        progress(len(cases) + 1, len(cases) + 1)
    return report


def _suffer(stage: Stage, case: _Case, chance: random.Random, report: Report) -> list[str]:
    """Let the case happen to the running host, and see that it recovers."""
    ledger, share = stage.ledger, stage.share
    refused = ledger.get("refused")
    time.sleep(chance.uniform(0.02, 0.1))
    failing = 1
    if case.short:
        share.order(Action.SHORT, Role.HOST, [case.phase], place=1)
        failing = 2
    share.order(
        Action.FAIL, Role.HOST, [case.phase], nth=failing, error=case.error, times=case.times
    )
    deadline = time.monotonic() + 8.0
    while share.fired()[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.005)
    met = share.fired()[0] > 0
    if case.times == 0:
        time.sleep(1.5 if case.killed else 0.2)
    report.figures["errors met"] = report.figures.get("errors met", 0.0) + met
    if case.killed:
        return []
    share.withdraw(0)
    share.withdraw(1)
    if ledger.get("refused") > refused and _NAMES[case.error] not in ledger.error:
        return [f"the error is not named by its cause: {ledger.error}"]
    return _recover(stage)


def _recover(stage: Stage) -> list[str]:
    """Wait until a good many events in a row are acknowledged."""
    ledger = stage.ledger
    deadline = time.monotonic() + MOST_RECOVERY_S
    while time.monotonic() < deadline:
        refused, begun = ledger.get("refused"), ledger.get("next")
        time.sleep(0.1)
        if ledger.get("state") != SERVING:
            return [f"the host has ended: {ledger.error}"]
        if ledger.get("refused") == refused and ledger.get("next") >= begun + 100:
            return []
    return [f"does not work again after {MOST_RECOVERY_S:.0f} s: {ledger.error}"]


# ---- a disk that is really full ----


def _full_disk(tools: Tools, folder: Path, seed: int, report: Report) -> None:
    place = folder / "full"
    place.mkdir()
    with _small_disk(place) as mounted:
        if not mounted:
            report.figures["full disk"] = 0.0  # may not mount here
            return
        stage_folder = folder / "full-stage"
        stage_folder.mkdir()
        stage = Stage(stage_folder, tools, seed=seed)
        stage.data = place / "data"
        judge = Judge(stage, refusals=True)
        try:
            wrong = _fill_and_free(stage, place)
            for process in stage.running():
                kill(process)
            wrong += judge.judge()
        finally:
            stage.close()
        report.losses += [f"full disk: {one}" for one in wrong]
        report.figures["full disk"] = 1.0
        report.figures["refused on the full disk"] = float(judge.refused)


def _fill_and_free(stage: Stage, place: Path) -> list[str]:
    host = stage.start_host(rate=2000)
    stage.wait_serving(host)
    filler = place / "filler"
    wrong = []
    for _ in range(3):
        _fill(filler)
        wrong += _wait_refused(stage, host)
        filler.unlink()
        wrong += _recover(stage)
    return wrong


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        size = 1 << 16
        while size >= 512:
            try:
                file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


def _wait_refused(stage: Stage, host: Process) -> list[str]:
    """Keep the disk full until events are refused, for that reason."""
    ledger = stage.ledger
    before = ledger.get("refused")
    deadline = time.monotonic() + 20.0
    while ledger.get("refused") == before:
        if host.poll() is not None or time.monotonic() > deadline:
            return [f"a full disk refuses nothing: {ledger.error or host.returncode}"]
        time.sleep(0.01)
    named = ledger.error
    return [] if "TVB_E_NO_SPACE" in named else [f"the error is not named by its cause: {named}"]


@contextmanager
def _small_disk(place: Path) -> Iterator[bool]:
    """A tmpfs on `place`; False where this user may not mount one."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={_FULL_MIB}m,mode=0700", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and (
        subprocess.run(words, capture_output=True, check=False).returncode == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=True)
