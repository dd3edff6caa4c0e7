"""The journal as the learning plane reads it: what happened, in order, from where it stopped.

Sequences are (journal id, n): a journal with another id is another sequence, and has to be consumed
from its beginning. The reader sees every record whose write has returned, in any process, and stops
before one that is being written. Errors: JournalIdChangedError, CorruptFileError, StorageError,
PermissionRefusedError, NoSpaceError (sync).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from tvbrain._native import check, ffi, lib
from tvbrain._native.arrays import EVENT, Rows, pointer
from tvbrain.errors import DataDirectoryError

BATCH = 1024
"""Records of a batch at most."""

_ADDED = 1 << 18
_SEGMENTS = 4096
_DETAIL = 65536
_PLACE = struct.Struct("<QII")
_uncleared = ffi.new_allocator(should_clear_after_alloc=False)


class JournalIdChangedError(DataDirectoryError):
    """The directory's journal is another one now: consumption starts over, from `found`."""

    def __init__(self, data_dir: Path, expected: int, found: int) -> None:
        super().__init__(f"{data_dir}: the journal is {found:016x}, not {expected:016x}")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Records of one journal, ascending by `seq`: `events` are rows of EVENT, at least one, whose
    `added_at` and `added_size` lie in `added`. Unknown kinds are among them, to be skipped.
    """

    journal_id: int
    events: Rows
    added: bytes

    @property
    def last_seq(self) -> int:
        return int(self.events["seq"][-1])

    def added_of(self, index: int) -> bytes:
        """What the kind of one record adds to it (docs/formats.md)."""
        begin = int(self.events["added_at"][index])
        return self.added[begin : begin + int(self.events["added_size"][index])]


@dataclass(frozen=True, slots=True)
class Shown:
    """One place of an impression; `propensity` is 0 to 1, None where unknown."""

    key: int
    propensity: float | None


def shown(added: bytes) -> tuple[Shown, ...]:
    """The places that an impression adds. A last one that is cut off is left out."""
    whole = added[: len(added) // _PLACE.size * _PLACE.size]
    return tuple(Shown(key, q16 / 65536 or None) for key, q16, _ in _PLACE.iter_unpack(whole))


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the journal. `last_seq` is `first_seq` - 1 if it has no record, `bytes` what is
    valid of `file_size`; `torn` if something else than zeros follows, never said of the last one.
    """

    name: str
    first_seq: int
    last_seq: int
    bytes: int
    file_size: int
    torn: bool


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """`journal_id` 0: there is none. `set_aside`: files that cannot be used, and why, one a line."""

    journal_id: int
    last_seq: int
    segments: tuple[Segment, ...]
    set_aside: str


def folder_of(data_dir: Path) -> Path:
    return data_dir / "journal"


@lru_cache(maxsize=4)
def _named(data_dir: Path) -> bytes:
    return os.fsencode(folder_of(data_dir))


class Place:
    """Where a reader stopped, kept from one call of `read_after` to the next: what was read is not read again. With
    the room that it reads into, so that asking when nothing is new costs little. One thread at a time.
    """

    def __init__(self) -> None:
        self.native = ffi.new("tvn_journal_place *")
        self.page = ffi.new("tvn_journal_page *")
        self.room = _uncleared("uint8_t[]", _ADDED)


def read_after(
    data_dir: Path,
    journal_id: int,
    seq: int,
    *,
    batch: int = BATCH,
    place: Place | None = None,
) -> Iterator[Batch]:
    """Every record of journal `journal_id` after `seq`, in batches of at most `batch` records.

    With `place`, of a reader that goes on where it was, at the cost of what is new. `journal_id` 0 takes whichever
    journal there is. JournalIdChangedError if the directory has another one, also between two batches. A directory
    without a journal gives nothing.
    """
    place = place or Place()
    at, page, room = place.native, place.page, place.room
    folder = _named(data_dir)
    more = True
    while more:
        rows = np.empty(batch, EVENT)
        first = pointer("tvn_event", rows)
        check(lib.tvn_journal_read(folder, seq, at, first, batch, room, _ADDED, page))
        found, more = int(page.journal_id), bool(page.more)
        if found and journal_id and found != journal_id:
            raise JournalIdChangedError(data_dir, journal_id, found)
        if page.count == 0:
            return
        added = bytes(ffi.buffer(room, page.added_size))
        one = Batch(found, rows[: page.count], added)
        journal_id, seq = found, one.last_seq
        yield one


def sync(data_dir: Path, journal_id: int, after: int, upto: int) -> None:
    """Make the records above `after` up to `upto` durable: before storing that they were consumed.

    Serving may have promised less for them; what was learned must not outlive what happened.
    """
    check(lib.tvn_journal_sync(os.fsencode(folder_of(data_dir)), journal_id, after, upto))


def lets_go(data_dir: Path, floor: int) -> bool:
    """Whether some segment holds nothing after record `floor`, and is not the last."""
    first = sorted(int(path.stem, 16) for path in folder_of(data_dir).glob("*.tvj"))
    return len(first) > 1 and first[1] <= floor + 1


def info(data_dir: Path) -> JournalInfo:
    """Read the whole journal and say what it is made of."""
    out, rows = ffi.new("tvn_journal_info *"), ffi.new("tvn_segment[]", _SEGMENTS)
    aside = ffi.new("char[]", _DETAIL)
    folder = os.fsencode(folder_of(data_dir))
    check(lib.tvn_journal_scan(folder, out, rows, _SEGMENTS, aside, _DETAIL))
    segments = tuple(
        Segment(
            ffi.string(row.name).decode("ascii"),
            int(row.first_seq),
            int(row.last_seq),
            int(row.bytes),
            int(row.file_size),
            bool(row.torn),
        )
        for row in (rows[i] for i in range(out.segments))
    )
    text = ffi.string(aside).decode("utf-8", "replace")
    return JournalInfo(int(out.journal_id), int(out.last_seq), segments, text)
