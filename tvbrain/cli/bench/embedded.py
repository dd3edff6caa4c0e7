"""`tvbrain bench embedded`: the brain inside a C program, through the hosts of tests/embedding, at full counts.

Each part runs in a process of its own on a directory of its own. A part that does not do what it must ends the run with
what it said; one that misses its bar is measured to the end, and the exit code is 1. `--library` takes an installed
libtvbrain.so.1, whose Python has the device's packages alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
from tvbrain.cli.output import Figure, Value
from tvbrain.errors import InvalidArgumentError, NotInstalledError, TvbrainError
from tvbrain.pack import demo_pack_path

READY, THREADS_S, HOLD_S, FORKS, REOPENS, BLOCKS, CALLS = 5, 60, 2, 1000, 200, 20, 5000
"""Full counts: processes, seconds, seconds, children, openings, blocks, slates a block."""

KIB_A_MB = 1e6 / 1024

AT_MOST = {
    "open_to_first_slate": 50.0,
    "open_to_learning": 1000.0,
    "pss": 64.0,
    "threads.slates_short": 0,
    "threads.faults": 0,
    "threads.events_not_learned": 0,
    "fork.failed": 0,
    "fork.hung": 0,
    "reopen.grown": 1.0,
    "reopen.initialised_again": 0,
}
"""What a figure may be, in its unit; of the two in milliseconds the middle one."""

AT_LEAST = {"lock.slates_meanwhile": 1000}

DIFFERENCE = (50.0, 10.0)
"""Of the blocks' tails while learning and while paused: µs, or percent of the latter; one of the two is enough."""


def add_options(bench: argparse.ArgumentParser) -> None:
    add = bench.add_argument
    folder = Path("build", "dev", "brain")
    add("--pack", type=Path, metavar="FILE", help="the pack (the demo's, if left out)")
    add("--programs", type=Path, default=folder, metavar="DIR", help=f"the built hosts ({folder})")
    add("--library", type=Path, metavar="FILE", help="libtvbrain.so.1 (the one beside the hosts)")
    add("--share", type=float, default=1.0, metavar="S", help="of the full counts (1)")
    add("--part", choices=PARTS, action="append", help="only this one; may be given several times")
    output.add_json_option(bench)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the parts run, and on what."""

    programs: Path
    library: Path
    pack: Path
    share: float
    scratch: Path

    def count(self, full: int, least: int = 1) -> int:
        return max(least, round(full * self.share))

    def ask(self, program: str, part: str, *words: str | int | Path) -> dict[str, float]:
        """The numbers that a host answers; TvbrainError with what it said where it fails."""
        command: list[str | Path] = [self.programs / program, self.library, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
            raise TvbrainError(f"{part}: {said}")
        answer = json.loads(done.stdout)
        return {key: value for key, value in answer.items() if isinstance(value, (int, float))}

    def host(self, deed: str, *words: str | int | Path, turn: int = 0) -> dict[str, float]:
        return self.ask("host", deed, deed, self.scratch / f"{deed}{turn}", self.pack, *words)


def run(arguments: argparse.Namespace) -> int:
    library = arguments.library or arguments.programs / "libtvbrain.so.1"
    for needed in (arguments.programs / "host", library):
        if not needed.exists():
            raise NotInstalledError(
                f"{needed} is not built: cmake --build --preset dev in the source tree"
            )
    if not arguments.share > 0:
        raise InvalidArgumentError(f"--share: {arguments.share} is not above 0")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as folder:
        pack = programs.pack_of(arguments).resolve()
        stage = Stage(
            arguments.programs.resolve(), library.resolve(), pack, arguments.share, Path(folder)
        )
        for part in arguments.part or PARTS:
            if not arguments.json:
                output.note(part)
            figures += PARTS[part](stage)
    common: dict[str, Value] = {"pack": pack.name, "load_average": round(os.getloadavg()[0], 2)}
    programs.finish(arguments, common, figures)
    missed = [figure.name for figure in figures if is_missed(figure)]
    if missed:
        output.note(f"bars missed: {', '.join(missed)}")
    return exits.FAILED if missed else exits.OK


def is_missed(figure: Figure) -> bool:
    """Whether a figure has a bar and does not meet it."""
    value = _number(figure.value)
    if figure.name == "blocks.difference":
        us, percent = DIFFERENCE
        return value > us and _number(figure.given["percent"]) > percent
    least, most = AT_LEAST.get(figure.name, value), AT_MOST.get(figure.name, value)
    return not least <= value <= most


def _number(value: Value) -> float:
    assert isinstance(value, int | float), value
    return value


def _ready(stage: Stage) -> Iterator[Figure]:
    """Starting, and the memory after 200 events, a lesson and 200 slates; the first process finds nothing cached."""
    runs = [stage.host("ready", turn=turn) for turn in range(stage.count(READY, 2))]
    for name, field, unit, scale in (
        ("open_to_first_slate", "first_ms", "ms", 1.0),
        ("open_to_first_slate.processor", "first_cpu_ms", "ms", 1.0),
        ("open_to_first_slate.page_faults", "first_faults", "", 1.0),
        ("open_to_learning", "learning_ms", "ms", 1.0),
        ("pss", "pss_kib", "MB", KIB_A_MB),
        ("pss.anonymous", "anonymous_kib", "MB", KIB_A_MB),
        ("pss.libraries", "libraries_kib", "MB", KIB_A_MB),
        ("pss.pack", "pack_kib", "MB", KIB_A_MB),
    ):
        values = sorted(one[field] / scale for one in runs)
        given = {"worst": round(values[-1], 2)}
        yield Figure(name, round(values[len(values) // 2], 2), unit, len(values), given)


def _threads(stage: Stage) -> Iterator[Figure]:
    """Eight threads observe, recommend, search, learn and swap packs."""
    packs = [stage.scratch / "a.tvpack", stage.scratch / "b.tvpack"]
    for pack in packs:
        shutil.copy(demo_pack_path(), pack)
    seconds = stage.count(THREADS_S, 2)
    data = stage.scratch / "threads"
    found = stage.ask("host", "threads", "threads", data, packs[0], seconds, *packs)
    for name in ("observes", "recommends", "searches", "swaps", "lessons", "snapshots"):
        yield Figure(f"threads.{name}", int(found[name]))
    yield Figure("threads.slates_short", int(found["short"]))
    yield Figure("threads.faults", int(found["faults"]))
    yield Figure("threads.events_not_learned", int(found["observes"] - found["learned"]))


def _lock(stage: Stage) -> Iterator[Figure]:
    """A thread holds the interpreter's lock in C while 1,000 slates are made and events observed."""
    found = stage.host("lock", HOLD_S)
    given = {"held_s": HOLD_S, "worst_us": found["worst_us"]}
    yield Figure("lock.slates_meanwhile", int(found["during"]), given=given)


