"""Runs of cells in the table `run` of either back end: added, merged as they grow in number, read, forgotten.

Statements are those that SQLite and PostgreSQL both know. Runs of one space, cap, part and level become one of the next
level when there are `FAN` of them; at most `MERGES` such merges are made with what is added, so that no slice waits for
all parts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from tvbrain.constellation import runs
from tvbrain.constellation.records import BUCKETS, Cell, Counts
from tvbrain.constellation.runs import Run

FAN = 8
MERGES = 24


class Rows(Protocol):
    """A cursor."""

    def fetchall(self) -> list[Any]: ...


Ask = Callable[[str, Sequence[Any]], Rows]
"""One statement of the transaction that the ledger works in, its values marked by %s."""


class Ledger:
    """Within one transaction, which the caller begins and ends."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def add(self, cells: Sequence[Cell]) -> None:
        """What buckets said. A cell has the same cap always."""
        kinds: dict[tuple[str, bytes, int], list[Cell]] = {}
        for cell in cells:
            kinds.setdefault((cell.tenant, cell.pack, cell.cap), []).append(cell)
        for (tenant, pack, cap), said in kinds.items():
            space = self._space(tenant, pack)
            for part, run in runs.run_of(said, cap).parts():
                self._insert(space, cap, part, 0, run)
            self._merge_some(space, cap)

    def counts(self, tenant: str, pack: bytes, every: int, canary: bool) -> Counts:
        """The sums over the buckets that are multiples of `every` if `canary`, else over the others."""
        return runs.counts_of(self._merged(tenant, pack), every, canary)

    def buckets(self, tenant: str, pack: bytes, every: int, canary: bool) -> int:
        """How many of them said anything."""
        spoke = np.zeros(BUCKETS, bool)
        for run in self._merged(tenant, pack):
            spoke[runs.buckets_of(run)] = True
        found = np.flatnonzero(spoke)
        return int(((found % every == 0) == canary).sum())

    def forget(self, tenant: str, pack: bytes, before: int) -> None:
        """Entries whose newest epoch is below `before`."""
        space = self._space(tenant, pack)
        for cap, part in self._places(space):
            rows = self._ask(
                "DELETE FROM run WHERE space = %s AND cap = %s AND part = %s"
                " RETURNING bytes, entries, level",
                [space, cap, part],
            ).fetchall()
            kept = _decoded(rows, cap).since(before)
            if len(kept.keys):
                self._insert(space, cap, part, max(level for _, _, level in rows), kept)

    def _known(self, tenant: str, pack: bytes) -> int:
        """The number of their space, 0 for none."""
        rows = self._ask(
            "SELECT id FROM space WHERE tenant = %s AND pack = %s", [tenant, pack]
        ).fetchall()
        return int(rows[0][0]) if rows else 0

    def _space(self, tenant: str, pack: bytes) -> int:
        if known := self._known(tenant, pack):
            return known
        self._ask(
            "INSERT INTO space (tenant, pack) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [tenant, pack],
        )
        return self._known(tenant, pack)

    def _insert(self, space: int, cap: int, part: int, level: int, run: Run) -> None:
        self._ask(
            "INSERT INTO run (space, cap, part, level, entries, bytes)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [space, cap, part, level, len(run.keys), run.encode()],
        )

    def _merge_some(self, space: int, cap: int) -> None:
        due = self._ask(
            "SELECT part, level FROM run WHERE space = %s AND cap = %s GROUP BY part, level"
            f" HAVING count(*) >= {FAN} ORDER BY level, part LIMIT {MERGES}",
            [space, cap],
        ).fetchall()
        for part, level in due:
            rows = self._ask(
                "DELETE FROM run WHERE space = %s AND cap = %s AND part = %s AND level = %s"
                " RETURNING bytes, entries",
                [space, cap, part, level],
            ).fetchall()
            if rows:  # another worker may have merged them
                self._insert(space, cap, part, level + 1, _decoded(rows, cap))

    def _merged(self, tenant: str, pack: bytes) -> Iterator[Run]:
        """What all runs of a part mean together, a part at a time."""
        space = self._known(tenant, pack)
        for cap, part in self._places(space) if space else []:
            rows = self._ask(
                "SELECT bytes, entries FROM run WHERE space = %s AND cap = %s AND part = %s",
                [space, cap, part],
            ).fetchall()
            yield _decoded(rows, cap)

    def _places(self, space: int) -> list[tuple[int, int]]:
        """Every cap and part that has runs."""
        return self._ask(
            "SELECT DISTINCT cap, part FROM run WHERE space = %s ORDER BY cap, part", [space]
        ).fetchall()


def _decoded(rows: Sequence[Any], cap: int) -> Run:
    return runs.merge([runs.decode(row[0], row[1]) for row in rows], cap)
