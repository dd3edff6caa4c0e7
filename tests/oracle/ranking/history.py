"""What a profile's history says of titles: "History" of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking.arithmetic import DECAY
from tests.oracle.ranking.values import Query

FINISHED, DISLIKED, HIDDEN, LISTED, RATED, STARTED, NO_CONTINUE = 1, 2, 4, 8, 16, 32, 64
Place = tuple[int, int]  # season, episode


@dataclass(frozen=True)
class Entry:
    """One of the fold, as far as ranking reads it."""

    key: int
    last_ms: int
    listed_ms: int
    touch: int
    ordinal: int
    resume: int
    duration: int
    impression_min: int
    impressions: int
    strength: int
    flags: int
    watched: int
    episode: Place
    done: Place


@dataclass(frozen=True)
class Pattern:
    """dayparts, weekdays: masks; no weekdays are all."""

    id: int
    dayparts: int
    weekdays: int
    weight: int
    query: Query


@dataclass(frozen=True)
class History:
    """A folded history with what was learned of it."""

    entries: tuple[Entry, ...] = ()
    kept: Mapping[int, int] = field(default_factory=dict)  # key: flags
    ordinal: int = 0
    interests: tuple[Query, ...] = ()  # of the stack's space
    affinities: tuple[tuple[int, int, int], ...] = ()  # daypart, Q12, hash of the genre
    row_use: tuple[tuple[int, int, int], ...] = ()  # daypart, kind of row, Q12
    channels: tuple[tuple[int, int, int], ...] = ()  # daypart, Q12, hash of the channel
    patterns: tuple[Pattern, ...] = ()  # of this profile and of all, of the stack's space


@dataclass(frozen=True)
class Seen:
    """One title of the history: all its entries taken together."""

    title: Title
    strength: int
    h: int
    ordinal: int
    touch: int
    flags: int
    resume: int
    duration: int
    watched: int
    episode: Place
    done: Place | None
    shown: tuple[int, int] | None  # minute, impressions
    listed: int | None  # when; None: not on the list
    rated_down: bool
    was_watched: bool  # by any entry: not only picked, listed, rated or opened


@dataclass(frozen=True)
class Told:
    """The whole history, by title."""

    seen: Mapping[int, Seen]
    finished: frozenset[int]
    unwanted: frozenset[int]  # hidden, disliked or rated down
    kept_on_list: frozenset[int]  # rated down alone, and on the list
    recent: tuple[Seen, ...]


def is_the_end(seasons: Sequence[int], done: Place) -> bool:
    season, episode = done
    n = len(seasons)
    if n == 0 or seasons[n - 1] == 0:
        return False
    return season > n or (season == n and episode >= seasons[n - 1])


def follows(seasons: Sequence[int], done: Place) -> Place | None:
    """The episode after a finished one."""
    season, episode = done
    if is_the_end(seasons, done):
        return None
    if season < len(seasons) and 0 < seasons[season - 1] <= episode:
        return season + 1, 1
    return (season, episode + 1) if episode < 65535 else None


def _newest(entries: Iterable[Entry]) -> Entry:
    return min(entries, key=lambda entry: (-entry.touch, entry.key))


def _shown(entries: Sequence[Entry]) -> tuple[int, int] | None:
    counting = []
    for entry in entries:
        end = entry.impression_min * 60_000 + 59_999
        others = (other for other in entries if other.key != entry.key)
        if entry.impressions > 0 and all(other.last_ms <= end for other in others):
            counting.append((entry.impression_min, entry.impressions))
    return max(counting, default=None)


def _together(title: Title, entries: Sequence[Entry], ordinal: int) -> Seen:
    last = _newest(entries)
    largest = max(abs(entry.strength) for entry in entries)
    strongest = _newest(entry for entry in entries if abs(entry.strength) == largest)
    done = [entry for entry in entries if entry.done[0] > 0]
    listed = [entry.listed_ms for entry in entries if entry.flags & LISTED]
    rated = [entry for entry in entries if entry.flags & RATED]
    flags = last.flags & (STARTED | NO_CONTINUE)
    for entry in entries:
        flags |= entry.flags & (FINISHED | HIDDEN | DISLIKED)
    return Seen(
        title=title,
        strength=strongest.strength,
        h=strongest.strength * DECAY[min(ordinal - strongest.ordinal, 1023)] >> 12,
        ordinal=strongest.ordinal,
        touch=last.touch,
        flags=flags,
        resume=last.resume,
        duration=last.duration,
        watched=last.watched,
        episode=last.episode,
        done=_newest(done).done if done else None,
        shown=_shown(entries),
        listed=max([0, *listed]) if listed else None,
        rated_down=bool(rated) and _newest(rated).strength <= -2048,
        was_watched=any(
            entry.flags & (STARTED | FINISHED) or entry.watched > 0 or entry.done[0] > 0
            for entry in entries
        ),
    )


def tell(stack: Stack, history: History) -> Told:
    entries: dict[int, list[Entry]] = {}
    for entry in history.entries:
        if (title := stack.find(entry.key)) is not None:
            entries.setdefault(title.key, []).append(entry)
    seen = {key: _together(stack.live[key], of, history.ordinal) for key, of in entries.items()}
    flags = {key: one.flags for key, one in seen.items()}
    for key, kept in history.kept.items():
        if (title := stack.find(key)) is not None:
            flags[title.key] = flags.get(title.key, 0) | kept
    at_the_end = {
        key for key, one in seen.items() if one.done and is_the_end(one.title.seasons, one.done)
    }
    liked = [one for one in seen.values() if one.strength > 0]
    finished = at_the_end | {key for key, bits in flags.items() if bits & FINISHED}
    banned = {key for key, bits in flags.items() if bits & (HIDDEN | DISLIKED)}
    down = {key for key, one in seen.items() if one.rated_down}
    listed = {key for key, one in seen.items() if one.listed is not None}
    return Told(
        seen=seen,
        finished=frozenset(finished),
        unwanted=frozenset(banned | down),
        kept_on_list=frozenset((down & listed) - banned - finished),
        recent=tuple(sorted(liked, key=lambda s: (-s.ordinal, -s.touch, s.title.key))),
    )
