"""What the two halves keep, as frozen values. Epochs count weeks since 1970-01-01 UTC by the server's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

EPOCH_S = 7 * 86_400
"""The length of an epoch in seconds."""

ACCEPTED_EPOCHS = 4
"""The current epoch and the three before it."""

BUCKETS = 4096
"""Sets fall into so many buckets by a secret hash; the aggregation half knows a push's bucket, not its set."""

GROUPS = 64
"""Buckets of dense statistics: bucket modulo this."""

CANARY_EVERY = 20
"""Buckets whose number is a multiple of this teach nothing: releases are judged by them."""


def epoch_at(now: float) -> int:
    """The epoch of a moment in seconds since 1970-01-01 UTC."""
    return int(now // EPOCH_S)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled set. `device` is 16 bytes, `public_key` 32 (Ed25519)."""

    device: bytes
    tenant: str
    public_key: bytes
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A push whose signature is good. `digest` is the SHA-256 of all of it, `base` the release its set had, `once` 16
    bytes that stand for (device, epoch) and say neither."""

    tenant: str
    device: bytes
    epoch: int
    digest: bytes
    base: int
    bucket: int
    once: bytes
    sealed: bytes


class Kept(Enum):
    """What became of an arrival: kept now, kept before, or another body has its place."""

    NEW = "new"
    KNOWN = "known"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A push as the aggregation half finds it in the stream: `seq` from 1 on, never reused; nothing says whose."""

    seq: int
    tenant: str
    epoch: int
    base: int
    bucket: int
    once: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Counts for cells of one pack from one bucket: `cells` (n,) int64 as `cell_of`, `counts` (n,) of at least 1.

    A bucket never adds more than `cap` to a cell, however often it sends.
    """

    tenant: str
    pack: bytes
    bucket: int
    epoch: int
    cells: NDArray[np.int64]
    counts: NDArray[np.int64]
    cap: int


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """An addend to a dense statistic: `total` (n,) int64 = weight x value, `weight` in units of `staleness.ONE`."""

    tenant: str
    kind: str
    key: str
    group: int
    weight: int
    total: NDArray[np.int64]


def added_up(addends: Iterable[Dense]) -> list[Dense]:
    """Those of one key and group as one. ValueError where they are of different lengths."""
    found: dict[tuple[str, str, str, int], Dense] = {}
    for addend in addends:
        key = (addend.tenant, addend.kind, addend.key, addend.group)
        before = found.get(key)
        found[key] = (
            addend
            if before is None
            else Dense(*key, before.weight + addend.weight, before.total + addend.total)
        )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Increments:
    """What a slice of the stream adds."""

    cells: Sequence[Cell] = ()
    dense: Sequence[Dense] = ()
    once: Sequence[tuple[bytes, int]] = ()
    """`once` and epoch of each push in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """The sums of a pack's cells: ascending `cells`, their `counts`, and how many buckets stand behind each."""

    cells: NDArray[np.int64]
    counts: NDArray[np.int64]
    contributors: NDArray[np.int64]


def together(some: Counts, others: Counts) -> Counts:
    """What two sets of buckets without a common one say."""
    both = np.concatenate([some.cells, others.cells])
    cells, at = np.unique(both, return_inverse=True)
    columns = []
    for name in ("counts", "contributors"):
        summed = np.zeros(len(cells), np.int64)
        np.add.at(summed, at, np.concatenate([getattr(some, name), getattr(others, name)]))
        columns.append(summed)
    return Counts(cells, *columns)


@dataclass(frozen=True, slots=True)
class Published:
    """A release as the shelf lists it. `content` names its blob by SHA-256; `of` is the version whose content it is."""

    tenant: str
    version: int
    content: bytes
    created: int
    of: int


@dataclass(frozen=True, slots=True)
class KnownPack:
    """A pack that deltas may name. `rows_of`: SHA-256 of the pack under which its rows are counted, itself or the one
    that it was made of by other weights."""

    sha256: bytes
    rows: int
    rows_of: bytes


def cell_of(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """A pair of rows, each 0 to 2^22 - 1 (`limits.POSITION`), as one number; a title with itself is its own count."""
    return (low << 32) | high
