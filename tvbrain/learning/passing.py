"""Patterns that a sitting passes over: what they bring was shown tonight, and nobody wanted it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from tvbrain.store.patterns import Pattern

SHOWN = 8
"""Titles of a pattern's genre that must have been shown before it can be passed over."""
LONG = 48
"""Places shown after which choosing nothing at all says as much as choosing something else."""


def passed_over(
    patterns: Iterable[Pattern],
    *,
    shown: Collection[int],
    played: Collection[int],
    places: int,
    genres_of: Callable[[Sequence[int]], Sequence[Collection[str]]],
) -> frozenset[int]:
    """Those of a profile's patterns, by id, of whose genre at least SHOWN titles were shown in one sitting and none
    played, while something else was played or LONG places were shown. `shown` and `played`: keys of titles.
    """
    found = list(patterns)
    if not found or len(shown) < SHOWN or not (played or places >= LONG):
        return frozenset()
    offered, chosen = genres_of(sorted(shown)), genres_of(sorted(played))
    return frozenset(
        one.id
        for one in found
        if not any(one.genre in genres for genres in chosen)
        and sum(one.genre in genres for genres in offered) >= SHOWN
    )
