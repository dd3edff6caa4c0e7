"""Taste epochs: a year of memories as shares of genres and dayparts, and how far it is from the year before.

Pure and deterministic: the same memories give the same epoch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.critique import Genres
from tvbrain.memory.episodes import Memory
from tvbrain.memory.tiers import BY_NAME
from tvbrain.store.epochs import Epoch, LifeStage

LEAST = 30
"""Different titles liked that make an epoch; fewer wait for the next year."""

CHANGE = 0.15
"""A shift beyond chance from which on it is another life."""

SIDE = 20
"""Different titles on either side of a change within a year."""

MANY = 1.5
"""How much more chance does where the best of many places is taken."""

TITLES = 8
"""Titles kept of an epoch."""

LASTING = 0.08
"""A genre that has this share in every stage of a life is a lasting taste."""

Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fading:
    """Memories of before `before_ms` count for `factor` of what they say, but for those of a `lasting` genre."""

    before_ms: int
    factor: float
    lasting: frozenset[str]

    def of(
        self, at_ms: NDArray[np.int64], genres: NDArray[np.uint64], names: Sequence[str]
    ) -> NDArray[np.float64]:
        """The factor of each memory [n], of a time and a title with `genres`: bit i is set for `names[i]`."""
        lasting = np.uint64(sum(1 << bit for bit, name in enumerate(names) if name in self.lasting))
        stays = (at_ms >= self.before_ms) | ((genres & lasting) != 0)
        return np.where(stays, 1.0, self.factor)


def fold(
    profile: int, memories: Sequence[Memory], genres_of: Genres, known: Sequence[Epoch], end_ms: int
) -> list[Epoch]:
    """The epoch from the last one's end, or the first memory, to `end_ms`: two where taste changed in between, none if
    too little was liked. `memories` are oldest first.
    """
    last = known[-1] if known else None
    since = last.ended_ms if last else -1
    liked = [
        one
        for one in memories
        if since < one.at_ms <= end_ms and one.strength > 0 and genres_of.get(one.item)
    ]
    if _titles(liked) < LEAST:
        return []
    begun = since if last else liked[0].at_ms
    at = _turn(liked, genres_of)
    if at is None:
        return [_epoch(profile, liked, genres_of, begun, end_ms, last)]
    turned = liked[at].at_ms
    before = replace(_epoch(profile, liked[:at], genres_of, begun, turned - 1, last), years=0)
    return [before, _epoch(profile, liked[at:], genres_of, turned - 1, end_ms, before)]


def _epoch(
    profile: int,
    liked: Sequence[Memory],
    genres_of: Genres,
    begun_ms: int,
    end_ms: int,
    last: Epoch | None,
) -> Epoch:
    parts = [0.0] * 8
    titles: dict[int, float] = {}
    for one in liked:
        parts[one.daypart] += one.strength
        titles[one.item] = titles.get(one.item, 0.0) + one.strength
    found = shares(liked, genres_of)
    moved = distance(last.genres, found) if last else 0.0
    own = blur(liked, genres_of)
    changed = last is not None and moved >= CHANGE + chance(
        found, last.genres, own, own * _titles(liked) / last.evidence
    )
    return Epoch(
        profile=profile,
        begun_ms=begun_ms,
        ended_ms=end_ms,
        years=1,
        evidence=_titles(liked),
        genres=found,
        dayparts=tuple(part / sum(parts) for part in parts),
        titles=tuple(sorted(titles, key=lambda key: (-titles[key], key))[:TITLES]),
        shift=moved,
        name=_name(found, last.genres if last and changed else None),
        changed=changed,
    )


def _turn(liked: Sequence[Memory], genres_of: Genres) -> int | None:
    """From which place on a year's tastes are others than before, if they are: where they differ most surely."""
    best, place = 0.0, None
    for at in range(SIDE, len(liked) - SIDE + 1, max(1, len(liked) // 50)):
        n, m = _titles(liked[:at]), _titles(liked[at:])
        if min(n, m) < SIDE:
            continue
        before, after = shares(liked[:at], genres_of), shares(liked[at:], genres_of)
        apart = distance(before, after)
        weight = apart * math.sqrt(n * m / (n + m))
        blurs = blur(liked[:at], genres_of), blur(liked[at:], genres_of)
        if weight > best and apart >= CHANGE + MANY * chance(before, after, *blurs):
            best, place = weight, at
    return place


def _titles(liked: Sequence[Memory]) -> int:
    """How many different ones: twenty episodes of a series are no twenty samples of a taste."""
    return len({one.item for one in liked})


def chance(a: Shares, b: Shares, blur: float, other: float) -> float:
    """The distance that two samples of one taste have on average: each share's difference is nearly normal, of variance
    share x (the blurs' sum).
    """
    names = sorted({*a, *b})
    spread = sum(math.sqrt((a.get(name, 0.0) + b.get(name, 0.0)) / 2) for name in names)
    return math.sqrt(0.5 / math.pi) * spread * math.sqrt(blur + other)


def blur(liked: Sequence[Memory], genres_of: Genres) -> float:
    """The variance of a small share, as a part of it: 1 / n for n titles of one genre each. A title that is divided
    among three genres says a third of each, and the square of that is a ninth: such titles blur a third as much.
    """
    weights = _weights(liked)
    squares = sum(weight * weight / len(genres_of[item]) for item, weight in weights.items())
    return squares / sum(weights.values()) ** 2


def bounded(found: Sequence[Epoch]) -> list[Epoch]:
    """As many as the tier holds, oldest first: beyond that the two oldest become one."""
    capacity = BY_NAME["evolutionary"].capacity
    kept = list(found)
    while capacity is not None and len(kept) > capacity:
        kept[:2] = [together(kept[0], kept[1])]
    return kept


def together(a: Epoch, b: Epoch) -> Epoch:
    """Two epochs that follow each other as one, each with the weight of its evidence; `a` is the older."""
    n = a.evidence + b.evidence
    names = sorted({*a.genres, *b.genres})
    mixed = {
        name: (a.genres.get(name, 0.0) * a.evidence + b.genres.get(name, 0.0) * b.evidence) / n
        for name in names
    }
    both = zip(a.dayparts, b.dayparts, strict=True)
    pairs = zip_longest(a.titles, b.titles)
    titles = dict.fromkeys(key for pair in pairs for key in pair if key is not None)
    return replace(
        a,
        ended_ms=b.ended_ms,
        years=a.years + b.years,
        evidence=n,
        genres=mixed,
        dayparts=tuple((x * a.evidence + y * b.evidence) / n for x, y in both),
        titles=tuple(titles)[:TITLES],
        name=_name(mixed, None),
    )


def stages(found: Sequence[Epoch]) -> list[LifeStage]:
    """The epochs between two changes of taste as one stage each, oldest first."""
    whole: list[Epoch] = []
    for one in found:
        if not whole or one.changed:
            whole.append(one)
        else:
            whole[-1] = together(whole[-1], one)
    return [
        LifeStage(e.profile, e.begun_ms, e.ended_ms, e.genres, _name(e.genres, None)) for e in whole
    ]


def archived(found: Sequence[Epoch], before_ms: int) -> list[Epoch]:
    """Epochs that ended before a time are folded together, those of one stage of life into one."""
    kept: list[Epoch] = []
    for one in found:
        if kept and one.ended_ms <= before_ms and not one.changed:
            kept[-1] = together(kept[-1], one)
        else:
            kept.append(one)
    return kept


def lasting(of: Sequence[LifeStage]) -> frozenset[str]:
    """Genres that belong to every stage of a life of at least two."""
    if len(of) < 2:
        return frozenset()
    return frozenset(
        name for name in of[0].genres if all(one.genres.get(name, 0.0) >= LASTING for one in of)
    )


def fading(found: Sequence[Epoch], of: Sequence[LifeStage]) -> Fading | None:
    """What the newest change of taste makes of older memories; None without a change."""
    for one in reversed(found):
        if one.changed:
            return Fading(one.begun_ms, 1.0 - one.shift, lasting(of))
    return None


def distance(a: Shares, b: Shares) -> float:
    """The part of one that is not in the other, 0 to 1 (total variation)."""
    return sum(abs(a.get(name, 0.0) - b.get(name, 0.0)) for name in sorted({*a, *b})) / 2


def _weights(liked: Sequence[Memory]) -> dict[int, float]:
    """Of each title: what was said of it, at most 1: a series once, not by episodes."""
    said: dict[int, float] = {}
    for one in liked:
        said[one.item] = said.get(one.item, 0.0) + one.strength
    return {item: min(strength, 1.0) for item, strength in said.items()}


def shares(liked: Sequence[Memory], genres_of: Genres) -> dict[str, float]:
    """Of genres among titles; each counts by its weight, divided among its genres."""
    sums: dict[str, float] = {}
    for item, weight in _weights(liked).items():
        names = genres_of[item]
        for name in names:
            sums[name] = sums.get(name, 0.0) + weight / len(names)
    whole = sum(sums[name] for name in sorted(sums))
    return {name: round(sums[name] / whole, 6) for name in sorted(sums)}


def _name(of: Shares, before: Shares | None) -> str:
    text = ", ".join(sorted(of, key=lambda name: (-of[name], name))[:3])
    if before is None:
        return text
    gained = {name: share - before.get(name, 0.0) for name, share in of.items()}
    most = min(gained, key=lambda name: (-gained[name], name))
    return f"{text}; much more {most} than before"
