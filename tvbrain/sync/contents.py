"""What of all that waits goes into one push: the most valuable that fits.

Counts of dayparts and the blender's difference take 30 bytes and always go. Then titles, the most watched first (a pair
says little without how often its titles are watched), patterns, the weightiest first, and pairs, the closest first, as
many as there is room for. What is left waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.learning.couples import MOST, as_near
from tvbrain.learning.prototype import prototype
from tvbrain.pack.codebook import ONE_Q30, Codebook
from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import blends, patterns, syncing
from tvbrain.store.syncing import BLENDER, DAYPART, ITEM, MARK, PAIR, PATTERN, Unsaid
from tvbrain.sync.base import BasePack
from tvbrain.sync.collect import TOLD
from tvbrain.types import TERMS
from tvbrain.wire import delta, limits, residual
from tvbrain.wire.delta import Delta
from tvbrain.wire.errors import OverLimitError
from tvbrain.wire.pattern import Coding, WirePattern, ascending

ITEMS, PATTERNS = 64, 2
"""Of each, at most, in one push."""
LAYOUT = 1
"""Of the blender's terms: those of tvbrain.types.TERMS in their order."""
STEPS = 128


@dataclass(frozen=True, slots=True)
class Told:
    """A delta, and what of the waiting it tells: `gone` is taken away, `kept` stays with another value."""

    delta: Delta
    gone: tuple[Unsaid, ...]
    kept: tuple[Unsaid, ...]


def choose(
    db: Database, base: BasePack, facts: PackFacts, random: np.random.Generator
) -> Told | None:
    """None where nothing waits. Titles that the base pack does not have wait for one that does."""
    items, pairs, parts = (syncing.unsaid(db, kind) for kind in (ITEM, PAIR, DAYPART))
    keys = {one.a for one in items} | {key for one in pairs for key in (one.a, one.b)}
    rows = base.rows(sorted(keys))
    items = [one for one in items if one.a in rows]
    couples = _ordered(pairs, rows)
    told, coding = _patterns(db, base, facts, random)
    difference, version = _blender(db)
    if not (items or couples or told or version):
        return None

    def made(of_items: int, of_patterns: int, of_pairs: int) -> Delta:
        shown = [one for _, one in told[:of_patterns]]
        order = {pair: near for _, pair, near in couples[:of_pairs]}
        return Delta(
            pack=base.name,
            pairs=tuple(sorted(order)),
            order=tuple(order[pair] for pair in sorted(order)),
            items=_counted([(rows[i.a], i.value) for i in items[:of_items]]),
            dayparts=_dayparts(parts),
            coding=coding if shown else None,
            patterns=ascending(shown),
            layout=LAYOUT if version else 0,
            blender=difference if version else (),
        )

    of_items = _most(min(len(items), ITEMS), lambda n: made(n, 0, 0))
    of_patterns = _most(min(len(told), PATTERNS), lambda n: made(of_items, n, 0))
    of_pairs = _most(min(len(couples), MOST), lambda n: made(of_items, of_patterns, n))
    said = [Unsaid(w.profile, PATTERN, w.a, 0, TOLD) for w, _ in told[:of_patterns]]
    return Told(
        made(of_items, of_patterns, of_pairs),
        (*items[:of_items], *(couple[0] for couple in couples[:of_pairs]), *parts),
        (*said, *version),
    )


def _most(many: int, made: Callable[[int], Delta]) -> int:
    """The largest number up to `many` whose delta fits; sizes grow with it."""
    low, high = 0, many
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(made(middle)):
            low = middle
        else:
            high = middle - 1
    return low


def _fits(one: Delta) -> bool:
    try:
        delta.encode(one)
    except OverLimitError:
        return False
    return True


def _ordered(
    pairs: Sequence[Unsaid], rows: Mapping[int, int]
) -> list[tuple[Unsaid, tuple[int, int], int]]:
    """With the pair's rows, the lower first, and the field order of it. Of both orders of one pair, and of two ids of a
    title, the closest; the other waits."""
    found: dict[tuple[int, int], tuple[Unsaid, tuple[int, int], int]] = {}
    for one in pairs:
        if one.a in rows and one.b in rows and rows[one.a] != rows[one.b]:
            earlier, later = rows[one.a], rows[one.b]
            pair = (min(earlier, later), max(earlier, later))
            turned = delta.TURNED if later < earlier else 0
            found.setdefault(pair, (one, pair, as_near(one.value) | turned))
    return list(found.values())


def _counted(items: Sequence[tuple[int, float]]) -> tuple[tuple[int, int], ...]:
    """Several profiles' counts of one row add up, to the most that may be told."""
    sums: dict[int, int] = {}
    for row, count in items:
        sums[row] = min(limits.ITEM_COUNT, sums.get(row, 0) + max(1, round(count)))
    return tuple(sorted(sums.items()))


def _dayparts(parts: Sequence[Unsaid]) -> tuple[int, ...]:
    counts = [0] * limits.DAYPARTS
    for one in parts:
        counts[one.a] = min(limits.DAYPART_COUNT, counts[one.a] + round(one.value))
    return tuple(counts) if any(counts) else ()


def _patterns(
    db: Database, base: BasePack, facts: PackFacts, random: np.random.Generator
) -> tuple[list[tuple[Unsaid, WirePattern]], Coding | None]:
    """Those that were not told yet, as they would be; none without a codebook."""
    waiting = [one for one in syncing.unsaid(db, PATTERN) if one.value > TOLD]
    book = base.codebook() if waiting else None
    if book is None:
        return [], None
    real = book.real()
    coding = Coding(book.version, residual.TWO_BIT, real.shape[1])
    found = []
    for one in waiting:
        known = {p.id: p for p in patterns.patterns(db, one.profile)}
        pattern = known.get(one.a)
        made = None if pattern is None else prototype(facts, list(pattern.titles))
        if pattern is None or made is None:
            continue
        vector = made.row[: real.shape[1]].astype(np.float32) * np.float32(made.scale_q30 / ONE_Q30)
        weight = max(1, min(limits.WEIGHT, round(pattern.weight * limits.WEIGHT)))
        found.append((one, _told(vector, book, real, weight, pattern, random)))
    return found, coding


def _told(
    vector: np.ndarray,
    book: Codebook,
    real: np.ndarray,
    weight: int,
    pattern: patterns.Pattern,
    random: np.random.Generator,
) -> WirePattern:
    code = book.nearest(vector)
    left = residual.quantise(vector - real[code], residual.TWO_BIT, random)
    return WirePattern(code, left, weight, pattern.dayparts, pattern.weekdays)


def _blender(db: Database) -> tuple[tuple[int, ...], tuple[Unsaid, ...]]:
    """How far the weights of who learned most lie from where they began, and that this version of them is told."""
    said = {one.profile: one.value for one in syncing.unsaid(db, BLENDER)}
    agreed = {one.profile for one in syncing.unsaid(db, MARK)}
    stored = [
        (blend.updates, profile, blend)
        for profile, blend in blends.blends(db).items()
        if profile in agreed and blend.terms == len(TERMS) and len(blend.prior) >= len(TERMS)
    ]
    if not stored:
        return (), ()
    _, profile, blend = max(stored, key=lambda one: one[:2])
    if blend.version <= said.get(profile, 0.0):
        return (), ()
    terms = range(len(TERMS))
    steps = (round((blend.numbers[t] - blend.prior[t]) * STEPS) for t in terms)
    clipped = tuple(max(-limits.STEP, min(limits.STEP, step)) for step in steps)
    return clipped, (Unsaid(profile, BLENDER, 0, 0, float(blend.version)),)
