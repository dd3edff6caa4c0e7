"""What a data directory holds, as plain values: for `tvbrain inspect`.

Reads only, takes no lock and so works beside a running brain. What cannot be read is said in
`damage` and left out; the rest is there all the same. Keys are 16 hexadecimal digits, times
milliseconds since the epoch.
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvbrain.errors import FileError
from tvbrain.events import KINDS_BY_CODE
from tvbrain.learning.blender import TEMPERATURE
from tvbrain.memory.fold import EntryFlag, HistoryFold
from tvbrain.pack.reader import PackFile
from tvbrain.store import journal, profiles
from tvbrain.store import snapshot as store
from tvbrain.store.snapshot import Snapshot

Facts = dict[str, Any]
Naming = Callable[[int], Facts]
"""What is known of a key beside its digits: `{"id": …, "title": …}`, or nothing."""


def unnamed(key: int) -> Facts:
    """Naming without a pack."""
    return {}


def hexadecimal(key: int) -> str:
    return f"{key:016x}"


def snapshots(data: Path, damage: list[str]) -> list[Facts]:
    """Every generation in `snapshot/`, oldest first."""
    folder = data / "snapshot"
    found = []
    for generation in store.generations(folder):
        path = store.path_of(folder, generation)
        facts: Facts = {"generation": generation, "file": path.name, "usable": False}
        try:
            facts |= {"usable": True, **describe_snapshot(store.read(path))}
        except FileError as error:
            damage.append(str(error))
        found.append(facts)
    damage += [f"{path}: set aside" for path in sorted(folder.glob("*.newer"))]
    return found


def describe_snapshot(snapshot: Snapshot) -> Facts:
    """Its sections in figures."""
    return {
        "journal_id": hexadecimal(snapshot.journal_id),
        "learned_seq": snapshot.learned_seq,
        "created_ms": snapshot.created_ms,
        "erasure_epoch": snapshot.erasure_epoch,
        "space_id": hexadecimal(snapshot.space_id),
        "dimension": snapshot.dimension,
        "histories": len(HistoryFold(snapshot.folds).profiles()),
        "interests": len(snapshot.interests),
        "weights": [
            {"profile": int(row["profile"]), "q12": [int(w) for w in row["weights_q12"]]}
            for row in snapshot.weights
        ],
        "factors": [
            {
                "profile": int(row["profile"]),
                "version": int(row["version"]),
                "sds": deviations([int(value) for value in row["factor_q20"]]),
            }
            for row in snapshot.factors
        ],
        "affinities": len(snapshot.affinities),
        "row_use": len(snapshot.row_use),
        "channels": len(snapshot.channels),
        "patterns": len(snapshot.patterns),
        "of_the_week": [
            {
                "id": hexadecimal(int(row["id"])),
                "profile": int(row["profile"]),
                "dayparts": [part for part in range(8) if int(row["dayparts"]) >> part & 1],
                "weekdays": [day for day in range(7) if int(row["weekdays"]) >> day & 1],
                "weight": round(int(row["weight_q12"]) / 4096, 4),
            }
            for row in snapshot.patterns
        ],
        "slate_places": len(snapshot.slates),
    }


def deviations(factor_q20: list[int]) -> list[float]:
    """The standard deviations of a profile's weights, from the triangle with which they are sampled."""
    found: list[float] = []
    at = 0
    while at < len(factor_q20):
        row = factor_q20[at : at + len(found) + 1]
        found.append(round(math.hypot(*row) / 2**20 / TEMPERATURE, 4))
        at += len(row)
    return found


def floor(data: Path, journal_id: int, damage: list[str]) -> int:
    """Sequence below which journal segments may go; 0 if none is said or it cannot be read."""
    try:
        return store.read_floor(data / "snapshot", journal_id)
    except FileError as error:
        damage.append(str(error))
        return 0


def newest_history(data: Path, damage: list[str]) -> tuple[HistoryFold, int, int]:
    """The newest folded history on disk, the sequence that it reaches, and its journal's id: from
    the snapshots or the journal's checkpoint. Empty, 0 and 0 without any.
    """
    newest = store.load(data / "snapshot").snapshot
    checkpoint = data / "journal" / "checkpoint.tvs"
    if checkpoint.exists():
        try:
            folded = store.read(checkpoint)
            if (
                newest is None
                or newest.journal_id != folded.journal_id
                or newest.learned_seq < folded.learned_seq
            ):
                newest = folded
        except FileError as error:
            damage.append(str(error))
    if newest is None:
        return HistoryFold(), 0, 0
    return HistoryFold(newest.folds), newest.learned_seq, newest.journal_id


def histories(fold: HistoryFold, naming: Naming) -> list[Facts]:
    """Each profile's folded history, its entries latest first."""
    return [_history(fold, profile, naming) for profile in fold.profiles()]


