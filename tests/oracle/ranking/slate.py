"""The order of titles and the choice of k: "Order and slate" of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking.arithmetic import tie
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.values import alike

Group = tuple[str, int]
CALIBRATION = 1600


def group_of(title: Title) -> Group:
    return ("series", title.group) if title.group else ("itself", title.key)


def in_order(picks: Iterable[Pick], token: int) -> list[Pick]:
    return sorted(picks, key=lambda pick: (-pick.score, -tie(token, pick.key), pick.key))


def pool_of(stack: Stack, ordered: list[Pick], k: int) -> list[Pick]:
    size = max(256, 4 * k)
    while size < len(ordered):
        if len({group_of(stack.live[pick.key]) for pick in ordered[:size]}) >= k:
            break
        size *= 2
    return ordered[:size]


def excess(
    stack: Stack, slate: Iterable[Pick], k: int, shares: Mapping[str, int], title: Title
) -> int:
    """How far the genres of a title, in the slate so far, go beyond their share of what is watched."""
    if not title.genres or not shares:
        return 0
    used: dict[str, int] = {}
    for pick in slate:
        genres = stack.live[pick.key].genres
        for genre in genres:
            used[genre] = used.get(genre, 0) + 2**20 // len(genres)
    beyond = (max(0, used.get(genre, 0) // k - shares.get(genre, 0)) for genre in title.genres)
    return sum(beyond) // len(title.genres)


def chosen(
    stack: Stack,
    picks: Iterable[Pick],
    k: int,
    token: int,
    shares: Mapping[str, int] | None,
    diversity: int,
) -> list[Pick]:
    """Of those that may be taken, up to k of different groups. `shares`: of the genres watched, with the losses; None:
    without."""
    left = pool_of(stack, in_order(picks, token), k)
    nearest = dict.fromkeys((pick.key for pick in left), 0)
    slate: list[Pick] = []
    while left and len(slate) < k:
        lost = {
            pick.key: (diversity * nearest[pick.key] >> 12)
            + (CALIBRATION * excess(stack, slate, k, shares, stack.live[pick.key]) >> 12)
            for pick in left
            if shares is not None
        }
        best = max(left, key=lambda pick: pick.score - lost.get(pick.key, 0))
        slate.append(best)
        title = stack.live[best.key]
        left = [p for p in left if group_of(stack.live[p.key]) != group_of(title)]
        for pick in left if shares is not None else ():
            near = alike(stack, title, stack.live[pick.key])
            nearest[pick.key] = max(nearest[pick.key], near)
    return slate
