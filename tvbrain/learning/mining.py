"""Patterns of the week, mined from sittings: at which daypart, and maybe weekday, a genre is liked more than else.

A sitting with a liked title is one trial of its context for each genre, and a success for the genres of what was liked
in it. A genre is a pattern of a context if the lower bound of its share of successes lies above its usual share: what
it may be in the sittings of all other contexts, by one deviation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tvbrain.learning.critique import SUCCESS, Genres
from tvbrain.learning.proportion import interval
from tvbrain.pack.native import xxh64
from tvbrain.store.patterns import TITLES, Pattern
from tvbrain.store.viewings import Viewing

LEAST = 4
"""Sittings in which a genre must have been liked, on so many different days."""

KEPT_MS = 180 * 86_400_000
"""So long a pattern that does not hold any more is remembered."""

CHILDREN = frozenset({"Children", "Family"})
"""Genres of titles that are watched with children."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUARTERS = ("night", "morning", "afternoon", "evening")
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Context:
    """Masks: of dayparts, and of weekdays (none: all)."""

    dayparts: int
    weekdays: int

    def has(self, sitting: Viewing) -> bool:
        here = self.weekdays == 0 or self.weekdays >> sitting.weekday & 1
        return bool(here and self.dayparts >> sitting.daypart & 1)

    @property
    def name(self) -> str:
        part = self.dayparts.bit_length() - 1
        if self.weekdays:
            return f"{DAYS[self.weekdays.bit_length() - 1]} {QUARTERS[part % 4]}"
        return f"{'weekend' if part >= 4 else 'weekday'} {QUARTERS[part % 4]}"


def _parts() -> list[Context]:
    return [Context(1 << part, 0) for part in range(8)]


def _days(dayparts: int) -> range:
    """Weekdays that have these dayparts."""
    return range(5, 7) if dayparts >= 1 << 4 else range(5)


def _weekdays() -> list[Context]:
    return [Context(1 << part, 1 << day) for part in range(8) for day in _days(1 << part)]


def mine(
    profile: int,
    sittings: Sequence[Viewing],
    genres_of: Genres,
    known: Sequence[Pattern],
    now_ms: int,
) -> list[Pattern]:
    """What holds now, and what held and is still remembered, by id. Pure: the same sittings give the same patterns.

    A pattern that is found again keeps the time when it was found first, and what was learned of showing it.
    """
    liked = [(one, _liked(one, genres_of)) for one in sittings]
    trials = [(one, found) for one, found in liked if found]
    found = {one.id: one for one in _holding(profile, trials, now_ms)}
    for old in known:
        new = found.get(old.id)
        if new is not None:
            since = old.found_ms if old.retired_ms is None else now_ms
            found[old.id] = replace(new, found_ms=since, factor=old.factor)
        elif old.retired_ms is None:
            found[old.id] = replace(old, retired_ms=now_ms)
        elif now_ms - old.retired_ms < KEPT_MS:
            found[old.id] = old
    return [found[number] for number in sorted(found)]


Liked = Mapping[str, Sequence[tuple[float, int]]]
"""Of a sitting, by genre: (strength, key) of the titles that were liked."""


def _liked(sitting: Viewing, genres_of: Genres) -> dict[str, list[tuple[float, int]]]:
    found: dict[str, list[tuple[float, int]]] = {}
    for choice in sitting.chosen:
        if choice.strength >= SUCCESS:
            for genre in genres_of.get(choice.item, ()):
                found.setdefault(genre, []).append((choice.strength, choice.item))
    return found


def _holding(
    profile: int, trials: Sequence[tuple[Viewing, Liked]], now_ms: int
) -> Iterator[Pattern]:
    """A weekday's pattern stands if it is surer than its daypart's, which then has to hold without that day."""
    for context, genre, wide in _every(profile, _parts(), trials, now_ms):
        days = [Context(context.dayparts, 1 << day) for day in _days(context.dayparts)]
        narrow = [found for _, _, found in _every(profile, days, trials, now_ms, only=genre)]
        surer = [one for one in narrow if one.low > wide.low]
        yield from surer
        mask = sum(one.weekdays for one in surer)
        rest = [(one, liked) for one, liked in trials if not mask >> one.weekday & 1]
        if not surer or _pattern(profile, context, genre, rest, now_ms) is not None:
            yield wide
    wide_ones = {(c.dayparts, g) for c, g, _ in _every(profile, _parts(), trials, now_ms)}
    for context, genre, found in _every(profile, _weekdays(), trials, now_ms):
        if (context.dayparts, genre) not in wide_ones:
            yield found


def _every(
    profile: int,
    among: Iterable[Context],
    trials: Sequence[tuple[Viewing, Liked]],
    now_ms: int,
    only: str = "",
) -> Iterator[tuple[Context, str, Pattern]]:
    """What holds in each context, of one genre or of all."""
    for context in among:
        genres = {genre for one, liked in trials if context.has(one) for genre in liked}
        for genre in sorted(genres):
            found = None
            if only in ("", genre):
                found = _pattern(profile, context, genre, trials, now_ms)
            if found is not None:
                yield context, genre, found


def _pattern(
    profile: int,
    context: Context,
    genre: str,
    trials: Sequence[tuple[Viewing, Liked]],
    now_ms: int,
) -> Pattern | None:
    here = [(one, liked) for one, liked in trials if context.has(one)]
    good = [(one, liked) for one, liked in here if genre in liked]
    days = {one.started_ms // DAY_MS for one, _ in good}
    if len(good) < LEAST or len(days) < LEAST:
        return None
    everywhere = sum(genre in liked for _, liked in trials)
    _, usual = interval(everywhere - len(good), len(trials) - len(here), 1.0)
    low, high = interval(len(good), len(here))
    if low <= usual:
        return None
    company = _company(good, genre)
    name = ", ".join(part for part in (context.name, genre, company) if part)
    identity = f"{profile}/{context.dayparts}/{context.weekdays}/{genre}"
    return Pattern(
        id=xxh64(identity.encode("utf-8")) or 1,
        profile=profile,
        tier="temporal",
        name=name,
        genre=genre,
        dayparts=context.dayparts,
        weekdays=context.weekdays,
        company=company,
        trials=len(here),
        successes=len(good),
        low=low,
        high=high,
        usual=usual,
        titles=_titles(good, genre),
        found_ms=now_ms,
        seen_ms=max(one.ended_ms for one, _ in good),
    )


def _company(good: Sequence[tuple[Viewing, Liked]], genre: str) -> str:
    """Whether most of these sittings had something for children beside."""
    with_children = sum(bool(CHILDREN & liked.keys()) for _, liked in good)
    return "with the children" if 2 * with_children > len(good) and genre not in CHILDREN else ""


def _titles(good: Sequence[tuple[Viewing, Liked]], genre: str) -> tuple[int, ...]:
    weight: Counter[int] = Counter()
    for _, liked in good:
        for strength, key in liked[genre]:
            weight[key] += round(strength * 10_000)
    best = sorted(weight.items(), key=lambda pair: (-pair[1], pair[0]))[:TITLES]
    return tuple(key for key, _ in best)
