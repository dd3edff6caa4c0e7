"""What showing a genre does, estimated from what was shown by chance: inverse propensity weights.

A title that the policy shows seldom and that is shown all the same speaks for the many times when it was not shown:
each showing counts 1 / propensity, cut at 16. The estimate is the weighted mean of the outcomes (self-normalised: the
weights' sum divides, Swaminathan and Joachims 2015), its deviation that of a ratio of sums. Showings of unknown
propensity are left out, and counted. Old showings fade as the tier `temporal` does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tvbrain.memory.tiers import decay
from tvbrain.store.edges import EVERY, Edge
from tvbrain.store.patterns import Pattern

ONE_Q16 = 65_536
HEAVIEST = 16.0
"""The policy's own propensities are never below 1 / 16."""

ENOUGH = 20.0
"""Showings of a genre before they say anything of a pattern."""

SURE = 2.0
"""Deviations that an estimate must be below the usual to count against a pattern."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One showing whose outcome is known. `propensity_q16` 0: not known."""

    at_ms: int
    daypart: int
    genres: tuple[str, ...]
    propensity_q16: int
    played: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """The chance of being played when shown, 0 to 1, and the standard deviation of that."""

    chance: float
    deviation: float


def add(
    profile: int, known: Mapping[tuple[int, str], Edge], outcomes: Iterable[Outcome]
) -> list[Edge]:
    """The edges that these outcomes change, as they are then; in order."""
    changed: dict[tuple[int, str], Edge] = {}
    for one in outcomes:
        for genre in (EVERY, *one.genres):
            place = (one.daypart, genre)
            before = changed.get(place) or known.get(place) or Edge(profile, *place)
            changed[place] = _added(before, one)
    return [changed[place] for place in sorted(changed)]


def _added(edge: Edge, one: Outcome) -> Edge:
    now = max(edge.at_ms, one.at_ms)
    kept = decay("temporal", (now - edge.at_ms) / 1000) if edge.at_ms else 0.0
    if one.propensity_q16 == 0:
        w, count, unknown = 0.0, 0.0, 1.0
    else:
        w, count, unknown = min(ONE_Q16 / one.propensity_q16, HEAVIEST), 1.0, 0.0
    played = float(one.played)
    return replace(
        edge,
        shown=edge.shown * kept + count,
        unknown=edge.unknown * kept + unknown,
        w=edge.w * kept + w,
        wr=edge.wr * kept + w * played,
        ww=edge.ww * kept * kept + w * w,
        wwr=edge.wwr * kept * kept + w * w * played,
        at_ms=now,
    )


def effect(edge: Edge) -> Effect | None:
    """None where nothing of known propensity was shown."""
    if edge.w <= 0.0:
        return None
    chance = edge.wr / edge.w
    spread = edge.wwr * (1 - chance) ** 2 + (edge.ww - edge.wwr) * chance**2
    return Effect(chance, math.sqrt(max(spread, 0.0)) / edge.w)


def factor(pattern: Pattern, known: Mapping[tuple[int, str], Edge]) -> float:
    """What is left of a pattern's weight, 0 to 1: less where its genre, shown at its time, is surely played less than
    what is shown then is, in proportion to the most that it may be.
    """
    part = pattern.dayparts.bit_length() - 1
    own, rest = known.get((part, pattern.genre)), known.get((part, EVERY))
    if own is None or rest is None or own.shown < ENOUGH:
        return 1.0
    of_own, usual = effect(own), effect(rest)
    if of_own is None or usual is None or usual.chance <= 0.0:
        return 1.0
    most = of_own.chance + SURE * of_own.deviation
    return round(min(1.0, most / usual.chance), 6)
