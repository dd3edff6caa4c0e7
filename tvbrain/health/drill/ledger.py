"""What the C host did and was told, in memory that survives its death; and the stream of its events.

The layout is that of `struct ledger` in tests/faults/host.c, followed by one byte an event.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEAD = 4096
_FIELDS = {
    name: (offset, code)
    for offset, code, name in (
        (0, "<Q", "seed"),
        (8, "<Q", "events"),
        (16, "<I", "journal_cap"),
        (20, "<I", "viewers"),
        (24, "<I", "items"),
        (28, "<I", "stop"),
        (32, "<I", "state"),
        (36, "<i", "result"),
        (40, "<Q", "next"),
        (48, "<Q", "change_begun"),
        (56, "<Q", "change_done"),
        (64, "<Q", "recommends"),
        (72, "<Q", "slate_faults"),
        (80, "<Q", "refused"),
        (88, "<Q", "open_us"),
        (96, "<Q", "first_us"),
        (104, "<Q", "snapshot_generation"),
        (112, "<Q", "packs"),
        (120, "<Q", "pack_hash"),
        (384, "<Q", "calm_from"),
    )
}
STARTING, SERVING, FAILED, CLOSED = range(4)
BEGUN, ACKNOWLEDGED, REFUSED = 1, 2, 128

PLAY_START, PROGRESS, IMPRESSION, STOP, SELECT, SEARCH, PICK, RATE = 3, 4, 1, 7, 2, 18, 16, 9
DURABLE_MS = {
    IMPRESSION: 60_000,
    SELECT: 1_000,
    PLAY_START: 1_000,
    PROGRESS: 60_000,
    STOP: 1_000,
    RATE: 0,
    PICK: 0,
    SEARCH: 60_000,
}
"""Within how many ms a power cut may lose an event of a kind (docs/formats.md)."""

NEVER = 2**63 - 1
Counters = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Events:
    """The stream's events of some counters: arrays of one length. An item of -1 is none."""

    counter: Counters
    kind: NDArray[np.int64]
    profile: NDArray[np.int64]
    item: NDArray[np.int64]


def stream(
    seed: int, counters: Counters, viewers: int, items: int, calm_from: int = NEVER
) -> Events:
    """The same as stream() in tests/faults/host.c."""
    x = np.uint64(seed) ^ counters.astype(np.uint64)
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h = x ^ (x >> np.uint64(31))
    draw = ((h >> np.uint64(40)) % np.uint64(256)).astype(np.int64)
    bounds = np.array([112, 160, 192, 224, 240, 252, 254])
    kinds = np.array([PLAY_START, PROGRESS, IMPRESSION, STOP, SELECT, SEARCH, PICK, RATE])
    kind = kinds[np.searchsorted(bounds, draw, side="right")]
    kind = np.where((draw >= 252) & (counters >= calm_from), SELECT, kind)
    item = ((h >> np.uint64(16)) % np.uint64(items)).astype(np.int64)
    profile = 1 + (h % np.uint64(viewers)).astype(np.int64)
    return Events(counters, kind, profile, np.where(kind == SEARCH, -1, item))


class Ledger:
    """The ledger's file, mapped."""

    def __init__(
        self,
        path: Path,
        *,
        seed: int,
        events: int,
        viewers: int = 3,
        items: int = 200,
        journal_cap: int = 1 << 20,
    ) -> None:
        self.path, self.seed, self.viewers, self.items = path, seed, viewers, items
        with path.open("w+b") as file:
            file.truncate(_HEAD + events)
            self._map = mmap.mmap(file.fileno(), _HEAD + events)
        for name, value in (
            *(("seed", seed), ("events", events), ("journal_cap", journal_cap)),
            *(("viewers", viewers), ("items", items), ("calm_from", NEVER)),
        ):
            self.set(name, value)

    def get(self, name: str) -> int:
        offset, code = _FIELDS[name]
        value: int = struct.unpack_from(code, self._map, offset)[0]
        return value

    def set(self, name: str, value: int) -> None:
        offset, code = _FIELDS[name]
        struct.pack_into(code, self._map, offset, value)

    @property
    def error(self) -> str:
        """The host's newest error in words."""
        return self._map[128:384].split(b"\0")[0].decode(errors="replace")

    def states(self, begin: int, end: int) -> NDArray[np.uint8]:
        """How far the events from `begin` to before `end` came; a copy."""
        return np.frombuffer(self._map[_HEAD + begin : _HEAD + end], dtype=np.uint8)

    def set_state(self, counter: int, state: int) -> None:
        """Say that event `counter` came so far: for tests of the judge."""
        self._map[_HEAD + counter] = state

    def stream(self, counters: Counters) -> Events:
        return stream(self.seed, counters, self.viewers, self.items, self.get("calm_from"))

    def close(self) -> None:
        self._map.close()
