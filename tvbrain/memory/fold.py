"""The folded history: everything that serving knows of what a profile has watched.

The same native code as in the serving plane (native/include/tvcore/fold.hpp has its rules), so that
a snapshot and the journal's tail after it are one history.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tvbrain._native import check, ffi, lib
from tvbrain._native.arrays import EVENT, Rows, dtype_of, pointer

ENTRY = dtype_of("tvn_fold_entry")
KEPT = dtype_of("tvn_fold_kept")
MAX_PROFILES = 32


class EntryFlag(enum.IntFlag):
    """Bits of an entry's `flags`; the compact set keeps the first three."""

    FINISHED = lib.TVN_FOLD_FINISHED
    DISLIKED = lib.TVN_FOLD_DISLIKED
    HIDDEN = lib.TVN_FOLD_HIDDEN
    LISTED = lib.TVN_FOLD_LISTED
    RATED = lib.TVN_FOLD_RATED
    STARTED = lib.TVN_FOLD_STARTED
    NO_CONTINUE = lib.TVN_FOLD_NO_CONTINUE
    PICKED = lib.TVN_FOLD_PICKED


@dataclass(frozen=True, slots=True)
class FoldInfo:
    """What stands at the head of one profile's history."""

    profile: int
    entries: int
    kept: int
    ordinal: int
    """Titles with positive evidence so far, each counted when it became the newest."""
    touch: int
    """Records folded."""
    listed: int
    last_ms: int
    """The latest trusted time, 0 if none."""
    session: int
    session_start_ms: int


class HistoryFold:
    """The folded histories of all profiles. One thread at a time."""

    def __init__(self, section: bytes = b"") -> None:
        """From the bytes of a snapshot's section FOLD. CorruptFileError names the wrong field."""
        out = ffi.new("tvn_folds **")
        check(lib.tvn_folds_new(out))
        self._folds = ffi.gc(out[0], lib.tvn_folds_free)
        if section:
            check(lib.tvn_folds_decode(self._folds, section, len(section)))

    def apply(self, events: Rows, added: bytes = b"") -> None:
        """Fold journal records in order: rows of EVENT, and the bytes in which `added_at` and
        `added_size` of each row lie. Records of a profile without a history begin one.
        """
        if events.dtype != EVENT:
            raise TypeError(f"events are rows of EVENT, not of {events.dtype}")
        rows = np.ascontiguousarray(events)
        check(
            lib.tvn_folds_apply(
                self._folds, pointer("tvn_event", rows), len(rows), added, len(added)
            )
        )

    def encode(self) -> bytes:
        """The bytes of a section FOLD; equal histories give equal bytes."""
        size = ffi.new("uint64_t *")
        lib.tvn_folds_encode(self._folds, ffi.NULL, 0, size)
        out = bytearray(size[0])
        check(lib.tvn_folds_encode(self._folds, ffi.from_buffer(out), len(out), size))
        return bytes(out)

    def profiles(self) -> tuple[int, ...]:
        """The profiles that have a history, ascending."""
        ids, count = ffi.new("uint32_t[]", MAX_PROFILES), ffi.new("uint32_t *")
        check(lib.tvn_folds_profiles(self._folds, ids, MAX_PROFILES, count))
        return tuple(ids[i] for i in range(count[0]))

    def info(self, profile: int) -> FoldInfo:
        """UnknownProfileError if the profile has no history; so do the functions below."""
        out = ffi.new("tvn_fold_info *")
        check(lib.tvn_folds_info(self._folds, profile, out))
        return FoldInfo(*(int(getattr(out, name)) for name in FoldInfo.__slots__))

    def entries(self, profile: int) -> Rows:
        """Rows of ENTRY, ascending by key: at most 1,024, a copy."""
        out = np.zeros(self.info(profile).entries, ENTRY)
        check(lib.tvn_folds_entries(self._folds, profile, pointer("tvn_fold_entry", out), len(out)))
        return out

    def kept(self, profile: int) -> Rows:
        """Rows of KEPT, ascending by key: finished, disliked and hidden titles that are no longer
        entries; at most 16,384, a copy.
        """
        out = np.zeros(self.info(profile).kept, KEPT)
        check(lib.tvn_folds_kept(self._folds, profile, pointer("tvn_fold_kept", out), len(out)))
        return out

    def strengths_q12(self, profile: int) -> npt.NDArray[np.int32]:
        """What each of entries() says of taste now: -4,096 (never again) to 4,096."""
        out = np.zeros(self.info(profile).entries, np.int32)
        check(lib.tvn_folds_strengths(self._folds, profile, pointer("int32_t", out), len(out)))
        return out
