"""The snapshot that the learning plane publishes for serving, and the floor of the journal.

Byte by byte in docs/formats.md. The learning lock's holder is the only writer of the folder.
Errors: CorruptFileError, NewerFormatError, NoSpaceError, StorageError, PermissionRefusedError;
InvalidArgumentError for a snapshot that no reader would accept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tvbrain._native import check, ffi, lib
from tvbrain._native.arrays import Rows, dtype_of, pointer
from tvbrain.errors import InvalidArgumentError

INTEREST = dtype_of("tvn_interest")
WEIGHTS = dtype_of("tvn_weights")
FACTOR = dtype_of("tvn_factor")
AFFINITY = dtype_of("tvn_affinity")
PATTERN = dtype_of("tvn_pattern")
SLATE_PLACE = dtype_of("tvn_slate_place")
ROW_USE = dtype_of("tvn_row_use")
CHANNEL = dtype_of("tvn_channel")

_DETAIL = 4096
_NUMBERS = ("generation", "journal_id", "learned_seq", "erasure_epoch", "created_ms", "space_id",
            "dimension", "diversity_q12")  # fmt: skip
_ARRAYS = (
    ("interests", INTEREST, "tvn_interest", "interest_count"),
    ("weights", WEIGHTS, "tvn_weights", "weights_count"),
    ("factors", FACTOR, "tvn_factor", "factor_count"),
    ("affinities", AFFINITY, "tvn_affinity", "affinity_count"),
    ("patterns", PATTERN, "tvn_pattern", "pattern_count"),
    ("slates", SLATE_PLACE, "tvn_slate_place", "slate_count"),
    ("row_use", ROW_USE, "tvn_row_use", "row_use_count"),
    ("channels", CHANNEL, "tvn_channel", "channel_count"),
)
_VECTORS = (("interest_rows", "interest_count"), ("pattern_rows", "pattern_count"))


def default_weights() -> npt.NDArray[np.int32]:
    """What each term weighs where no snapshot says otherwise, Q12, in the order of `TERMS`."""
    weights = np.zeros(WEIGHTS["weights_q12"].shape, np.int32)
    lib.tvn_default_weights(ffi.cast("int32_t *", weights.ctypes.data))
    return weights


def default_diversity() -> int:
    """What a title loses for being wholly like one chosen before it, where no snapshot says otherwise, Q12."""
    return int(lib.tvn_default_diversity())


def stride_of(dimension: int) -> int:
    """Bytes that a vector takes: the dimension rounded up to 64."""
    return (dimension + 63) // 64 * 64


def _no_vectors() -> npt.NDArray[np.int8]:
    return np.zeros((0, 0), np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything learned, at exactly `learned_seq` of one journal."""

    generation: int
    journal_id: int
    learned_seq: int
    created_ms: int
    erasure_epoch: int = 0
    space_id: int = 0
    """Of the interest vectors and patterns; 0 without."""
    dimension: int = 0
    diversity_q12: int = 0
    """What a title loses for being wholly like one chosen before it, at most 4096; 0: the ranker's own."""
    folds: bytes = b""
    """Section FOLD: HistoryFold.encode()."""
    interests: Rows = field(default_factory=lambda: np.zeros(0, INTEREST))
    """At most 4 a profile."""
    interest_rows: npt.NDArray[np.int8] = field(default_factory=_no_vectors)
    """Their numbers in the rotated space, (interests, stride)."""
    weights: Rows = field(default_factory=lambda: np.zeros(0, WEIGHTS))
    factors: Rows = field(default_factory=lambda: np.zeros(0, FACTOR))
    """With what the weights are sampled; profiles without are served by their weights alone."""
    affinities: Rows = field(default_factory=lambda: np.zeros(0, AFFINITY))
    patterns: Rows = field(default_factory=lambda: np.zeros(0, PATTERN))
    """At most 64."""
    pattern_rows: npt.NDArray[np.int8] = field(default_factory=_no_vectors)
    """(patterns, stride)."""
    slates: Rows = field(default_factory=lambda: np.zeros(0, SLATE_PLACE))
    """The last good slate of each profile, places 0, 1, 2 … in order."""
    row_use: Rows = field(default_factory=lambda: np.zeros(0, ROW_USE))
    """The share of what is opened at a daypart that comes out of rows of a kind."""
    channels: Rows = field(default_factory=lambda: np.zeros(0, CHANNEL))
    """The share of the hours of live television at a daypart."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The newest usable snapshot, if any, and why newer ones are not."""

    snapshot: Snapshot | None
    detail: str


