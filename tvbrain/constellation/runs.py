"""What buckets said of cells, as runs: sorted arrays that are written once and merged now and then.

A row a (cell, bucket) in a tree costs a page here and a page there for each of a push's couples. A run costs the
sorting of a slice of the stream, and each entry is sorted again a few times in its life, as runs of one level become
one of the next. Entries of one (cell, bucket) in several runs mean what they mean together: counts add up to the cap,
the newest epoch holds. docs/formats.md has the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import zstandard
from numpy.typing import NDArray

from tvbrain.constellation.records import BUCKETS, Cell, Counts
from tvbrain.errors import CorruptFileError, InvalidArgumentError

PARTS = 64
"""Runs are cut by the first six bits of their keys, so that a merge holds a 64th of a pack's cells at a time."""

_ROW = 22
"""Bits of a row: as many as a push can name."""
_BUCKET = BUCKETS.bit_length() - 1
_CELL_BITS = (1 << 2 * _ROW) - 1
_SPREAD = 0x9E3779B97F5 | 1
_BACK = pow(_SPREAD, -1, 1 << 2 * _ROW)
_PART = np.uint64(2 * _ROW + _BUCKET - 6)
_ENTRY = 8 + 2 + 4
_LEVEL = 1


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Ascending `keys` (n,) uint64, none twice; of each its `counts` (n,) uint16 and the newest `epochs` (n,) uint32.

    A key is the cell, its two rows multiplied to 44 bits that look random, over 12 bits of bucket: so parts are of one
    size whatever people watch.
    """

    keys: NDArray[np.uint64]
    counts: NDArray[np.uint16]
    epochs: NDArray[np.uint32]

    def since(self, epoch: int) -> Run:
        """Without what is older."""
        kept = self.epochs >= epoch
        return Run(self.keys[kept], self.counts[kept], self.epochs[kept])

    def parts(self) -> Iterator[tuple[int, Run]]:
        """The parts that have entries, by number."""
        bounds = np.searchsorted(self.keys, np.arange(1, PARTS, dtype=np.uint64) << _PART)
        edges = [0, *bounds.tolist(), len(self.keys)]
        for part, (low, high) in enumerate(pairwise(edges)):
            if low < high:
                yield (
                    part,
                    Run(self.keys[low:high], self.counts[low:high], self.epochs[low:high]),
                )

    def encode(self) -> bytes:
        """As docs/formats.md has it."""
        gaps = np.diff(self.keys, prepend=np.uint64(0))
        columns = (gaps.astype("<u8"), self.counts.astype("<u2"), self.epochs.astype("<u4"))
        return zstandard.compress(b"".join(column.tobytes() for column in columns), _LEVEL)


def decode(data: bytes, count: int) -> Run:
    """A run of so many entries. CorruptFileError."""
    try:
        raw = zstandard.decompress(data, max_output_size=count * _ENTRY)
    except zstandard.ZstdError as error:
        raise CorruptFileError(f"a run of cells: {error}") from error
    if len(raw) != count * _ENTRY:
        raise CorruptFileError(f"a run of cells: {len(raw)} bytes for {count} entries")
    keys = np.cumsum(np.frombuffer(raw, "<u8", count), dtype=np.uint64)
    counts = np.frombuffer(raw, "<u2", count, 8 * count)
    return Run(keys, counts, np.frombuffer(raw, "<u4", count, 10 * count))


def run_of(cells: Sequence[Cell], cap: int) -> Run:
    """What these say together. InvalidArgumentError for a row or bucket that no push can have."""
    lengths = [len(cell.cells) for cell in cells]
    buckets = np.repeat(np.array([cell.bucket for cell in cells], np.uint64), lengths)
    epochs = np.repeat(np.array([cell.epoch for cell in cells], np.uint32), lengths)
    counts = np.concatenate([cell.counts for cell in cells])
    return _merged(
        _keys(np.concatenate([cell.cells for cell in cells]), buckets), counts, epochs, cap
    )


def merge(runs: Sequence[Run], cap: int) -> Run:
    """What these mean together."""
    if len(runs) == 1:
        return runs[0]
    return _merged(
        np.concatenate([run.keys for run in runs]),
        np.concatenate([run.counts for run in runs]),
        np.concatenate([run.epochs for run in runs]),
        cap,
    )


def counts_of(runs: Iterable[Run], every: int, canary: bool) -> Counts:
    """The sums over buckets; no two of these runs have a cell in common. Of the buckets that are multiples of `every`
    if `canary`, else of the others."""
    found = [_summed(run, every, canary) for run in runs]
    if not found:
        return Counts(*(np.empty(0, np.int64) for _ in range(3)))
    cells, counts, contributors = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.argsort(cells)
    return Counts(cells[order], counts[order], contributors[order])


def buckets_of(run: Run) -> NDArray[np.int64]:
    """Of each entry."""
    return (run.keys & np.uint64(BUCKETS - 1)).astype(np.int64)


def _summed(
    run: Run, every: int, canary: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    kept = (buckets_of(run) % every == 0) == canary
    names, counts = run.keys[kept] >> np.uint64(_BUCKET), run.counts[kept].astype(np.int64)
    begin = _begins(names)
    mixed = names[begin] * np.uint64(_BACK) & np.uint64(_CELL_BITS)
    low, high = mixed >> np.uint64(_ROW), mixed & np.uint64((1 << _ROW) - 1)
    sums = np.add.reduceat(counts, begin) if len(begin) else counts
    return (
        (low << np.uint64(32) | high).astype(np.int64),
        sums,
        np.diff(begin, append=len(names)),
    )


def _keys(cells: NDArray[np.int64], buckets: NDArray[np.uint64]) -> NDArray[np.uint64]:
    low, high = cells >> 32, cells & 0xFFFF_FFFF
    if len(cells) and (
        int(low.min()) < 0
        or max(int(low.max()), int(high.max())) >> _ROW
        or int(buckets.max()) >= BUCKETS
    ):
        raise InvalidArgumentError("a row or a bucket beyond what a push can name")
    cell = (low << _ROW | high).astype(np.uint64)
    return (cell * np.uint64(_SPREAD) & np.uint64(_CELL_BITS)) << np.uint64(_BUCKET) | buckets


def _merged(
    keys: NDArray[np.uint64], counts: NDArray[np.integer], epochs: NDArray[np.uint32], cap: int
) -> Run:
    order = np.argsort(keys)
    keys = keys[order]
    begin = _begins(keys)
    if not len(begin):
        return Run(keys, counts.astype(np.uint16), epochs)
    summed = np.minimum(np.add.reduceat(counts[order].astype(np.int64), begin), cap)
    newest = np.maximum.reduceat(epochs[order], begin)
    return Run(keys[begin], summed.astype(np.uint16), newest)


def _begins(ascending: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each value begins."""
    changes = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
    return np.concatenate(([0], changes)) if len(ascending) else changes
