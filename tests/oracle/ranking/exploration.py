"""Sampled weights and propensities: "Exploration" of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.oracle.catalogue import Stack
from tests.oracle.ranking.arithmetic import MASK64, cut, mix
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.slate import CALIBRATION, excess, group_of, in_order, pool_of
from tests.oracle.ranking.values import alike

MOVE, SHIFT, SHOWN = 2**18, 16383, 8191
DRAWS = 16


@dataclass(frozen=True)
class Exploration:
    """`factor` is a lower triangle over the terms, row by row."""

    profile: int
    version: int
    factor: tuple[int, ...]


def moves(of: Exploration, terms: int, token: int, draw: int) -> list[int]:
    """By how much a draw moves each weight."""
    stream = mix(token ^ mix((of.version << 32 | of.profile) & MASK64)) + draw * terms
    z = []
    for term in range(terms):
        total = sum(mix((stream + term) & MASK64).to_bytes(8, "little"))
        z.append((total - 1020) * 10033 >> 9)
    found, at = [], 0
    for term in range(terms):
        row = of.factor[at : at + term + 1]
        at += term + 1
        total = sum(cut(a, -MOVE, MOVE) * b for a, b in zip(row, z, strict=False))
        found.append(cut(total >> 12, -MOVE, MOVE))
    return found


@dataclass(eq=False)
class _Place:
    pick: Pick
    number: int
    worth: int
    diversity: int
    nearest: int = 0
    compared: int = 0
    counted: int = 0

    @property
    def plain(self) -> int:
        """The score less what is lost for alike ones."""
        return self.pick.score - (self.diversity * self.nearest >> 12)


def propensities(
    stack: Stack,
    picks: list[Pick],
    k: int,
    token: int,
    of: Exploration,
    values: Callable[[int], Mapping[int, int]],
    shares: Mapping[str, int] | None,
    diversity: int,
) -> dict[int, int]:
    """Of the titles that are chosen of `picks`, by key; and that these are the ones is for the caller to check."""
    terms = len(picks[0].terms) if picks else 0
    chosen, others = _lazily(stack, picks, k, token, shares, diversity)
    for one in others:
        one.worth = one.plain - beyond(stack, one, chosen, k, shares)
    rivals = chosen + sorted(others, key=lambda o: (-o.worth, o.number))[: len(chosen) + 32]
    own = moves(of, terms, token, 0)
    shown = {
        one.pick.key: [
            cut(cut(values(one.pick.key).get(t, 0) >> 8, -(2**15), 2**15 - 1), -SHOWN, SHOWN)
            for t in range(terms)
        ]
        for one in rivals
    }
    within = dict.fromkeys((one.pick.key for one in chosen), 1)
    for draw in range(1, DRAWS):
        shift = [
            cut((m - o) >> 4, -SHIFT, SHIFT)
            for m, o in zip(moves(of, terms, token, draw), own, strict=True)
        ]
        worth = {
            one.pick.key: one.plain
            + (sum(s * v for s, v in zip(shift, shown[one.pick.key], strict=True)) >> 8)
            for one in rivals
        }
        drawn: list[_Place] = []
        while len(drawn) < len(chosen):
            left = [one for one in rivals if one not in drawn]
            lost = {o.pick.key: beyond(stack, o, drawn, k, shares) for o in left}
            drawn.append(max(left, key=lambda o: worth[o.pick.key] - lost[o.pick.key]))
        for one in drawn:
            if one.pick.key in within:
                within[one.pick.key] += 1
    return {key: count * 65536 // DRAWS for key, count in within.items()}


def beyond(
    stack: Stack, one: _Place, slate: list[_Place], k: int, shares: Mapping[str, int] | None
) -> int:
    """What it loses for genres that the slate has beyond their share."""
    title = stack.live[one.pick.key]
    own = excess(stack, [other.pick for other in slate], k, shares or {}, title)
    return CALIBRATION * own >> 12


def _lazily(
    stack: Stack,
    picks: list[Pick],
    k: int,
    token: int,
    shares: Mapping[str, int] | None,
    diversity: int,
) -> tuple[list[_Place], list[_Place]]:
    """The chosen, with what they were worth then, and the pool's others that could still be."""
    pool = pool_of(stack, in_order(picks, token), k)
    left = [_Place(pick, number, pick.score, diversity) for number, pick in enumerate(pool)]
    chosen: list[_Place] = []
    groups: set[object] = set()

    while left and len(chosen) < k:
        best = max(left, key=lambda one: (one.worth, -one.number))
        title = stack.live[best.pick.key]
        if group_of(title) in groups:
            left.remove(best)
        elif shares is not None and best.counted < len(chosen):
            best.counted = len(chosen)
            best.worth = best.plain - beyond(stack, best, chosen, k, shares)
        elif shares is not None and best.compared < len(chosen):
            for other in chosen[best.compared :]:
                near = alike(stack, stack.live[other.pick.key], title)
                best.nearest = max(best.nearest, near)
            best.compared = len(chosen)
            best.worth = best.plain - beyond(stack, best, chosen, k, shares)
        else:
            chosen.append(best)
            groups.add(group_of(title))
            left.remove(best)
    return chosen, [one for one in left if group_of(stack.live[one.pick.key]) not in groups]
