"""Cells that were kept as a row each, moved into runs: what a migration of either back end does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np

from tvbrain.constellation.ledger import Ask, Ledger
from tvbrain.constellation.records import BUCKETS, Cell

AT_ONCE = 64
"""Buckets whose cells are in memory together."""

_PAIR, _TITLE = 100, 1
"""What a bucket added at most to a pair and to a title when cells were rows."""


def into_runs(ask: Ask) -> None:
    """Everything in the table `cell`, which is left as it is."""
    ledger = Ledger(ask)
    for space, tenant, pack in ask("SELECT id, tenant, pack FROM space", []).fetchall():
        for first in range(0, BUCKETS, AT_ONCE):
            rows = ask(
                "SELECT bucket, epoch, cell, count FROM cell WHERE space = %s"
                " AND bucket >= %s AND bucket < %s ORDER BY bucket, epoch",
                [space, first, first + AT_ONCE],
            ).fetchall()
            ledger.add(list(_cells(tenant, bytes(pack), rows)))


def _cells(tenant: str, pack: bytes, rows: list[tuple[int, ...]]) -> Iterator[Cell]:
    for (bucket, epoch), group in groupby(rows, itemgetter(0, 1)):
        told = np.array([row[2:] for row in group], np.int64)
        titles = told[:, 0] >> 32 == told[:, 0] & 0xFFFF_FFFF
        for cap, found in ((_TITLE, told[titles]), (_PAIR, told[~titles])):
            if len(found):
                yield Cell(tenant, pack, bucket, epoch, found[:, 0], found[:, 1], cap)
