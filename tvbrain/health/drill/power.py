"""The power drill: record an hour of work in seconds, then cut the power at many points of it.

Each cut builds the directory as the disk might have it (`disk`), reads it with the core, and checks
that what had to be durable by then is there, that the folded state is exactly what the journal and
the snapshot or checkpoint say, and that nothing of the learner's is ahead of the journal.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tvbrain.health.drill.disk import Disk, Entry, Op, read_trace
from tvbrain.health.drill.judge import LAST_HOST_KIND, State, compare, read_state, some
from tvbrain.health.drill.kill import Progress, Report
from tvbrain.health.drill.ledger import ACKNOWLEDGED, DURABLE_MS, PLAY_START, Events
from tvbrain.health.drill.stage import Stage, Tools, kill

_CHANGE_BEGUN, _CHANGE_DONE = 17, 18
_RECORD = struct.Struct("<IHBBQ")
_POSITION_AT = _RECORD.size + 40
FAULT_PROFILES_LOST, FAULT_SNAPSHOT = 1, 4
GRACE_MS = 500
"""How late a due sync may begin on a busy machine before the drill calls it a loss."""


def drill(
    tools: Tools,
    folder: Path,
    *,
    count: int,
    seed: int,
    seconds: float,
    learner: bool,
    progress: Progress,
    disk: type[Disk] = Disk,
) -> Report:
    """Let host and learner work for `seconds`, then judge `count` power cuts of such a `disk`."""
    report = Report("power with learner" if learner else "power", seed)
    stage = Stage(folder, tools, seed=seed, trace=True)
    try:
        _work(stage, seconds, learner)
        trace = list(read_trace(folder / "trace"))
        _judge_cuts(stage, trace, disk(), count, random.Random(seed), report, progress)
    finally:
        stage.close()
    return report


def _work(stage: Stage, seconds: float, learner: bool) -> None:
    host = stage.start_host(threads=2, rate=1000)
    stage.wait_serving(host)
    learning = stage.start_learner() if learner else None
    time.sleep(seconds / 2)
    # What syncs at once would hide whether the timer of the other classes works: half the time without.
    stage.ledger.set("calm_from", stage.ledger.get("next") + 500)
    time.sleep(seconds / 2)
    for process in (learning, host):
        if process is not None:
            kill(process)


@dataclass(slots=True)
class _Known:
    """What the trace tells up to a point: when events were acknowledged, where they stand."""

    acknowledged: dict[int, int] = field(default_factory=dict)  # counter: ns
    begun: set[int] = field(default_factory=set)
    counter_of: dict[int, int] = field(default_factory=dict)  # by sequence
    change_done: int = 0
    change_begun: int = 0
    unsynced: dict[int, list[int]] = field(default_factory=dict)  # counters, by the file's inode
    syncs: dict[int, int] = field(default_factory=dict)  # by number: how many of those it covers
    exposed_ns: dict[int, int] = field(default_factory=dict)  # counter: from acknowledged to synced

    def take(self, entry: Entry) -> None:
        if entry.path.endswith(".tvj") and entry.op is Op.SYNC_BEGIN:
            self.syncs[entry.offset] = len(self.unsynced.get(entry.inode, []))
        elif entry.path.endswith(".tvj") and entry.op is Op.SYNC_END and not entry.failed:
            waiting = self.unsynced.get(entry.inode, [])
            covered = min(self.syncs.pop(entry.offset), len(waiting))
            for counter in waiting[:covered]:
                since = self.acknowledged.get(counter, entry.ns)
                self.exposed_ns[counter] = entry.ns - since
            del waiting[:covered]
        if entry.op is Op.MARK:
            if entry.offset == 1:
                self.begun.add(entry.inode)
            elif entry.offset == ACKNOWLEDGED:
                self.acknowledged[entry.inode] = entry.ns
            elif entry.offset == _CHANGE_BEGUN:
                self.change_begun = entry.inode
            elif entry.offset == _CHANGE_DONE:
                self.change_done = entry.inode
        elif entry.op is Op.WRITE and entry.path.endswith(".tvj") and entry.offset >= 64:
            _, _, kind, _, seq = _RECORD.unpack_from(entry.data)
            if 0 < kind <= LAST_HOST_KIND:
                (counter,) = struct.unpack_from("<I", entry.data, _POSITION_AT)
                self.counter_of[seq] = counter
                self.unsynced.setdefault(entry.inode, []).append(counter)


def _judge_cuts(
    stage: Stage,
    trace: list[Entry],
    disk: Disk,
    count: int,
    chance: random.Random,
    report: Report,
    progress: Progress,
) -> None:
    cuts = Counter(chance.choices(_interesting(trace), k=count))
    known = _Known()
    for index, entry in enumerate(trace):
        for _ in range(cuts[index]):
            place = stage.folder / "cut"
            disk.cut(place, chance)
            for wrong in _judge(stage, place, known, entry.ns, report):
                report.losses.append(f"cut {report.runs} at entry {index}: {wrong}")
            if report.losses:
                report.losses.append(f"the directory is kept: {place}")
                return
            shutil.rmtree(place)
            report.kills[f"{entry.op.name.lower()} {_kind_of(entry)}".strip()] += 1
            report.runs += 1
            progress(report.runs, count)
        disk.feed(entry)
        known.take(entry)
    report.acknowledged = len(known.acknowledged)
    _exposed(stage, known, report)


def _exposed(stage: Stage, known: _Known, report: Report) -> None:
    """How long a power cut could have taken events that were acknowledged, over all of the trace."""
    counters = np.array(sorted(known.exposed_ns), dtype=np.int64)
    kinds = stage.ledger.stream(counters).kind
    exposed = np.array([known.exposed_ns[int(c)] for c in counters]) / 1e6
    for bound in sorted(set(DURABLE_MS.values())):
        of_class = exposed[np.isin(kinds, [k for k, ms in DURABLE_MS.items() if ms == bound])]
        if len(of_class):
            figure = f"longest unsynced of class {bound} ms, in ms"
            report.figures[figure] = round(max(0.0, float(of_class.max())), 1)


def _interesting(trace: list[Entry]) -> list[int]:
    """Places in the trace to cut at: every kind of operation as often as every other."""
    places: dict[tuple[Op, str], list[int]] = {}
    for index, entry in enumerate(trace):
        places.setdefault((entry.op, _kind_of(entry)), []).append(index)
    most = max(len(each) for each in places.values())
    chosen = [index for each in places.values() for index in each * max(1, most // len(each) // 4)]
    return chosen


def _kind_of(entry: Entry) -> str:
    """The file of an entry without the numbers in its name."""
    if entry.path.endswith((".tvj", ".tvs", ".tvs.tmp")) and "checkpoint" not in entry.path:
        return f"{entry.path.rpartition('/')[0]}/*.{entry.path.partition('.')[2]}"
    return entry.path


def _judge(stage: Stage, place: Path, known: _Known, now_ns: int, report: Report) -> list[str]:
    if not (place / "journal").is_dir():
        return ["acknowledged, and no journal"] if known.acknowledged else []
    state = read_state(stage.tools, place, stage.pack, stage.ledger.items, 0)
    if isinstance(state, str):
        return [f"does not open: {state}"]
    wrong = _durable(stage, state, known, now_ns, report)
    wrong += _exact(stage, state, known)
    wrong += _profiles(state, known)
    if state["faults"] & FAULT_SNAPSHOT or state["snapshot_detail"]:
        wrong.append(f"snapshot: {state['snapshot_detail']} {state['detail']}")
    if max(state["learned_seq"], state["floor"]) > state["last_seq"]:
        wrong.append(
            f"learned {state['learned_seq']}, floor {state['floor']}, journal to {state['last_seq']}"
        )
    return wrong + _database(place, state)


def _durable(stage: Stage, state: State, known: _Known, now_ns: int, report: Report) -> list[str]:
    """Every event whose time has come is in the journal, or folded from before its first segment."""
    base = max(state["learned_seq"], state["checkpoint_seq"])
    there = {event[3] for event in state["events"] if event[1] <= LAST_HOST_KIND}
    there |= {counter for seq, counter in known.counter_of.items() if seq <= base}
    counters = np.array(sorted(known.acknowledged), dtype=np.int64)
    if len(counters) == 0:
        return []
    ages = (now_ns - np.array([known.acknowledged[int(c)] for c in counters])) / 1e6
    kinds = stage.ledger.stream(counters).kind
    lost = ~np.isin(counters, np.fromiter(there, dtype=np.int64, count=len(there)))
    wrong = []
    for kind, bound in DURABLE_MS.items():
        of_kind = lost & (kinds == kind)
        if not of_kind.any():
            continue
        oldest = float(ages[of_kind].max())
        figure = f"oldest event lost of class {bound} ms, in ms"
        report.figures[figure] = max(report.figures.get(figure, 0.0), round(oldest, 1))
        late = of_kind & (ages > (bound + GRACE_MS if bound else 0))
        if late.any():
            wrong.append(
                f"kind {kind} lost {oldest:.0f} ms after it was acknowledged: {some(counters[late])}"
            )
    return wrong


def _exact(stage: Stage, state: State, known: _Known) -> list[str]:
    """The live state is that of the base's events and of the journal's after it, each once."""
    wrong = [] if state["ordered"] else ["the journal's sequence does not increase"]
    base = max(state["learned_seq"], state["checkpoint_seq"])
    counted = [counter for seq, counter in known.counter_of.items() if seq <= base]
    for seq, kind, _, counter in state["events"]:
        if kind <= LAST_HOST_KIND and known.counter_of.get(seq) != counter:
            wrong.append(f"event {counter} stands at sequence {seq}, where it was not written")
        if kind <= LAST_HOST_KIND and seq > base:
            counted.append(counter)
    if len(counted) != len(set(counted)):
        wrong.append("an event stands twice in the journal")
    events: Events = stage.ledger.stream(np.array(counted, dtype=np.int64))
    for profile in range(1, stage.ledger.viewers + 1):
        live = state["live"].get(str(profile), {"touch": 0, "plays": [0] * stage.ledger.items})
        mine = events.profile == profile
        expected = int(mine.sum())
        wrong += compare(f"records of profile {profile}", live["touch"], expected, expected)
        started = events.item[mine & (events.kind == PLAY_START)]
        plays = np.bincount(started, minlength=stage.ledger.items)
        if plays.tolist() != live["plays"]:
            wrong.append(f"plays of profile {profile} differ")
    return wrong


def _profiles(state: State, known: _Known) -> list[str]:
    wrong = []
    if state["faults"] & FAULT_PROFILES_LOST:
        wrong.append(f"profiles lost: {state['detail']}")
    name, max_age = state["profiles"].get("2", ["", 0])
    allowed = [
        (f"viewer-{n}", n % 19) for n in range(max(known.change_done, 1), known.change_begun + 1)
    ]
    if known.change_done == 0:
        allowed += [("viewer 2", 18), ("", 0)]
    if (name, max_age) not in allowed:
        wrong.append(
            f"profile 2 is {name!r} up to {max_age}: {known.change_done} changes were made"
        )
    return wrong


def _database(place: Path, state: State) -> list[str]:
    """brain.db is whole."""
    path = place / "brain.db"
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(path)) as database:
            (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        return [f"brain.db: {error}"]
    return [] if verdict == "ok" else [f"brain.db: {verdict}"]