def publish(folder: Path, snapshot: Snapshot) -> None:
    """Write one generation, durable on return; two are kept. The folder is made if missing.

    After any error but InvalidArgumentError, generations() tells whether it was published.
    """
    stride = stride_of(snapshot.dimension)
    view = ffi.new("tvn_snapshot_view *")
    view.stride = stride
    for name in _NUMBERS:
        setattr(view, name, getattr(snapshot, name))
    folds = ffi.from_buffer("uint8_t[]", snapshot.folds)
    view.folds, view.folds_size = folds, len(snapshot.folds)
    held = [folds]  # what the view points to must outlive the call
    for name, dtype, struct, count in _ARRAYS:
        rows = np.ascontiguousarray(getattr(snapshot, name), dtype)
        held.append(rows)
        setattr(view, name, pointer(struct, rows))
        setattr(view, count, len(rows))
    for name, count in _VECTORS:
        vectors = np.ascontiguousarray(getattr(snapshot, name), np.int8)
        wanted = (getattr(view, count), stride)
        if vectors.size != wanted[0] * wanted[1] or (vectors.size and vectors.shape != wanted):
            raise InvalidArgumentError(f"{name}: shape {vectors.shape}, not {wanted}")
        held.append(vectors)
        setattr(view, name, pointer("int8_t", vectors))
    check(lib.tvn_snapshot_publish(os.fsencode(folder), view))


def load(folder: Path, *, may_rename: bool = False) -> Loaded:
    """The newest usable generation. `may_rename`: set those of a newer major version aside."""
    out, detail = ffi.new("tvn_snapshot **"), ffi.new("char[]", _DETAIL)
    check(lib.tvn_snapshot_load(os.fsencode(folder), may_rename, out, detail, _DETAIL))
    text: str = ffi.string(detail).decode("utf-8", "replace")
    return Loaded(_from_native(out[0]) if out[0] else None, text)


def read(path: Path) -> Snapshot:
    """One file, all of it verified."""
    out = ffi.new("tvn_snapshot **")
    check(lib.tvn_snapshot_open(os.fsencode(path), out))
    return _from_native(out[0])


def path_of(folder: Path, generation: int) -> Path:
    """Where one generation lies."""
    return folder / f"{generation:016x}.tvs"


def generations(folder: Path) -> tuple[int, ...]:
    """Those present, by name alone, ascending."""
    capacity, count = 64, ffi.new("uint32_t *")
    while True:
        out = ffi.new("uint64_t[]", capacity)
        status = lib.tvn_snapshot_list(os.fsencode(folder), out, capacity, count)
        if status != lib.TVB_E_BUFFER:
            check(status)
            return tuple(out[i] for i in range(count[0]))
        capacity = count[0]


def read_floor(folder: Path, journal_id: int) -> int:
    """Journal segments wholly below this sequence may go; 0 if nothing has been said yet."""
    out = ffi.new("uint64_t *")
    check(lib.tvn_floor_read(os.fsencode(folder), journal_id, out))
    return int(out[0])


def write_floor(folder: Path, journal_id: int, floor: int) -> None:
    """Durable on return."""
    check(lib.tvn_floor_write(os.fsencode(folder), journal_id, floor))


def _from_native(handle: Any) -> Snapshot:
    """Copy the arrays of a native snapshot and free it."""
    handle = ffi.gc(handle, lib.tvn_snapshot_free)
    view = ffi.new("tvn_snapshot_view *")
    check(lib.tvn_snapshot_get(handle, view))
    values: dict[str, Any] = {name: int(getattr(view, name)) for name in _NUMBERS}
    values["folds"] = bytes(ffi.buffer(view.folds, view.folds_size)) if view.folds_size else b""
    for name, dtype, _, count in _ARRAYS:
        values[name] = _copied(getattr(view, name), dtype, (getattr(view, count),))
    for name, count in _VECTORS:
        values[name] = _copied(getattr(view, name), np.int8, (getattr(view, count), view.stride))
    return Snapshot(**values)


def _copied(data: Any, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    out = np.zeros(shape, dtype)
    if out.size:
        ffi.memmove(ffi.from_buffer(out), data, out.nbytes)
    return out
