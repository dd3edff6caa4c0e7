"""A release put to use, and taken back: its patterns are those of the tier `collective`, for everybody on this set.

What lies in brain.db of a release is a function of the release and the pack. So applying it again changes nothing, and
taking it back is applying the one before, or none.
"""

from __future__ import annotations

import numpy as np

from tvbrain.learning.mining import Context
from tvbrain.pack.facts import PackFacts
from tvbrain.pack.native import xxh64
from tvbrain.sqlite import Database
from tvbrain.store import patterns
from tvbrain.store.patterns import TITLES, Pattern
from tvbrain.sync.base import BasePack
from tvbrain.wire import limits, residual
from tvbrain.wire.release import Release

EVERYBODY = 0
"""The profile of what holds for all."""
COLLECTIVE = "collective"
SHARE = 0.5
"""Of its weight a pattern of others has here: a household's own say more of it."""


def apply(db: Database, release: Release | None, base: BasePack, facts: PackFacts) -> int:
    """Replace what the release before it brought; how many patterns there are now. Inside a transaction.

    None, a release of another pack, or of a codebook that this pack does not have: there are none.
    """
    found = [] if release is None else _patterns(release, base, facts)
    patterns.set_patterns(db, EVERYBODY, found)
    return len(found)


def _patterns(release: Release, base: BasePack, facts: PackFacts) -> list[Pattern]:
    book, coding = base.codebook(), release.coding
    if coding is None or book is None or release.pack != base.name:
        return []
    if (book.version, book.rows.shape[1]) != (coding.codebook, coding.dimension):
        return []
    real = book.real()
    known = [one for one in release.patterns if one.code < len(real)]
    directions = np.array(
        [
            real[one.code] + residual.dequantise(one.residual, coding.quantiser, coding.dimension)
            for one in known
        ],
        np.float32,
    ).reshape(len(known), coding.dimension)
    made = {}
    for one, titles in zip(known, base.nearest(directions, TITLES), strict=True):
        genre = _genre(facts, titles)
        number = xxh64(f"{one.code}/{one.dayparts}/{one.weekdays}/{one.weight}".encode())
        made[number] = Pattern(
            id=number,
            profile=EVERYBODY,
            tier=COLLECTIVE,
            name=f"{Context(one.dayparts, one.weekdays).name}, {genre}".removesuffix(", "),
            genre=genre,
            dayparts=one.dayparts,
            weekdays=one.weekdays,
            company="",
            trials=one.support,
            successes=one.support,
            low=one.weight / limits.WEIGHT,
            high=1.0,
            usual=0.0,
            titles=tuple(titles),
            found_ms=release.created * 1000,
            seen_ms=release.created * 1000,
            factor=SHARE,
        )
    return list(made.values())


def _genre(facts: PackFacts, titles: list[int]) -> str:
    """The one that most of them have, of equal ones the first by name; empty without any."""
    counts: dict[str, int] = {}
    for names in facts.find(titles)[1]:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name), default="")
