"""The probes of a brain at work: nine things that it cannot do without. Each is asked, none raises."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tvbrain.health.machine import memory_kib
from tvbrain.health.probes import MIN_FREE_MIB, Finding, Verdict

NEEDED_MIB = 8
"""Room on the disk for two journal segments, a snapshot beside the old ones, and a checkpoint of the database."""
NONE_LEFT_MIB = 2
"""With less the next journal segment cannot be made: events are refused."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """What the planes say of themselves. `serving`: tvb_health_info by field. `damage`: why nothing is learned, None
    where nothing is to be, as in a brain that is open read-only. `failing`: loops and their errors; `late`: loops that
    should have run a period of theirs ago, and a day. `dimension`: of the packs' vectors, 0 without any, None as
    `damage`. `now`: seconds since 1970.
    """

    data_dir: Path
    serving: Mapping[str, object]
    faults: Collection[str]
    damage: str | None
    failing: Mapping[str, str]
    late: Sequence[str]
    dimension: int | None
    now: float
    clock_trusted: bool


def vital_signs(told: Told, root: Path = Path("/")) -> tuple[Finding, ...]:
    """journal, database, snapshot, packs, index, loops, disk, memory, clock, in this order. `root` has /proc."""
    probes: tuple[Callable[[Told], Finding], ...] = (
        _journal,
        _database,
        _snapshot,
        _packs,
        _index,
        _loops,
        _disk,
        lambda _: _memory(root),
        _clock,
    )
    return tuple(probe(told) for probe in probes)


def _journal(told: Told) -> Finding:
    value = f"{told.serving['segments']} segments, record {told.serving['last_seq']}"
    if "journal" in told.faults:
        return Finding("journal", value, "failed", f"events are refused: {told.serving['detail']}")
    if lost := [name for name in ("gap", "torn") if name in told.faults]:
        return Finding("journal", value, "warning", f"{' and '.join(lost)}: tvb_health_info.detail")
    return Finding("journal", value)


def _database(told: Told) -> Finding:
    if told.damage is None:
        return Finding("database", "not open here")
    if told.damage:
        return Finding("database", told.damage, "failed", "Brain.recover, tvbrain recover")
    return Finding("database", "open")


def _snapshot(told: Told) -> Finding:
    generation = told.serving["snapshot_generation"]
    if "snapshot" in told.faults:
        return Finding(
            "snapshot", f"generation {generation}", "warning", "a damaged one was left out"
        )
    if not generation:
        return Finding("snapshot", "none", "warning", "made once something is learned")
    return Finding("snapshot", f"generation {generation}")


def _packs(told: Told) -> Finding:
    value = f"{told.serving['packs']} packs, {told.serving['items']} titles"
    if "pack" in told.faults:
        return Finding("packs", value, "failed", f"install a sound pack: {told.serving['detail']}")
    return Finding("packs", value)


def _index(told: Told) -> Finding:
    if told.dimension is None:
        return Finding("index", "not open here")
    if told.dimension == 0:
        advice = (
            "no title is found by its description, none is alike by it: build the pack with a model"
        )
        return Finding("index", "the packs have no vectors", "warning", advice)
    return Finding("index", f"{told.dimension} dimensions")


def _loops(told: Told) -> Finding:
    if told.failing:
        value = "; ".join(f"{name}: {error}" for name, error in told.failing.items())
        return Finding("loops", value, "failed", "each is tried again; mend what it names")
    if told.late:
        return Finding(
            "loops", f"late: {', '.join(told.late)}", "warning", "is it always playback?"
        )
    return Finding("loops", "on time")


def _disk(told: Told) -> Finding:
    try:
        space = os.statvfs(told.data_dir)
    except OSError as error:
        return Finding("disk", str(error), "failed", "the data directory cannot be asked")
    free = space.f_bavail * space.f_frsize // MIB
    if space.f_flag & os.ST_RDONLY:
        return Finding("disk", "mounted read-only", "failed", "remount it for writing")
    if free < NEEDED_MIB:
        verdict: Verdict = "failed" if free < NONE_LEFT_MIB else "warning"
        return Finding("disk", f"{free} MiB free", verdict, f"{NEEDED_MIB} MiB are needed")
    return Finding("disk", f"{free} MiB free")


def _memory(root: Path) -> Finding:
    available = memory_kib("MemAvailable", root)
    if available is None:
        return Finding("memory", "unknown", "warning", "/proc/meminfo is not readable")
    value = f"{available // 1024} MiB available"
    if available // 1024 < MIN_FREE_MIB:
        return Finding("memory", value, "warning", f"serving and brain may use {MIN_FREE_MIB} MiB")
    return Finding("memory", value)


def _clock(told: Told) -> Finding:
    try:
        value = datetime.fromtimestamp(told.now, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        value = f"{told.now} s since 1970"
    if told.clock_trusted:
        return Finding("clock", value)
    advice = "times of day count for nothing until the host says that the clock is right (hint time_trusted)"
    return Finding("clock", value, "warning", advice)
