"""Canonical ids: given once, kept for ever.

A viewer's history holds the ids he watched under. So an id that was published goes on naming the same work, and a
canonical id never comes to name another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tvbrain.pack.catalogue import Title


@dataclass(frozen=True, slots=True)
class Identity:
    """canonical[i] is the id of work i; `aliases` and `retired` as in `Merged`."""

    canonical: tuple[str, ...]
    aliases: dict[str, str]
    retired: dict[str, str]


def assign_ids(works: Sequence[Sequence[Title]], previous: Mapping[str, str]) -> Identity:
    """Names each work.

    A work keeps the canonical id its rows had in `previous`: the first one in the order of its rows, if they had
    several (two titles found to be one). If the rows of one earlier title are now in several works, its id stays
    with the work that holds the row of that very id, else with the first. A work without an earlier id is named by
    its first row, or by the first of its offers whose id was never a canonical id of another work.
    """
    own = [
        dict.fromkeys(name for row in work for name in (row.id, *(o.id for o in row.offers)))
        for work in works
    ]
    holder = {name: at for at, names in enumerate(own) for name in names}
    taken: dict[str, int] = {}
    for at, names in enumerate(own):
        for name in names:
            kept = previous.get(name)
            if kept is not None and holder.get(kept, at) == at:
                taken.setdefault(kept, at)
    canonical: list[str] = []
    published = set(previous.values())
    for at, names in enumerate(own):
        earlier = (previous[name] for name in names if name in previous)
        kept = next((name for name in earlier if taken.get(name) == at), None)
        fresh = (name for name in names if name not in published or taken.get(name) == at)
        canonical.append(kept if kept is not None else next(fresh, next(iter(names))))
    aliases = {name: canonical[at] for at, names in enumerate(own) for name in names}
    aliases.update((name, name) for name in canonical)
    retired: dict[str, str] = {}
    for name, kept in previous.items():
        if name in aliases:
            continue
        if kept in taken:
            aliases[name] = canonical[taken[kept]]
        else:
            retired[name] = kept
    return Identity(tuple(canonical), aliases, retired)
