"""What speaks for a title whoever asks: co-watching, similarity, popularity, freshness, in Q20 ("Terms" of
docs/ranking.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle.catalogue import MOST_POPULAR, Stack, Title
from tests.oracle.ranking.arithmetic import (
    DAY_MS,
    FRESH,
    ONE_Q20,
    cut,
    log2_q16,
    moment,
    year_of,
)


@dataclass(frozen=True)
class Query:
    """A vector that titles are compared with. `key`: the title whose own it is; 0 for an interest."""

    vector: tuple[int, ...]
    scale: int
    bias: int
    key: int = 0


def query_of(title: Title) -> Query | None:
    if title.vector is None:
        return None
    return Query(title.vector, title.scale, title.bias, title.key)


def adds(stack: Stack, title: Title, h: int) -> dict[int, int]:
    """What a watched title of strength h adds to CF of others, by key."""
    speaker = stack.weighing(title.key)
    if speaker is None:
        return {}
    f = cut(h * speaker.weight_scale >> 16, -16383, 16383)
    return {key: w * f for key, w in speaker.weights.items() if key in stack.live}


def sim(stack: Stack, query: Query, title: Title) -> int:
    """Of a title that has a vector."""
    assert title.vector is not None
    dot = sum(a * b for a, b in zip(query.vector, title.vector, strict=True))
    return (
        ((dot * title.scale >> 18) * query.scale >> 22)
        + query.bias
        + title.bias
        - stack.mean_square
    )


def text(stack: Stack, queries: Sequence[Query], title: Title) -> int:
    if title.vector is None:
        return 0
    sims = [sim(stack, query, title) for query in queries if query.key != title.key]
    return cut(max(sims), 0, ONE_Q20) if sims else 0


def popularity(stack: Stack, title: Title) -> int:
    if stack.most_popular == 0:
        return 0
    own = log2_q16(1 + min(title.popularity, MOST_POPULAR))
    return (own << 20) // log2_q16(1 + stack.most_popular)


def audience(stack: Stack, title: Title, region: str, part: int) -> int:
    """Popularity where and when is asked, as far as people are counted there."""
    value = popularity(stack, title)
    here = stack.counts(region, 255, 0) if region else {}
    for counts in (here, stack.counts(region, part, 0) or stack.counts("", part, 0)):
        people = sum(counts.values())
        most = log2_q16(1 + max(counts.values(), default=0))
        counted = (log2_q16(1 + counts[title.key]) << 20) // most if title.key in counts else 0
        share = (people << 12) // (people + 1000)
        value = (value * (4096 - share) + counted * share) >> 12
    return value


def newness(title: Title, at_ms: int) -> int:
    day = moment(at_ms) // DAY_MS
    if title.added_day is not None:
        age = max(0, day - max(title.added_day, -(10**6)))
        return ((60 - age) << 20) // 60 if age < 60 else 0
    if title.year == 0:
        return 0
    years = year_of(day) - title.year
    if years <= 0:
        return 1 << 19
    return 1 << 18 if years == 1 else 0


def fresh(title: Title, at_ms: int) -> int:
    age = year_of(moment(at_ms) // DAY_MS) - title.year
    by_year = FRESH[min(age, 64)] if title.year != 0 and age >= 0 else 0
    return max(by_year, newness(title, at_ms) if title.added_day is not None else 0)


def alike(stack: Stack, chosen: Title, other: Title) -> int:
    query = query_of(chosen)
    if query is not None and other.vector is not None:
        return cut(sim(stack, query, other), 0, ONE_Q20)
    either = chosen.genres | other.genres
    return (len(chosen.genres & other.genres) << 20) // len(either) if either else 0
