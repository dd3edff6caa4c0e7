"""Rows that have nothing but title, year and genres (MovieLens) find the work they mean among fuller rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tvbrain.pack.same_work import Facts, Rule

SHORTEST_NEAR_YEAR = 4
"""A title joins a work of a neighbouring year only if its key is this long: "It" is no "I.T."."""

SHORTEST_AKA = 5
"""An alternative title joins only if its key has at least this many characters: "M", "Ran" or "Ils" are chance."""


def join_thin(
    thin: Sequence[Facts], works: Sequence[Sequence[Facts]]
) -> list[tuple[int, Rule] | None]:
    """For each thin row the position of the one work it means, and by which rule; None where there is no single one.

    works: each work as the facts of its rows. A work is taken by at most one thin row: the closest by year, then by
    main title before alternative ones, then by shared genres; a tie goes to nobody.
    """
    by_key: dict[str, set[int]] = defaultdict(set)
    for work, rows in enumerate(works):
        for row in rows:
            for key in (row.key.bare, *row.aka):
                by_key[key].add(work)
    claims: dict[int, list[tuple[tuple[int, int, int], int]]] = defaultdict(list)
    for at, row in enumerate(thin):
        best = _best_work(row, works, by_key)
        if best is not None:
            claims[best[1]].append((best[0], at))
    joined: list[tuple[int, Rule] | None] = [None] * len(thin)
    for work, claimants in claims.items():
        claimants.sort()
        if len(claimants) > 1 and claimants[0][0] == claimants[1][0]:
            continue
        (gap, _, _), at = claimants[0]
        joined[at] = (work, "title+year" if gap == 0 else "title+near-year")
    return joined


def _best_work(
    row: Facts, works: Sequence[Sequence[Facts]], by_key: dict[str, set[int]]
) -> tuple[tuple[int, int, int], int] | None:
    keys = [row.key.bare, *(key for key in row.aka if len(key) >= SHORTEST_AKA)]
    found = {work for key in keys for work in by_key.get(key, ())}
    ranked = sorted(
        (rank, work) for work in found if (rank := _closest(row, works[work])) is not None
    )
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0]


def _closest(row: Facts, work: Sequence[Facts]) -> tuple[int, int, int] | None:
    ranks = [rank for other in work if (rank := _fit(row, other)) is not None]
    return min(ranks, default=None)


def _fit(row: Facts, other: Facts) -> tuple[int, int, int] | None:
    """(year gap, 0 for equal titles and 2 for an alternative one, minus shared genres), None if it does not fit."""
    year = other.key.year or other.year
    if row.type != other.type or not row.year or not year:
        return None
    gap, shared = abs(row.year - year), len(_kinds(row) & _kinds(other))
    kin = shared > 0 or not row.genres or not other.genres
    if row.key.text == other.key.text:
        telling = shared > 0 and len(row.key.bare) >= SHORTEST_NEAR_YEAR
        fits = gap == 0 or (gap == 1 and (telling or len(row.key.words) >= 3))
        return (gap, 0, -shared) if fits and (kin or len(row.key.words) > 1) else None
    if row.key.bare == other.key.bare:
        return (gap, 1, -shared) if gap == 0 and kin else None
    return (gap, 2, -shared) if gap == 0 and shared > 0 else None


def _kinds(row: Facts) -> frozenset[str]:
    """Genres, with those that lists give to films for children as one."""
    return frozenset(
        "Children" if genre in ("Family", "Animation") else genre for genre in row.genres
    )
