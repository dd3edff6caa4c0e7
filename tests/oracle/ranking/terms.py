"""From values to a score: the twelve terms, by a history or by one title."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking import taste, values
from tests.oracle.ranking.arithmetic import cut, daypart, moment
from tests.oracle.ranking.exploration import moves
from tests.oracle.ranking.filters import Request
from tests.oracle.ranking.history import History, Seen, Told
from tests.oracle.ranking.taste import Genres
from tests.oracle.ranking.values import Query
from tests.oracle.xxh64 import xxh64

(
    CF, TEXT, PATTERN, POPULARITY, FRESH, DAYPART, FATIGUE, EXPLORE, ERA, GENRE, NEAREST, CHANNEL,
) = range(12)  # fmt: skip
WEIGHT_LIMIT = 2**14
CF_LIMIT = 2**24
Terms = tuple[int, ...]
Valuer = Callable[[int], Mapping[int, int]]

genre_hash = cache(lambda name: xxh64(name.encode()))


def only(of: Mapping[int, int]) -> Terms:
    """Numbers by term, 0 where none is given."""
    return tuple(of.get(term, 0) for term in range(12))


OF_SIMILAR = only({CF: 16384, TEXT: 4096, POPULARITY: 100})


def habit(history: History, request: Request, title: Title) -> tuple[int, str]:
    """DAYPART's value, and the genre that it is of."""
    part = daypart(request.at_ms, request.utc_offset_min)
    table = {genre: affinity for at, affinity, genre in history.affinities if at == part}
    known = [
        (-cut(table[genre_hash(name)], -4096, 4096), genre_hash(name), name)
        for name in title.genres
        if genre_hash(name) in table
    ]
    if not known:
        return 0, ""
    negative, _, name = min(known)
    return -negative * 256, name


def fatigue(seen: Seen | None, at_ms: int) -> int:
    if seen is None or seen.shown is None:
        return 0
    minute, count = seen.shown
    since = max(0, moment(at_ms) // 60_000 - minute)
    halvings, into = divmod(since, 4320)
    if halvings >= 21:
        return 0
    b = (min(count, 8) << 17) >> halvings
    return -(b - (b >> 1) * into // 4320)


def weighted(weights: Sequence[int], of: Mapping[int, int]) -> Terms:
    return tuple(
        cut(weight, -WEIGHT_LIMIT, WEIGHT_LIMIT) * of.get(term, 0) >> 12
        for term, weight in enumerate(weights)
    )


def much_watched(genres: Genres, title: Title) -> str:
    """The genre that GENRE names; empty for none."""
    known = [
        (-genres.lift[name], genre_hash(name), name) for name in title.genres if name in genres.lift
    ]
    return min(known)[2] if known else ""


def interest_queries(history: History, told: Told) -> list[Query]:
    """At most three: interests, then the vectors of the recent titles."""
    found = [query for query in history.interests if query.scale != 0]
    found += [q for one in told.recent if (q := values.query_of(one.title)) is not None]
    return found[:3]


def explored(request: Request, of: Mapping[int, int]) -> Terms:
    """The terms by the request's weights, and what its draw adds to them as EXPLORE."""
    terms = list(weighted(request.weights, of))
    if request.exploration is None:
        return tuple(terms)
    moved = moves(request.exploration, len(terms), request.screen_token, 0)
    score = sum(
        (cut(weight, -WEIGHT_LIMIT, WEIGHT_LIMIT) * 256 + move) * of.get(term, 0) >> 20
        for term, (weight, move) in enumerate(zip(request.weights, moved, strict=True))
    )
    terms[EXPLORE] = score - sum(terms)
    return tuple(terms)


def of_history(stack: Stack, history: History, told: Told, request: Request) -> Valuer:
    """The values of each title, by key."""
    cf: dict[int, int] = {}
    for one in told.seen.values():
        if one.h != 0:
            for key, addend in values.adds(stack, one.title, one.h).items():
                cf[key] = cf.get(key, 0) + addend
    recent = [one.title for one in told.recent]
    liked = taste.liked_of(recent)
    queries = interest_queries(history, told)
    patterns = taste.expected(history.patterns, request.at_ms, request.utc_offset_min)
    cold = taste.cold(stack)
    genres = Genres.of(stack, recent)
    unknown = 256 * max(0, 10 - len(recent)) // 10
    part = daypart(request.at_ms, request.utc_offset_min)

    @cache
    def value(key: int) -> Mapping[int, int]:
        title = stack.live[key]
        return {
            CF: cut(cf.get(key, 0), -CF_LIMIT, CF_LIMIT),
            TEXT: taste.text(liked, title),
            PATTERN: taste.pattern(patterns, title),
            POPULARITY: values.audience(stack, title, request.region, part) * unknown >> 8,
            FRESH: values.fresh(title, request.at_ms),
            DAYPART: habit(history, request, title)[0],
            FATIGUE: fatigue(told.seen.get(key), request.at_ms),
            ERA: taste.era(recent, title),
            GENRE: genres.value(title),
            NEAREST: taste.nearest(queries, title) if key in cold else 0,
        }

    return value


def of_title(stack: Stack, title: Title) -> Callable[[Title], dict[int, int]]:
    """The values of "Similar": as if `title` were the whole history."""
    cf = values.adds(stack, title, 4096)
    own = values.query_of(title)
    liked = [] if own is None else [(own, 4096)]

    def value(other: Title) -> dict[int, int]:
        return {
            CF: cut(cf.get(other.key, 0), -CF_LIMIT, CF_LIMIT),
            TEXT: taste.text(liked, other),
            POPULARITY: values.popularity(stack, other),
        }

    return value
