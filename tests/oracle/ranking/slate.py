"""The order of titles and the choice of k: "Order and slate" of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking.arithmetic import tie
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.values import alike

Group = tuple[str, int]


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


def chosen(stack: Stack, picks: Iterable[Pick], k: int, token: int, *, diverse: bool) -> list[Pick]:
    """Of those that may be taken, up to k of different groups; `diverse`: with the loss for alike ones."""
    left = pool_of(stack, in_order(picks, token), k)
    nearest = dict.fromkeys((pick.key for pick in left), 0)
    slate: list[Pick] = []
    while left and len(slate) < k:
        best = max(left, key=lambda pick: pick.score - (100 * nearest[pick.key] >> 12))
        slate.append(best)
        title = stack.live[best.key]
        left = [p for p in left if group_of(stack.live[p.key]) != group_of(title)]
        for pick in left if diverse else ():
            near = alike(stack, title, stack.live[pick.key])
            nearest[pick.key] = max(nearest[pick.key], near)
    return slate
