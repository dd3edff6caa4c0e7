"""The fold as the comment of native/include/tvcore/fold.hpp states it, in plain dictionaries.

Slow and obvious: a specification that can be run. Nothing here looks at the native code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_ENTRIES = 1024
MAX_KEPT = 16384
MAX_LISTED = 512
FIRST_MS = 631_152_000_000  # 1990-01-01
LAST_MS = 7_258_118_399_999  # the last millisecond of 2199

FINISHED, DISLIKED, HIDDEN, LISTED = "finished", "disliked", "hidden", "listed"
RATED, STARTED, NO_CONTINUE, PICKED = "rated", "started", "no_continue", "picked"
KEPT_FLAGS = {FINISHED, DISLIKED, HIDDEN}

KINDS = {
    1: "impression", 2: "select", 3: "play_start", 4: "progress", 5: "pause", 6: "seek",
    7: "stop", 8: "complete", 9: "rate", 10: "not_interested", 11: "hide", 12: "unhide",
    13: "list_add", 14: "list_remove", 15: "remove_from_continue", 16: "pick", 17: "undo",
    18: "search", 19: "channel_change", 20: "wake", 21: "standby",
}  # fmt: skip
CONCERN_NO_ITEM = {"impression", "search", "channel_change", "wake", "standby"}
PLAYBACK = {"play_start", "progress", "pause", "seek", "stop", "complete"}


@dataclass(frozen=True)
class Record:
    """One record as a person would write it down: None is "not given"."""

    kind: int
    item: int = 0
    at_ms: int = 1_700_000_000_000
    trusted: bool = True
    session: int = 0
    position: int | None = None
    duration: int | None = None
    watched: int | None = None  # in 1/10,000, as `rating`
    rating: int | None = None
    episode: tuple[int, int] | None = None
    places: tuple[int, ...] = ()


@dataclass
class Title:
    """What is known of one title."""

    last_ms: int = 0
    listed_ms: int = 0
    touch: int = 0
    ordinal: int = 0
    resume: int = 0
    duration: int = 0
    impression_min: int = 0
    impressions: int = 0
    plays: int = 0
    implicit: int = 0
    explicit: int = 0
    flags: set[str] = field(default_factory=set)
    watched: int = 0
    episode: tuple[int, int] = (0, 0)
    done: tuple[int, int] = (0, 0)
    undo: tuple[int, frozenset[str], int] | None = None  # kind, flags, explicit

    def is_bare(self) -> bool:
        return not self.flags and self.ordinal == 0 and self.implicit == 0


@dataclass
class Kept:
    touch: int
    flags: set[str]


def q12(e4: int) -> int:
    """x * 4096 / 10000, cut towards zero."""
    whole = abs(e4) * 4096 // 10000
    return whole if e4 >= 0 else -whole


def watch_strength(w: int) -> int:
    """Of having watched the share w (in 1/10,000) and left."""
    if w < 500:
        return 0
    if w < 2000:
        return q12(-2500)
    if w < 5000:
        return q12(w - 2000)
    return q12(w)


def strength(title: Title) -> int:
    """What the title says of taste now, Q12."""
    if DISLIKED in title.flags:
        return -4096
    if RATED in title.flags:
        return title.explicit
    floors = [q12(2000)] * (LISTED in title.flags) + [q12(6000)] * (PICKED in title.flags)
    return max([title.implicit, *floors])


def is_rated_down(title: Title) -> bool:
    return RATED in title.flags and title.explicit <= q12(-5000)


class History:
    """One profile's history."""

    def __init__(self) -> None:
        self.touch = 0
        self.ordinal = 0
        self.last_ms = 0
        self.session = 0
        self.session_start_ms = 0
        self.titles: dict[int, Title] = {}
        self.kept: dict[int, Kept] = {}

    def apply_all(self, records: Iterable[Record]) -> History:
        for record in records:
            self.apply(record)
        return self

    def apply(self, record: Record) -> None:
        kind = KINDS.get(record.kind)
        if kind is None:
            return
        self.touch = min(self.touch + 1, 2**32 - 1)
        if record.trusted:
            at = min(max(record.at_ms, FIRST_MS), LAST_MS)
            self.last_ms = max(self.last_ms, at)
        else:
            at = self.last_ms
        if record.session not in (0, self.session):
            self.session, self.session_start_ms = record.session, at
        if kind == "impression":
            for key in record.places or (record.item,):
                self._shown(key, at)
        elif kind not in CONCERN_NO_ITEM and record.item != 0:
            title = self._title(record.item)
            title.last_ms, title.touch, title.impressions = at, self.touch, 0
            self._happened(kind, record, at, title)
        self._keep_bounds()

    def _title(self, key: int) -> Title:
        if key not in self.titles:
            kept = self.kept.pop(key, None)
            self.titles[key] = Title(flags=set(kept.flags) if kept else set())
        return self.titles[key]

    def _shown(self, key: int, at: int) -> None:
        if key == 0 or key in self.kept:
            return
        title = self.titles.setdefault(key, Title())
        if title.is_bare():
            title.touch = self.touch
        title.impressions = min(title.impressions + 1, 65535)
        title.impression_min = at // 60_000

    def _evidence(self, title: Title, positive: bool) -> None:
        if self.ordinal == 0 or (positive and title.ordinal != self.ordinal):
            self.ordinal = min(self.ordinal + 1, 2**32 - 1)
        title.ordinal = self.ordinal

    def _happened(self, kind: str, record: Record, at: int, title: Title) -> None:
        if kind in PLAYBACK:
            self._played(kind, record, title)
        elif kind == "select":
            title.implicit = max(title.implicit, q12(500))
        elif kind == "rate":
            if record.rating is not None:
                title.undo = (record.kind, frozenset(title.flags), title.explicit)
        elif kind == "not_interested":
            if DISLIKED not in title.flags:
                title.undo = (record.kind, frozenset(title.flags), title.explicit)
            title.flags.add(DISLIKED)
            self._evidence(title, False)
        elif kind == "hide":
            if HIDDEN not in title.flags:
                title.undo = (record.kind, frozenset(title.flags), title.explicit)
            title.flags.add(HIDDEN)
        elif kind == "unhide":
            title.flags.discard(HIDDEN)
        elif kind == "undo":
            if title.undo is not None:
                _, flags, title.explicit = title.undo
                reverted = {RATED, DISLIKED, HIDDEN}
                title.flags = (title.flags - reverted) | (set(flags) & reverted)
                title.undo = None
        elif kind == "list_add":
            listed = sum(LISTED in other.flags for other in self.titles.values())
            if LISTED not in title.flags and listed < MAX_LISTED:
                title.flags.add(LISTED)
                title.listed_ms = at
        elif kind == "list_remove":
            title.flags.discard(LISTED)
            title.listed_ms = 0
        elif kind == "remove_from_continue":
            title.flags.add(NO_CONTINUE)
        elif kind == "pick":
            title.flags.add(PICKED)
            self._evidence(title, True)
        if record.rating is not None and kind in {"rate", "complete", "stop", "pick"}:
            rating = min(max(record.rating, -10000), 10000)
            title.explicit = q12(rating)
            title.flags.add(RATED)
            if rating != 0:
                self._evidence(title, rating > 0)
            if rating > 0:
                title.flags.discard(DISLIKED)

    def _played(self, kind: str, record: Record, title: Title) -> None:
        # Which episode it is about.
        episode = record.episode if record.episode not in (None, (0, 0)) else None
        if episode is not None:
            if episode != title.episode:
                title.episode, title.resume, title.duration = episode, 0, 0
        elif kind in {"progress", "pause", "seek", "stop"} or (
            kind == "complete" and STARTED in title.flags
        ):
            episode = title.episode if title.episode != (0, 0) else None

        # Where it stands and how much was seen.
        if record.position is not None and kind != "complete":
            title.resume = record.position
        if record.duration:
            title.duration = record.duration
        share = None
        if record.watched is not None:
            share = min(record.watched, 10000)
        elif record.position is not None and title.duration:
            share = min(record.position * 10000 // title.duration, 10000)

        if kind == "play_start":
            title.plays = min(title.plays + 1, 65535)
            title.flags |= {STARTED}
            title.flags -= {NO_CONTINUE}
            title.implicit = max(title.implicit, q12(1000))
            return
        if kind == "seek":
            title.flags.add(STARTED)
            return
        if kind == "complete":
            self._finished(title, 10000 if share is None else share, episode)
            return
        # progress, pause, stop
        if kind != "stop" or share is not None or record.position is not None:
            title.flags.add(STARTED)
        if share is not None:
            title.watched = max(title.watched, share)
        near_end = (
            record.position is not None
            and title.duration >= 600
            and title.duration - record.position <= 180
        )
        if share is not None and (share >= 9500 or near_end):
            self._finished(title, share, episode)
        elif kind == "stop" and share is not None:
            s = watch_strength(share)
            title.implicit = max(title.implicit, s) if title.implicit > q12(1000) else s
            if s != 0:
                self._evidence(title, s > 0)

    def _finished(self, title: Title, share: int, episode: tuple[int, int] | None) -> None:
        title.watched = max(title.watched, share)
        title.implicit = max(title.implicit, q12(share), q12(5000))
        self._evidence(title, True)
        title.flags.discard(STARTED)
        title.resume = 0
        if episode is None:
            title.flags.add(FINISHED)
        else:
            title.done = episode

    def _keep_bounds(self) -> None:
        if len(self.titles) > MAX_ENTRIES:
            candidates = sorted(
                (not title.is_bare(), title.touch, key)
                for key, title in self.titles.items()
                if LISTED not in title.flags
            )
            for *_, key in candidates[: len(self.titles) - MAX_ENTRIES]:
                title = self.titles.pop(key)
                flags = title.flags & KEPT_FLAGS
                if is_rated_down(title):
                    flags = flags | {DISLIKED}
                if flags:
                    self.kept[key] = Kept(title.touch, flags)
        while len(self.kept) > MAX_KEPT:
            del self.kept[
                min(
                    self.kept,
                    key=lambda k: (self.kept[k].flags != {FINISHED}, self.kept[k].touch, k),
                )
            ]