def _history(fold: HistoryFold, profile: int, naming: Naming) -> Facts:
    info = fold.info(profile)
    rows = zip(fold.entries(profile), fold.strengths_q12(profile), strict=True)
    entries = [
        {
            "key": hexadecimal(int(row["key"])),
            **naming(int(row["key"])),
            "strength": round(int(strength) / 4096, 4),
            "flags": flag_names(int(row["flags"])),
            "last_ms": int(row["last_ms"]),
            "touch": int(row["touch"]),
            "ordinal": int(row["ordinal"]),
            "plays": int(row["plays"]),
            "watched": int(row["watched_e4"]) / 10000,
            "resume_s": int(row["resume_s"]),
            "duration_s": int(row["duration_s"]),
            "episode": [int(row["season"]), int(row["episode"])],
            "finished_episode": [int(row["done_season"]), int(row["done_episode"])],
            "impressions": int(row["impressions"]),
        }
        for row, strength in rows
    ]
    entries.sort(key=lambda entry: -int(entry["touch"]))
    return {
        "profile": profile,
        "records": info.touch,
        "ordinal": info.ordinal,
        "listed": info.listed,
        "last_ms": info.last_ms,
        "session": hexadecimal(info.session),
        "session_start_ms": info.session_start_ms,
        "entries": entries,
        "kept": [
            {"key": hexadecimal(int(row["key"])), **naming(int(row["key"])),
             "flags": flag_names(int(row["flags"])), "touch": int(row["touch"])}
            for row in fold.kept(profile)
        ],
    }  # fmt: skip


def flag_names(flags: int) -> list[str]:
    """Names of the bits that are on; a bit of a later version as its number."""
    return [flag.name.lower() if flag.name else hex(flag) for flag in EntryFlag(flags)]


def journal_facts(data: Path, damage: list[str]) -> Facts:
    """The journal's segments."""
    info = journal.info(data)
    damage += [f"journal: {line}" for line in info.set_aside.splitlines()]
    damage += [
        f"journal/{one.name}: torn after sequence {one.last_seq}"
        for one in info.segments
        if one.torn
    ]
    return {
        "journal_id": hexadecimal(info.journal_id),
        "last_seq": info.last_seq,
        "segments": [dataclasses.asdict(one) for one in info.segments],
    }


def profile_facts(data: Path, damage: list[str]) -> Facts:
    """The profiles as serving would use them."""
    stored = profiles.read(data)
    damage += stored.detail.splitlines()
    return {
        "generation": stored.generation,
        "state": stored.state.name.lower(),
        "erasure_epoch": stored.erasure_epoch,
        "profiles": [dataclasses.asdict(one) for one in stored.profiles],
    }


def _event(row: Any, naming: Naming) -> Facts:
    kind = KINDS_BY_CODE.get(int(row["kind"]))
    item = int(row["item"])
    return {
        "seq": int(row["seq"]),
        "kind": kind.name if kind else f"unknown {int(row['kind'])}",
        "profile": int(row["profile"]),
        "at_ms": int(row["at_ms"]),
        "key": hexadecimal(item) if item else "",
        **(naming(item) if item else {}),
        "session": hexadecimal(int(row["session"])),
        "position_s": int(row["position_s"]),
        "duration_s": int(row["duration_s"]),
        "watched": int(row["watched_e4"]) / 10000,
        "rating": int(row["rating_e4"]) / 10000,
        "fields": int(row["fields"]),
        "added_bytes": int(row["added_size"]),
    }


def pack_naming(pack: PackFile) -> Naming:
    """Ids and titles of the keys that a pack knows."""
    rows = {int(record["key"]): int(record["row"]) for record in pack.keys}

    def name(key: int) -> Facts:
        row = rows.get(key)
        if row is None:
            return {}
        title = pack.title(row)
        return {"id": title.id, "title": title.title}

    return name


def contents(data: Path, events: int, naming: Naming = unnamed) -> Facts:
    """Everything below `data`; of the journal the last `events` records. Histories are those of the
    newest snapshot or checkpoint with the journal's tail folded in: what serving knows now.
    """
    damage: list[str] = []
    found: Facts = {"data": str(data), "journal": journal_facts(data, damage)}
    fold, seq, journal_id = newest_history(data, damage)
    last: deque[Facts] = deque(maxlen=events)
    for batch in journal.read_after(data, 0, 0):
        if journal_id in (0, batch.journal_id):
            fold.apply(batch.events[batch.events["seq"] > seq], batch.added)
        last.extend(_event(row, naming) for row in batch.events[-events:] if events)
    found["events"] = list(last)
    found["profiles"] = profile_facts(data, damage)
    found["snapshots"] = snapshots(data, damage)
    found["floor"] = floor(data, journal_id or int(found["journal"]["journal_id"], 16), damage)
    found["folded_seq"] = max(seq, int(found["journal"]["last_seq"]))
    found["histories"] = histories(fold, naming)
    found["damage"] = damage
    return found