def _fork(stage: Stage) -> Iterator[Figure]:
    """Children of a process that learns, observes and recommends."""
    found = stage.host("fork", stage.count(FORKS))
    for name in ("forks", "failed", "hung"):
        yield Figure(f"fork.{name}", int(found[name]))


def _reopen(stage: Stage) -> Iterator[Figure]:
    """dlopen, open, learn, close, dlclose; memory grown since the 21st time."""
    times = stage.count(REOPENS, 25)
    found = stage.host("reopen", times)
    grown = (found["after_kib"] - found["before_kib"]) / 1024
    yield Figure("reopen.grown", round(grown, 3), "MiB", times)
    yield Figure("reopen.initialised_again", int(found["moved"]), n=times)


def _blocks(stage: Stage) -> Iterator[Figure]:
    """Slates while learning runs and while it is paused, in turns."""
    blocks, calls = 2 * stage.count(BLOCKS // 2), stage.count(CALLS, 500)
    words = (stage.scratch / "blocks", stage.pack, blocks, calls)
    found = stage.ask("blocks", "blocks", *words)
    for kind in ("running", "paused"):
        given = {
            "blocks": blocks // 2,
            "lessons": found[f"lessons_{kind}"],
            "preempted": found[f"preempted_{kind}"],
        }
        yield Figure(f"blocks.{kind}.p99.9", found[f"{kind}_us"], "us", blocks // 2 * calls, given)
    difference = round(found["running_us"] - found["paused_us"], 1)
    share = round(100 * difference / found["paused_us"], 1)
    yield Figure("blocks.difference", difference, "us", given={"percent": share})


PARTS = {
    "ready": _ready,
    "threads": _threads,
    "lock": _lock,
    "fork": _fork,
    "reopen": _reopen,
    "blocks": _blocks,
}
