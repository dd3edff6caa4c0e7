"""From sittings that are over to what may be told of them: each sitting once, and none from before the consent.

Everything is bounded before it waits: a pair counts the closeness d^(-1/2) of two titles liked at most
`couples.WINDOW` places apart, in their order, a title once a sitting, a pattern once for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tvbrain.learning.couples import WINDOW
from tvbrain.sqlite import Database
from tvbrain.store import patterns, syncing, viewings
from tvbrain.store.syncing import DAYPART, ITEM, MARK, PAIR, PATTERN, Unsaid
from tvbrain.store.viewings import Viewing

SURE = 0.7
"""The share of successes from which a pattern is told."""

TEMPORAL = "temporal"
TOLD = 0.0
"""The value of a pattern that was told: it stays, and is not told again."""


def collect(db: Database, consenting: Iterable[int], now_ms: int) -> None:
    """Let what is new wait, and drop what waits of those who consent no more. Inside a transaction."""
    agreed = set(consenting)
    marks = syncing.marks(db)
    for profile in sorted(marks.keys() - agreed):
        syncing.forget(db, profile)
    for profile in sorted(agreed):
        if profile not in marks:
            syncing.set_unsaid(db, Unsaid(profile, MARK, 0, 0, float(now_ms)))
            continue
        _collect_one(db, profile, marks[profile])


def _collect_one(db: Database, profile: int, mark: int) -> None:
    over = [one for one in viewings.viewings(db, profile) if one.judged is not None]
    new = [one for one in over if one.started_ms > mark]
    if new:
        syncing.add_unsaid(db, _pairs(profile, over, mark))
        syncing.add_unsaid(db, _items(profile, new))
        begun = float(max(one.started_ms for one in new))
        syncing.set_unsaid(db, Unsaid(profile, MARK, 0, 0, begun))
    _patterns(db, profile)


def _liked(sittings: Iterable[Viewing]) -> Iterator[tuple[int, int]]:
    """(begin of the sitting in ms, title), in order."""
    for one in sittings:
        for choice in one.chosen:
            if choice.strength > 0:
                yield one.started_ms, choice.item


def _pairs(profile: int, sittings: Iterable[Viewing], mark: int) -> list[Unsaid]:
    """Of each new liked title those liked shortly before it, be they told or not."""
    liked = list(_liked(sittings))
    closeness: dict[tuple[int, int], float] = {}
    for at, (begun, item) in enumerate(liked):
        if begun <= mark:
            continue
        for apart in range(1, min(WINDOW, at) + 1):
            other = liked[at - apart][1]
            if other != item:
                pair = (other, item)
                closeness[pair] = closeness.get(pair, 0.0) + apart**-0.5
    return [Unsaid(profile, PAIR, a, b, value) for (a, b), value in sorted(closeness.items())]


def _items(profile: int, sittings: Iterable[Viewing]) -> list[Unsaid]:
    found: Counter[tuple[str, int]] = Counter()
    for one in sittings:
        liked = {choice.item for choice in one.chosen if choice.strength > 0}
        found.update((ITEM, item) for item in liked)
        found.update([(DAYPART, one.daypart)])
    return [Unsaid(profile, kind, a, 0, float(n)) for (kind, a), n in sorted(found.items())]


def _patterns(db: Database, profile: int) -> None:
    known = {one.a for one in syncing.unsaid(db, PATTERN) if one.profile == profile}
    for one in patterns.patterns(db, profile):
        sure = one.trials > 0 and one.successes / one.trials >= SURE
        holds = one.retired_ms is None and one.weight > 0
        if one.tier == TEMPORAL and holds and sure and one.id not in known:
            syncing.set_unsaid(db, Unsaid(profile, PATTERN, one.id, 0, one.weight))
