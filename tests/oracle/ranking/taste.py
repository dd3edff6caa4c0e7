"""What a history says of a title beyond co-watching: TEXT, NEAREST, ERA and GENRE of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.oracle.catalogue import MOST_POPULAR, Stack, Title
from tests.oracle.ranking.arithmetic import (
    ERA,
    ONE_Q20,
    TENTH,
    THIRTIETH,
    cut,
    daypart,
    falling,
    q12,
    weekday,
)
from tests.oracle.ranking.history import Pattern
from tests.oracle.ranking.values import Query, query_of


def centred(query: Query, title: Title) -> int:
    """Of a title that has a vector: what both have beyond the mean of the space."""
    assert title.vector is not None
    dot = sum(a * b for a, b in zip(query.vector, title.vector, strict=True))
    return (dot * title.scale >> 18) * query.scale >> 22


def mean_of(liked: Sequence[tuple[Query, int]]) -> Query | None:
    """Of vectors with weights; None if it is 0."""
    if not liked:
        return None
    columns = zip(*(query.vector for query, _ in liked), strict=True)
    factors = [weight * query.scale for query, weight in liked]
    sums = [sum(f * x for f, x in zip(factors, column, strict=True)) for column in columns]
    most = max(map(abs, sums))
    if most == 0:
        return None
    shift = max(0, most.bit_length() - 31)
    unit = most >> shift
    sizes = [((abs(x) >> shift) * 254 + unit) // (2 * unit) for x in sums]
    row = tuple(-size if x < 0 else size for size, x in zip(sizes, sums, strict=True))
    return Query(row, min(most // (127 * sum(w for _, w in liked)), 2**25 - 1), 0)


def liked_of(recent: Iterable[Title]) -> list[tuple[Query, int]]:
    queries = (query for title in recent if (query := query_of(title)) is not None)
    return [(query, q12(w)) for query, w in zip(islice(queries, 10), falling(TENTH), strict=False)]


def text(liked: Sequence[tuple[Query, int]], title: Title) -> int:
    if title.vector is None:
        return 0
    mean = mean_of([(query, w) for query, w in liked if query.key != title.key])
    return 0 if mean is None else cut(centred(mean, title), -ONE_Q20, ONE_Q20)


def cold(stack: Stack) -> frozenset[int]:
    """Titles that no other's weights name."""
    speakers = (stack.weighing(key) for key in stack.live)
    named = {key for speaker in speakers if speaker is not None for key in speaker.weights}
    return frozenset(stack.live.keys() - named)


def nearest(queries: Sequence[Query], title: Title) -> int:
    """Of a cold title."""
    if title.vector is None:
        return 0
    near = [centred(query, title) for query in queries if query.key != title.key]
    return cut(max(near), 0, ONE_Q20) if near else 0


def expected(patterns: Iterable[Pattern], at_ms: int, utc_offset_min: int) -> list[Query]:
    """Those that hold at this time of the week, as queries: at most four."""
    part, day = daypart(at_ms, utc_offset_min), weekday(at_ms, utc_offset_min)
    found = []
    for one in sorted(patterns, key=lambda one: (-one.weight, one.id)):
        scale = min(one.query.scale, 2**25 - 1) * min(one.weight, 4096) >> 12
        holds = one.dayparts >> part & 1 and (one.weekdays == 0 or one.weekdays >> day & 1)
        if one.weight > 0 and scale > 0 and holds:
            found.append(Query(one.query.vector, scale, 0))
    return found[:4]


def pattern(queries: Sequence[Query], title: Title) -> int:
    if title.vector is None or not queries:
        return 0
    return cut(max(centred(query, title) for query in queries), 0, ONE_Q20)


def era(recent: Iterable[Title], title: Title) -> int:
    years = list(islice((one.year for one in recent if one.year != 0), 30))
    if title.year == 0 or not years:
        return 0
    weights = [q12(w) for w, _ in zip(falling(TENTH), years, strict=False)]
    near = [ERA[min(abs(title.year - year), 64)] for year in years]
    return sum(w * n for w, n in zip(weights, near, strict=True)) // sum(weights)


def share(part: int, whole: int) -> int:
    shift = max(0, whole.bit_length() - 43)
    return ((part >> shift) << 20) // (whole >> shift)


def genre_shares(stack: Stack) -> dict[str, int]:
    """Of what people watch."""
    titles = [title for title in stack.live.values() if title.genres]
    people = [min(title.popularity, MOST_POPULAR) for title in titles]
    if not any(people):
        people = [1] * len(titles)
    parts: dict[str, int] = {}
    for title, n in zip(titles, people, strict=True):
        for genre in title.genres:
            parts[genre] = parts.get(genre, 0) + (n << 8) // len(title.genres)
    whole = sum(people) << 8
    return {genre: share(part, whole) for genre, part in parts.items()}


@dataclass(frozen=True)
class Genres:
    """Of each genre that was watched: lift, its value; shares, its part of all."""

    lift: Mapping[str, int]
    shares: Mapping[str, int]

    @staticmethod
    def of(stack: Stack, recent: Iterable[Title]) -> Genres:
        titles = [title for title in recent if title.genres]
        watched: dict[str, int] = {}
        whole = 0
        for title, weight in zip(titles, falling(THIRTIETH), strict=False):
            whole += weight
            for genre in title.genres:
                watched[genre] = watched.get(genre, 0) + weight // len(title.genres)
        if whole == 0:
            return Genres({}, {})
        others = genre_shares(stack)
        shares = {genre: share(part, whole) for genre, part in watched.items() if part}
        lift = {
            genre: min(ONE_Q20, (own << 18) // (others.get(genre, 0) + 10486))
            for genre, own in shares.items()
        }
        return Genres({genre: value for genre, value in lift.items() if value}, shares)

    def value(self, title: Title) -> int:
        if not title.genres:
            return 0
        return sum(self.lift.get(genre, 0) for genre in title.genres) // len(title.genres)
