"""What sets say, week by week. Honest ones by the rules of real sets (tvbrain.learning.couples); hostile ones as they
please, within what a server decodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tvbrain.fleet.lives import Life
from tvbrain.learning.couples import MOST, Couple, waiting
from tvbrain.wire import delta
from tvbrain.wire.delta import Delta
from tvbrain.wire.errors import OverLimitError

ITEMS = 64
"""Titles of one push, as `tvbrain.sync.contents` takes them."""

EVERY = 1 << 40
FEWER = 8
"""Couples that are left for next week at once while a delta does not fit."""


class Teller(Protocol):
    """One set."""

    def tell(self, week: int) -> Delta | None:
        """What it says of this week and of what waited; weeks ascend. None where nothing waits."""


class Honest:
    """Says each couple and each title once, the nearest couples first."""

    def __init__(self, life: Life, pack: bytes) -> None:
        self._life, self._pack = life, pack
        self._told: set[tuple[int, int]] = set()
        self._titles: set[int] = set()

    def tell(self, week: int) -> Delta | None:
        history = self._life.until(week)
        new = [title for title in dict.fromkeys(history) if title not in self._titles][:ITEMS]
        couples = waiting(history, self._told, MOST)
        said, sent = fitted(self._pack, couples, new)
        self._told.update((earlier, later) for earlier, later, _ in sent)
        self._titles.update(new)
        return said if sent or new else None

    def left(self, week: int) -> int:
        """Couples that still wait."""
        return len(waiting(self._life.until(week), self._told, EVERY))


class Promoter:
    """Says that whoever liked one of `couples` popular titles went on to each of `titles`: again and again, as much a
    week as a push takes.
    """

    def __init__(
        self, titles: Sequence[int], popular: Sequence[int], pack: bytes, couples: int
    ) -> None:
        wanted = [
            (other, title, 0)
            for title in titles
            for other in [one for one in popular if one != title][:couples]
        ]
        self._said = [
            fitted(pack, wanted[at : at + MOST], titles[:ITEMS])[0]
            for at in range(0, len(wanted), MOST)
        ]

    def tell(self, week: int) -> Delta | None:
        return self._said[week % len(self._said)]


class Scaled:
    """Says the couples of a real life again every week, as neighbours, and every title as often as can be said."""

    def __init__(self, life: Life, pack: bytes) -> None:
        self._life, self._pack = life, pack

    def tell(self, week: int) -> Delta | None:
        history = self._life.until(week)
        couples = [(a, b, 0) for a, b, _ in waiting(history, (), MOST)]
        said, _ = fitted(self._pack, couples, list(dict.fromkeys(history))[:ITEMS], count=15)
        return said


class Flipped:
    """Says of a real life the reverse order: the nearest to a flipped sign that has a form on the wire."""

    def __init__(self, life: Life, pack: bytes) -> None:
        turned = tuple(tuple(reversed(week)) for week in reversed(life.weeks))
        self._honest = Honest(Life(turned), pack)

    def tell(self, week: int) -> Delta | None:
        return self._honest.tell(week)


def fitted(
    pack: bytes, couples: Sequence[Couple], titles: Sequence[int], count: int = 1
) -> tuple[Delta, list[Couple]]:
    """The delta of as many of the first couples as fit, and those. Of both orders of two titles the first alone."""
    chosen: dict[tuple[int, int], Couple] = {}
    for couple in couples:
        earlier, later, _ = couple
        chosen.setdefault((min(earlier, later), max(earlier, later)), couple)
    kept = list(chosen.items())
    items = tuple((title, count) for title in sorted(titles))
    while True:
        ordered = sorted(kept)
        order = tuple(
            near | (delta.TURNED if later < earlier else 0) for _, (earlier, later, near) in ordered
        )
        made = Delta(pack=pack, pairs=tuple(pair for pair, _ in ordered), order=order, items=items)
        try:
            delta.encode(made)
        except OverLimitError:
            del kept[-FEWER:]
            continue
        return made, [couple for _, couple in kept]
