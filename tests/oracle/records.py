"""The oracle's records as the journal's, and histories of both in one shape."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.oracle.fold import KINDS, History, Record
from tvbrain._native.arrays import EVENT, Rows
from tvbrain.memory.fold import EntryFlag, HistoryFold

PROFILE = 3
HAS_WATCHED, HAS_RATING, HAS_POSITION, HAS_DURATION, HAS_EPISODE, UNTRUSTED = 1, 2, 4, 8, 16, 128


def batch(records: Sequence[Record]) -> tuple[Rows, bytes]:
    """Rows of EVENT and their added bytes."""
    rows = np.zeros(len(records), EVENT)
    added = bytearray()
    for i, record in enumerate(records):
        row = rows[i]
        row["seq"] = i + 1
        row["kind"] = record.kind
        row["item"] = record.item
        row["at_ms"] = record.at_ms
        row["profile"] = PROFILE
        row["session"] = record.session
        given = {
            HAS_POSITION: ("position_s", record.position),
            HAS_DURATION: ("duration_s", record.duration),
            HAS_WATCHED: ("watched_e4", record.watched),
            HAS_RATING: ("rating_e4", record.rating),
        }
        fields = 0 if record.trusted else UNTRUSTED
        for bit, (name, value) in given.items():
            if value is not None:
                fields |= bit
                row[name] = value
        if record.episode is not None:
            fields |= HAS_EPISODE
            row["season"], row["episode"] = record.episode
        row["fields"] = fields
        row["added_at"] = len(added)
        for key in record.places:
            added += struct.pack("<QII", key, 0, 0)
        row["added_size"] = len(added) - int(row["added_at"])
    return rows, bytes(added)


def native(records: Sequence[Record]) -> HistoryFold:
    fold = HistoryFold()
    fold.apply(*batch(records))
    return fold


def described(fold: HistoryFold) -> dict[str, Any]:
    """Every field of the native history."""
    if PROFILE not in fold.profiles():
        return described_oracle(History())
    info = fold.info(PROFILE)
    entries: dict[int, dict[str, Any]] = {}
    for row in fold.entries(PROFILE):
        undo = None
        if row["undo_kind"]:
            undo = (
                int(row["undo_kind"]),
                frozenset(_names(int(row["undo_flags"]))),
                int(row["undo_explicit_q12"]),
            )
        entries[int(row["key"])] = {
            "last_ms": int(row["last_ms"]),
            "listed_ms": int(row["listed_ms"]),
            "touch": int(row["touch"]),
            "ordinal": int(row["ordinal"]),
            "resume": int(row["resume_s"]),
            "duration": int(row["duration_s"]),
            "impression_min": int(row["impression_min"]),
            "impressions": int(row["impressions"]),
            "plays": int(row["plays"]),
            "implicit": int(row["implicit_q12"]),
            "explicit": int(row["explicit_q12"]),
            "flags": _names(int(row["flags"])),
            "watched": int(row["watched_e4"]),
            "episode": (int(row["season"]), int(row["episode"])),
            "done": (int(row["done_season"]), int(row["done_episode"])),
            "undo": undo,
        }
    return {
        "head": (info.touch, info.ordinal, info.last_ms, info.session, info.session_start_ms),
        "entries": entries,
        "kept": {
            int(row["key"]): (int(row["touch"]), _names(int(row["flags"])))
            for row in fold.kept(PROFILE)
        },
    }


def described_oracle(history: History) -> dict[str, Any]:
    """The same of the oracle's."""
    return {
        "head": (
            history.touch,
            history.ordinal,
            history.last_ms,
            history.session,
            history.session_start_ms,
        ),
        "entries": {key: vars(title) for key, title in history.titles.items()},
        "kept": {key: (kept.touch, kept.flags) for key, kept in history.kept.items()},
    }


def _names(flags: int) -> set[str]:
    return {flag.name.lower() for flag in EntryFlag(flags) if flag.name}


def random_records(seed: int, keys: int, count: int, kinds: Sequence[int]) -> list[Record]:
    """A long history, drawn quickly: hypothesis would take minutes for as many."""
    draw = random.Random(seed)
    now = 1_700_000_000_000
    out = []
    for _ in range(count):
        now += draw.randrange(-30_000, 600_000)
        kind = draw.choice(kinds)
        places: tuple[int, ...] = ()
        if KINDS.get(kind) == "impression":
            places = tuple(draw.randrange(keys) for _ in range(draw.randrange(24)))
        out.append(
            Record(
                kind=kind,
                item=draw.randrange(keys),
                at_ms=now,
                trusted=draw.random() > 0.05,
                session=draw.randrange(4),
                position=draw.choice((None, draw.randrange(7200))),
                duration=draw.choice((None, draw.randrange(7200))),
                watched=draw.choice((None, draw.randrange(10001))),
                rating=draw.choice((None, None, draw.randrange(-10000, 10001))),
                episode=draw.choice((None, None, (draw.randrange(3), draw.randrange(4)))),
                places=places,
            )
        )
    return out
