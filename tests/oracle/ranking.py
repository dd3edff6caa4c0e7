"""docs/ranking.md in plain Python integers, by brute force: what every slate must be. Nothing here looks at the native
code; a title is known by its key alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.oracle.catalogue import Offer, Stack, Title
from tests.oracle.xxh64 import xxh64

FINISHED, DISLIKED, HIDDEN, STARTED, NO_CONTINUE = 1, 2, 4, 32, 64
CF, TEXT, PATTERN, POPULARITY, FRESH, DAYPART, FATIGUE, EXPLORE = range(8)
(NO_REASON, WATCHED, SIMILAR, BY_PATTERN, POPULAR, NEW, BY_DAYPART, EXPLORING, CONTINUE, NEXT_EPISODE, QUERY, TASTE) = (
    range(12)
)
REASONS = (WATCHED, SIMILAR, BY_PATTERN, POPULAR, NEW, BY_DAYPART, NO_REASON, EXPLORING)
ROW_CONTINUE, ROW_BECAUSE, ROW_TOP_PICKS, ROW_POPULAR = 1, 2, 3, 4
SIMILAR_WEIGHTS = (16384, 4096, 0, 100, 0, 0, 0, 0)
ONE = 1 << 20


@dataclass(frozen=True)
class Entry:
    """Of the fold, as far as ranking reads it."""

    key: int
    last_ms: int
    touch: int
    ordinal: int
    resume: int
    impression_min: int
    impressions: int
    strength: int
    flags: int
    watched: int
    episode: tuple[int, int]
    done: tuple[int, int]


@dataclass(frozen=True)
class Query:
    vector: tuple[int, ...]
    scale: int
    bias: int
    key: int = 0  # of the title whose vector it is


@dataclass(frozen=True)
class Request:
    max_age: int
    entitlements: frozenset[str]  # empty: all
    region: str
    genre: str
    at_ms: int
    utc_offset_min: int
    k: int
    screen_token: int
    weights: tuple[int, ...]


@dataclass(frozen=True)
class History:
    entries: tuple[Entry, ...] = ()
    kept: Mapping[int, int] = field(default_factory=dict)  # key: flags
    ordinal: int = 0
    interests: tuple[Query, ...] = ()  # of the stack's space
    affinities: tuple[tuple[int, int, int], ...] = ()  # daypart, Q12, hash of the genre


@dataclass
class Seen:
    """What the history says of one title."""

    title: Title
    strength: int
    h: int
    ordinal: int
    touch: int
    flags: int
    resume: int
    watched: int
    episode: tuple[int, int]
    done: tuple[int, int] | None
    shown: tuple[int, int] | None  # minute, impressions


@dataclass
class Pick:
    key: int
    terms: tuple[int, ...]
    reason: int = NO_REASON
    reason_key: int | None = None
    reason_genre: str = ""
    position: int = 0
    season: int = 0
    episode: int = 0

    @property
    def score(self) -> int:
        return sum(self.terms)


def cut(x: int, low: int, high: int) -> int:
    return max(low, min(high, x))


def decay_table() -> list[int]:
    table, value = [], 1 << 30
    for _ in range(1024):
        table.append((value + (1 << 17)) >> 18)
        value = value * 1037166236 >> 30
    return table


DECAY = decay_table()


def log2_q16(n: int) -> int:
    whole = n.bit_length() - 1
    m = n << (31 - whole) if whole <= 31 else n >> (whole - 31)
    result = whole
    for _ in range(16):
        m = m * m >> 31
        bit = 1 if m >= 1 << 32 else 0
        m >>= bit
        result = result * 2 + bit
    return result


def tie(token: int, key: int) -> int:
    mask = 2**64 - 1
    z = ((token ^ key) + 0x9E3779B97F4A7C15) & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return z ^ z >> 31


def at_the_end(seasons: Sequence[int], done: tuple[int, int]) -> bool:
    season, episode = done
    n = len(seasons)
    if n == 0 or seasons[-1] == 0:
        return False
    return season > n or (season == n and episode >= seasons[-1])


def successor(seasons: Sequence[int], done: tuple[int, int]) -> tuple[int, int] | None:
    season, episode = done
    if at_the_end(seasons, done):
        return None
    if season < len(seasons) and seasons[season - 1] > 0 and episode >= seasons[season - 1]:
        return season + 1, 1
    return season, episode + 1


def newest(entries: Iterable[Entry]) -> Entry:
    return min(entries, key=lambda e: (-e.touch, e.key))


class Ranking:
    """One person's request to one stack."""

    def __init__(self, stack: Stack, history: History, request: Request) -> None:
        self.stack, self.history, self.request = stack, history, request
        self.weights = tuple(cut(w, -(2**14), 2**14) for w in request.weights)
        day_limit = 10**7 * 86_400_000
        self.at = cut(request.at_ms, -day_limit, day_limit)
        self.largest = max((t.popularity for t in stack.live.values()), default=0)
        self.seen: dict[int, Seen] = {}
        self.finished: set[int] = set()
        self.hidden: set[int] = set()
        self._gather()
        self.recent = sorted(
            (s for s in self.seen.values() if s.strength > 0),
            key=lambda s: (-s.ordinal, -s.touch, s.title.key),
        )

    # ---- Filters ----

    def is_open(self, offer: Offer) -> bool:
        request = self.request
        if request.entitlements and offer.provider not in request.entitlements:
            return False
        return self._in_region(offer) and offer.start_ms <= request.at_ms < offer.end_ms

    def _in_region(self, offer: Offer) -> bool:
        return not offer.regions or (self.request.region != "" and self.request.region in offer.regions)

    def admitted(self, title: Title) -> bool:
        return title.age <= self.request.max_age and any(map(self.is_open, title.offers))

    def of_genre(self, title: Title) -> bool:
        return self.request.genre in ("", *title.genres)

    def eligible(self) -> list[Title]:
        return [
            t
            for t in self.stack.live.values()
            if self.admitted(t) and self.of_genre(t) and t.key not in self.finished | self.hidden
        ]

    def first_open_offer(self, title: Title) -> int:
        return next((i for i, o in enumerate(title.offers) if self.is_open(o)), -1)

    def why_not(self, title: Title) -> set[str]:
        causes = set()
        if title.age > self.request.max_age:
            causes.add("age")
        if not self.of_genre(title):
            causes.add("genre")
        if title.key in self.finished:
            causes.add("finished")
        if title.key in self.hidden:
            causes.add("hidden")
        entitled = self.request.entitlements
        offers = [o for o in title.offers if not entitled or o.provider in entitled]
        if not offers:
            causes.add("entitled")
        elif not any(self._in_region(o) for o in offers):
            causes.add("region")
        elif not any(self.is_open(o) for o in offers):
            causes.add("window")
        return causes

    # ---- History ----

    def _gather(self) -> None:
        by_title: dict[int, list[Entry]] = {}
        for entry in self.history.entries:
            title = self.stack.find(entry.key)
            if title is not None:
                by_title.setdefault(title.key, []).append(entry)
        kept: dict[int, int] = {}
        for key, flags in self.history.kept.items():
            title = self.stack.find(key)
            if title is not None:
                kept[title.key] = kept.get(title.key, 0) | flags
        for key, entries in by_title.items():
            self.seen[key] = self._combined(self.stack.live[key], entries)
        for key in by_title.keys() | kept.keys():
            flags = kept.get(key, 0)
            if key in self.seen:
                seen = self.seen[key]
                flags |= seen.flags
                if seen.done is not None and at_the_end(seen.title.seasons, seen.done):
                    self.finished.add(key)
            if flags & FINISHED:
                self.finished.add(key)
            if flags & (HIDDEN | DISLIKED):
                self.hidden.add(key)

    def _combined(self, title: Title, entries: list[Entry]) -> Seen:
        last = newest(entries)
        strongest = min(entries, key=lambda e: (-abs(e.strength), -e.touch, e.key))
        done = [e for e in entries if e.done[0] > 0]
        shown = [
            (e.impression_min, e.impressions)
            for e in entries
            if e.impressions > 0
            and not any(o is not e and o.last_ms > e.impression_min * 60_000 + 59_999 for o in entries)
        ]
        flags = last.flags & (STARTED | NO_CONTINUE)
        for entry in entries:
            flags |= entry.flags & (FINISHED | HIDDEN | DISLIKED)
        distance = min(self.history.ordinal - strongest.ordinal, 1023)
        return Seen(
            title=title,
            strength=strongest.strength,
            h=strongest.strength * DECAY[distance] >> 12,
            ordinal=strongest.ordinal,
            touch=last.touch,
            flags=flags,
            resume=last.resume,
            watched=last.watched,
            episode=last.episode,
            done=newest(done).done if done else None,
            shown=max(shown, default=None),
        )

    # ---- Values ----

    def adds(self, title: Title, h: int) -> dict[int, int]:
        """What a title of strength h adds to the others, by key."""
        speaker = self.stack.weighing(title.key)
        if speaker is None:
            return {}
        f = cut(h * speaker.weight_scale >> 16, -16383, 16383)
        return {key: w * f for key, w in speaker.weights.items() if key in self.stack.live}

    def cf(self, sources: Iterable[tuple[Title, int]]) -> dict[int, int]:
        total: dict[int, int] = {}
        for title, h in sources:
            for key, addend in self.adds(title, h).items():
                total[key] = total.get(key, 0) + addend
        return total

    def sim(self, query: Query, title: Title) -> int:
        assert title.vector is not None
        dot = sum(a * b for a, b in zip(query.vector, title.vector, strict=True))
        scaled = (dot * title.scale >> 18) * query.scale >> 22
        return scaled + query.bias + title.bias - self.stack.mean_square

    @staticmethod
    def query_of(title: Title) -> Query | None:
        return None if title.vector is None else Query(title.vector, title.scale, title.bias, title.key)

    def text_queries(self) -> list[Query]:
        own = [self.query_of(s.title) for s in self.recent]
        return [*self.history.interests, *(q for q in own if q is not None)][:4]

    def text(self, queries: Sequence[Query], title: Title) -> int:
        if title.vector is None:
            return 0
        sims = [self.sim(q, title) for q in queries if q.key != title.key]
        return cut(max(sims, default=0), 0, ONE)

    def popularity(self, title: Title) -> int:
        if self.largest == 0:
            return 0
        return (log2_q16(1 + title.popularity) << 20) // log2_q16(1 + self.largest)

    def fresh(self, title: Title) -> int:
        day = self.at // 86_400_000
        if title.added_day is not None:
            age = max(0, day - max(title.added_day, -(10**6)))
            return ((60 - age) << 20) // 60 if age < 60 else 0
        if title.year == 0:
            return 0
        years = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).year - title.year
        return 1 << 19 if years <= 0 else 1 << 18 if years == 1 else 0

    def daypart(self, title: Title) -> tuple[int, str]:
        local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            milliseconds=self.at, minutes=self.request.utc_offset_min
        )
        part = 4 * (local.weekday() >= 5) + local.hour // 6
        table = {h: cut(a, -4096, 4096) for p, a, h in self.history.affinities if p == part}
        hashes = {g: xxh64(g.encode()) for g in title.genres}
        known = [(-table[h], h, g) for g, h in hashes.items() if h in table]
        if not known:
            return 0, ""
        affinity, _, genre = min(known)
        return -affinity * 256, genre

    def fatigue(self, title: Title) -> int:
        seen = self.seen.get(title.key)
        if seen is None or seen.shown is None:
            return 0
        minute, count = seen.shown
        since = max(0, self.at // 60_000 - minute)
        halvings = since // 4320
        if halvings > 20:
            return 0
        b = (min(count, 8) << 17) >> halvings
        return -(b - (b >> 1) * (since % 4320) // 4320)

    def terms(
        self, title: Title, weights: Sequence[int], cf: Mapping[int, int], queries: Sequence[Query], whole: bool
    ) -> tuple[int, ...]:
        values = [0] * 8
        values[CF] = cut(cf.get(title.key, 0), -(2**24), 2**24)
        values[TEXT] = self.text(queries, title)
        values[POPULARITY] = self.popularity(title)
        values[FRESH] = self.fresh(title)
        if whole:
            values[DAYPART] = self.daypart(title)[0]
            values[FATIGUE] = self.fatigue(title)
        return tuple(w * v >> 12 for w, v in zip(weights, values, strict=True))

    def by_history(self) -> Callable[[Title], tuple[int, ...]]:
        cf = self.cf((s.title, s.h) for s in self.seen.values() if s.h != 0)
        queries = self.text_queries()
        return lambda title: self.terms(title, self.weights, cf, queries, whole=True)

    def by_title(self, title: Title) -> Callable[[Title], tuple[int, ...]]:
        cf = self.adds(title, 4096)
        own = self.query_of(title)
        queries = [own] if own is not None else []
        return lambda other: self.terms(other, SIMILAR_WEIGHTS, cf, queries, whole=False)

    # ---- Slates ----

    def ordered(self, picks: Iterable[Pick]) -> list[Pick]:
        token = self.request.screen_token
        return sorted(picks, key=lambda p: (-p.score, -tie(token, p.key), p.key))

    def group(self, key: int) -> tuple[str, int]:
        group = self.stack.live[key].group
        return ("group", group) if group else ("alone", key)

    def alike(self, chosen: Title, other: Title) -> int:
        query = self.query_of(chosen)
        if query is not None and other.vector is not None:
            return cut(self.sim(query, other), 0, ONE)
        either = chosen.genres | other.genres
        return (len(chosen.genres & other.genres) << 20) // len(either) if either else 0

    def chosen(self, picks: Iterable[Pick], taken: set[tuple[str, int]], diverse: bool) -> list[Pick]:
        """The slate from these; `taken` are groups of earlier rows, and grows."""
        k = self.request.k
        ordered = self.ordered(p for p in picks if self.group(p.key) not in taken)
        size = max(256, 4 * k)
        while size < len(ordered) and len({self.group(p.key) for p in ordered[:size]}) < k:
            size *= 2
        pool = ordered[:size]
        slate: list[Pick] = []
        while len(slate) < k:
            left = [p for p in pool if self.group(p.key) not in taken]
            if not left:
                break

            def worth(pick: Pick) -> int:
                if not diverse:
                    return 0
                title = self.stack.live[pick.key]
                nearest = max((self.alike(self.stack.live[c.key], title) for c in slate), default=0)
                return pick.score - (100 * nearest >> 12)

            best = max(left, key=worth)
            slate.append(best)
            taken.add(self.group(best.key))
        return slate

    def may_be_named(self, title: Title) -> bool:
        return self.admitted(title) and title.key not in self.hidden

    def give_reason(self, pick: Pick) -> None:
        largest = max(range(8), key=lambda t: pick.terms[t])
        pick.reason = REASONS[largest] if pick.terms[largest] > 0 else NO_REASON
        title = self.stack.live[pick.key]
        if pick.reason == WATCHED:
            named = [
                (-a, -s.ordinal, s.title.key)
                for s in self.seen.values()
                if s.h != 0
                and self.may_be_named(s.title)
                and (a := self.adds(s.title, s.h).get(pick.key, 0)) > 0
            ]
            pick.reason_key = min(named)[2] if named else None
        elif pick.reason == SIMILAR:
            near = [
                (self.sim(query, title), s.title.key)
                for s in self.recent[:64]
                if s.title.key != pick.key
                and (query := self.query_of(s.title)) is not None
                and self.may_be_named(s.title)
            ]
            pick.reason_key = max(near, key=lambda n: n[0])[1] if near else None
        elif pick.reason == BY_DAYPART:
            pick.reason_genre = self.daypart(title)[1]
        if pick.reason in (WATCHED, SIMILAR) and pick.reason_key is None:
            pick.reason = TASTE

    def recommend(self) -> list[Pick]:
        terms = self.by_history()
        slate = self.chosen((Pick(t.key, terms(t)) for t in self.eligible()), set(), diverse=True)
        for pick in slate:
            self.give_reason(pick)
        return slate

    def similar(self, title: Title) -> list[Pick]:
        terms = self.by_title(title)
        others = (Pick(t.key, terms(t), QUERY) for t in self.eligible() if t.key != title.key)
        slate = self.chosen(others, {self.group(title.key)}, diverse=False)
        for pick in slate:
            pick.reason_key = title.key if self.may_be_named(title) else None
        return slate

    def search(self, text: str) -> tuple[int, list[Pick]]:
        found = []
        for title in self.stack.live.values():
            match = max(match_of(text, normal) for normal in title.normals)
            if match and self.admitted(title) and self.of_genre(title):
                terms = (0, match << 21, 0, self.popularity(title), 0, 0, 0, 0)
                terms = (0, terms[1], 0, terms[3], 0, 0, 0, 0)
                found.append(Pick(title.key, terms, QUERY))
        return len(found), self.ordered(found)[: self.request.k]

    def witnesses(self, title: Title) -> list[tuple[int, int]]:
        found = []
        for seen in self.seen.values():
            if seen.h == 0 or not self.may_be_named(seen.title):
                continue
            addend = cut(self.adds(seen.title, seen.h).get(title.key, 0), -(2**24), 2**24)
            term = self.weights[CF] * addend >> 12
            if term != 0:
                found.append((-abs(term), -seen.ordinal, seen.title.key, term))
        return [(key, term) for _, _, key, term in sorted(found)[:8]]

    # ---- Rows ----

    def rows(self, capacity: int) -> list[tuple[int, int | None, list[Pick]]]:
        rows: list[tuple[int, int | None, list[Pick]]] = []
        taken: set[tuple[str, int]] = set()
        eligible = self.eligible()

        def free() -> list[Title]:
            return [t for t in eligible if self.group(t.key) not in taken]

        def add(kind: int, named: int | None, picks: list[Pick]) -> bool:
            if not picks or len(rows) >= capacity:
                return False
            rows.append((kind, named, picks))
            return True

        terms = self.by_history()
        add(ROW_CONTINUE, None, self.continue_watching(free(), terms, taken) if capacity else [])
        if len(rows) < capacity:
            picks = self.chosen((Pick(t.key, terms(t)) for t in free()), taken, diverse=True)
            for pick in picks:
                self.give_reason(pick)
            add(ROW_TOP_PICKS, None, picks)
        count = 0
        for seen in self.recent:
            title = seen.title
            if len(rows) >= capacity or count == 2:
                break
            says = self.stack.weighing(title.key) is not None or title.vector is not None
            if seen.strength >= 2048 and says and self.may_be_named(title):
                count += add(ROW_BECAUSE, title.key, self.because(title, free(), taken))
        if len(rows) < capacity:
            add(ROW_POPULAR, None, self.popular(free(), taken))
        return rows

    def continue_watching(
        self, free: list[Title], terms: Callable[[Title], tuple[int, ...]], taken: set[tuple[str, int]]
    ) -> list[Pick]:
        keys = {t.key for t in free}
        row: list[Pick] = []
        for seen in sorted(self.seen.values(), key=lambda s: (-s.touch, s.title.key)):
            title = seen.title
            if len(row) == self.request.k:
                break
            if title.key not in keys or self.group(title.key) in taken or seen.flags & NO_CONTINUE:
                continue
            pick = Pick(title.key, terms(title))
            after = successor(title.seasons, seen.done) if seen.done else None
            if seen.flags & STARTED and (seen.resume >= 120 or seen.watched >= 300):
                pick.reason, pick.position = CONTINUE, seen.resume
                pick.season, pick.episode = seen.episode
            elif after is not None:
                pick.reason = NEXT_EPISODE
                pick.season, pick.episode = after
            else:
                continue
            row.append(pick)
            taken.add(self.group(title.key))
        return row

    def because(self, title: Title, free: list[Title], taken: set[tuple[str, int]]) -> list[Pick]:
        terms = self.by_title(title)
        cf = self.adds(title, 4096)
        own = self.query_of(title)
        queries = [own] if own is not None else []
        others = [
            Pick(t.key, terms(t), reason_key=title.key)
            for t in free
            if t.key != title.key and (cf.get(t.key, 0) > 0 or self.text(queries, t) > 0)
        ]
        own_group = self.group(title.key)
        before = own_group in taken
        taken.add(own_group)
        row = self.chosen(others, taken, diverse=False)
        if not before:
            taken.discard(own_group)
        for pick in row:
            pick.reason = WATCHED if pick.terms[CF] >= pick.terms[TEXT] else SIMILAR
        return row

    def popular(self, free: list[Title], taken: set[tuple[str, int]]) -> list[Pick]:
        picks = [
            Pick(t.key, (0, 0, 0, self.popularity(t), 0, 0, 0, 0), POPULAR) for t in free if t.popularity > 0
        ]
        return self.chosen(picks, taken, diverse=False)


def match_of(text: str, normal: str) -> int:
    if text == normal:
        return 4
    if normal.startswith(text):
        return 3
    if " " + text in normal:
        return 2
    return 1 if text in normal else 0
