"""The aggregation half: what was said, by how many buckets. It opens seals and adds; whose they were it cannot tell.

A slice of the stream is opened, clipped and added in one transaction with its place in the stream, so that a kill at
any moment counts nothing twice and loses nothing. What does not open, or names no pack of the tenant, is passed over
and shown in the metrics: its set has signed it, and nothing can be asked of it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tvbrain.constellation import staleness
from tvbrain.constellation.records import (
    GROUPS,
    Cell,
    Dense,
    Increments,
    KnownPack,
    Waiting,
    added_up,
    cell_of,
)
from tvbrain.constellation.storage import Inbox, Tally
from tvbrain.learning.couples import HUNDREDTHS
from tvbrain.wire import delta, limits, residual, seal
from tvbrain.wire.delta import Delta
from tvbrain.wire.errors import WireError

if TYPE_CHECKING:
    from tvbrain.wire.seal import OpeningKey

SLICE = 512
"""Pushes of one transaction at most: the more, the cheaper each, and whoever reads the sums waits longer."""

PAIR_CAP, ITEM_CAP = HUNDREDTHS[0], 1
"""What one bucket adds to a cell at most, however often its sets send it: a couple of neighbours, in hundredths."""

_HUNDREDTHS = np.array(HUNDREDTHS, np.int64)

VECTOR_ONE = 1 << 12
"""Numbers of a pattern's residual, and its weight as a share after them, are summed in units of 1/VECTOR_ONE, clipped
to [-1, 1]."""

COUNTED, UNOPENED, UNKNOWN_PACK = "counted", "unopened", "unknown_pack"


class Aggregator:
    """Adds what waits. `pack_of` gives a tenant's pack by name, None for one that is not its; `newest` the number of a
    tenant's newest release. One thread.
    """

    def __init__(
        self,
        inbox: Inbox,
        tally: Tally,
        key: OpeningKey,
        pack_of: Callable[[str, bytes], KnownPack | None],
        newest: Callable[[str], int],
    ) -> None:
        self._inbox, self._tally, self._key = inbox, tally, key
        self._pack_of, self._newest = pack_of, newest
        self._stream = inbox.stream()
        self._at = tally.position(self._stream)
        self.outcomes: Counter[str] = Counter()

    def step(self) -> int:
        """Adds up to `SLICE` pushes; how many there were. Another worker may be at it too."""
        waiting = self._inbox.waiting(self._at, SLICE)
        if waiting:
            outcomes: Counter[str] = Counter()
            opened = [(entry, self._open(entry, outcomes)) for entry in self._fresh(waiting)]
            good = [(entry, said) for entry, said in opened if said is not None]
            made = increments(good, self._newest)
            if self._tally.add(self._stream, self._at, waiting[-1].seq, made):
                self._at = waiting[-1].seq
                self._inbox.trim(self._at)
                self.outcomes += outcomes
            else:
                self._at = self._tally.position(self._stream)
        return len(waiting)

    def _fresh(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        """Each push once, without those that are in the sums."""
        first = {entry.once: entry for entry in reversed(waiting)}
        counted = self._tally.counted(list(first))
        return [entry for once, entry in first.items() if once not in counted]

    def _open(self, entry: Waiting, outcomes: Counter[str]) -> Delta | None:
        try:
            frame = seal.open_sealed(entry.sealed, self._key, entry.tenant, entry.epoch)
            said = delta.decode(frame)
        except WireError:
            outcomes[UNOPENED] += 1
            return None
        pack = self._pack_of(entry.tenant, said.pack)
        if pack is None or _last_row(said) >= pack.rows:
            outcomes[UNKNOWN_PACK] += 1
            return None
        outcomes[COUNTED] += 1
        return replace(said, pack=pack.rows_of[: delta.PACK_NAME])


def increments(said: Iterable[tuple[Waiting, Delta]], newest: Callable[[str], int]) -> Increments:
    """What these add to the sums, clipped."""
    cells: list[Cell] = []
    dense: list[Dense] = []
    once: list[tuple[bytes, int]] = []
    releases: dict[str, int] = {}
    for entry, one in said:
        once.append((entry.once, entry.epoch))
        if entry.tenant not in releases:
            releases[entry.tenant] = newest(entry.tenant)
        late = staleness.weight(releases[entry.tenant] - entry.base)
        cells += _cells(entry, one)
        for kind, key, weight, values in _dense(one):
            total = np.asarray(values).astype(np.int64) * (late * weight)
            group = entry.bucket % GROUPS
            dense.append(Dense(entry.tenant, kind, key, group, late * weight, total))
    return Increments(cells, added_up(dense), once)


def _cells(entry: Waiting, one: Delta) -> Iterable[Cell]:
    """Couples in their order, as near as they were; pairs of which no order is told teach nothing."""
    if one.order:
        low, high = _columns(one.pairs)
        order = np.array(one.order, np.int64)
        turned = order & delta.TURNED != 0
        names = np.where(turned, cell_of(high, low), cell_of(low, high))
        counts = _HUNDREDTHS[order & 3]
        yield Cell(entry.tenant, one.pack, entry.bucket, entry.epoch, names, counts, PAIR_CAP)
    if one.items:
        rows, counts = _columns(one.items)
        names = cell_of(rows, rows)
        yield Cell(entry.tenant, one.pack, entry.bucket, entry.epoch, names, counts, ITEM_CAP)


def _columns(pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(pairs), np.int64, 2 * len(pairs)).reshape(-1, 2).T


def _dense(one: Delta) -> Iterable[tuple[str, str, int, ArrayLike]]:
    """(kind, key, weight, values) of each dense statistic of a delta."""
    if one.dayparts:
        yield "daypart", one.pack.hex(), 1, one.dayparts
    if one.layout:
        yield "blender", f"{one.layout}:{len(one.blender)}", 1, one.blender
    if one.coding is not None:
        for pattern in one.patterns:
            context = (pattern.code, pattern.dayparts, pattern.weekdays)
            key = ":".join(map(str, (one.coding.codebook, one.coding.dimension, *context)))
            left = residual.dequantise(pattern.residual, one.coding.quantiser, one.coding.dimension)
            share = pattern.weight / limits.WEIGHT
            numbers = np.append(np.clip(left, -1, 1), share)
            yield "pattern", key, pattern.weight, np.rint(numbers * VECTOR_ONE)


def _last_row(one: Delta) -> int:
    return max(
        max(map(itemgetter(1), one.pairs), default=-1),
        max(map(itemgetter(0), one.items), default=-1),
    )
