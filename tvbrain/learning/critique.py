"""A sitting judged by its facts: how well it went, and why, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tvbrain.store.viewings import NOWHERE, Choice, Judgement, Viewing

SUCCESS = 0.5
"""A sitting whose chosen titles said at least this on average went well."""

NAMED = 3
"""Chosen titles that the line tells of."""

Genres = Mapping[int, Sequence[str]]
"""Each title's genres, by key."""


def judge(viewing: Viewing, genres_of: Genres) -> Judgement:
    """Pure: nothing but what the sitting's record holds and the packs say of its titles."""
    chosen = viewing.chosen
    reward = sum(one.strength for one in chosen) / len(chosen) if chosen else 0.0
    text = f"{_offered(viewing, genres_of)}, {_chosen(chosen, genres_of)}"
    return Judgement(reward, bool(chosen) and reward >= SUCCESS, text)


def _offered(viewing: Viewing, genres_of: Genres) -> str:
    if viewing.shown == 0:
        return "offered nothing"
    text = f"offered {_titles(viewing.shown)}"
    counts = Counter(name for one in viewing.offered for name in genres_of.get(one.item, ()))
    if not counts:
        return text
    name, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return f"{text}, {count} of the first {len(viewing.offered)} {name}"


def _chosen(chosen: Sequence[Choice], genres_of: Genres) -> str:
    if not chosen:
        return "chose nothing"
    told = "; ".join(_choice(one, genres_of) for one in chosen[:NAMED])
    more = len(chosen) - NAMED
    return f"chose {told}" + (f"; and {more} more" if more > 0 else "")


def _choice(one: Choice, genres_of: Genres) -> str:
    names = genres_of.get(one.item, ())
    text = "/".join(names) if names else "a title that no pack knows"
    place = (
        "that was not offered"
        if one.row == NOWHERE
        else f"in row {one.row + 1}, place {one.place + 1}"
    )
    return f"{text} {place}, watched {round(one.watched * 100)} %"


def _titles(count: int) -> str:
    return "1 title" if count == 1 else f"{count} titles"
