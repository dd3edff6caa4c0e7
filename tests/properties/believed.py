"""What must be known of a household, kept by the oracles beside the brain: packs, histories, what was learned."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.oracle import fold
from tests.oracle.catalogue import Container, Stack, read_pack
from tests.oracle.ranking import Entry, History, Query, Ranking, Request
from tests.oracle.ranking.history import Pattern
from tests.properties.worlds import World, pack_files
from tvbrain.events import ViewingEvent
from tvbrain.pack.native import key_of, normal_form
from tvbrain.types import Profile, ViewContext

DEFAULT_WEIGHTS = (4096, 492, 4096, 250, 164, 100, 250, 0, 205, 205, 20, 0)
FLAG_BITS = {
    fold.FINISHED: 1, fold.DISLIKED: 2, fold.HIDDEN: 4, fold.LISTED: 8, fold.RATED: 16, fold.STARTED: 32,
    fold.NO_CONTINUE: 64, fold.PICKED: 128,
}  # fmt: skip
TAKES_BACK = {"unhide", "undo", "list_remove", "remove_from_continue"}
"""Kinds that concern every id of a title that its history knows."""

Places = dict[int, list[int]]
"""Of each row of a slate, the keys shown."""


@dataclass(frozen=True)
class Learned:
    """Of one profile, or of all others: what a snapshot says beside the folds."""

    interests: tuple[Query, ...] = ()
    affinities: tuple[tuple[int, int, int], ...] = ()
    weights: tuple[int, ...] | None = None
    row_use: tuple[tuple[int, int, int], ...] = ()
    channels: tuple[tuple[int, int, int], ...] = ()
    patterns: tuple[Pattern, ...] = ()
    diversity: int = 0
    """Of all; 0: what it is where nobody says."""


@dataclass
class Believed:
    """histories: by profile. shown: the last slates that were answered, newest first."""

    stack: Stack
    profiles: dict[int, Profile]
    histories: dict[int, fold.History] = field(default_factory=dict)
    learned: dict[int, Learned] = field(default_factory=dict)
    shown: deque[tuple[int, Places]] = field(default_factory=lambda: deque(maxlen=8))
    erasures: int = 0

    def history(self, profile: int) -> fold.History:
        return self.histories.setdefault(profile, fold.History())

    def keys_of(self, profile: int, key: int) -> list[int]:
        """Every key of the profile's history that names the title that this one names."""
        named, history = self.stack.find(key), self.history(profile)
        return [
            known
            for known in (*sorted(history.titles), *sorted(history.kept))
            if known == key or (named is not None and self.stack.find(known) is named)
        ]

    def observe(self, event: ViewingEvent, now: float) -> bool:
        """Whether the event is one that can be kept."""
        assert isinstance(event.profile, int)
        key = key_of(event.item)
        places: tuple[int, ...] = ()
        if event.kind == "impression":
            places = self._places(event)
            if not places and not key:
                return False
        keys = [key]
        if event.kind in TAKES_BACK:
            keys = self.keys_of(event.profile, key) or keys
        for one in keys:
            self.history(event.profile).apply(
                fold.Record(
                    kind=event.code,
                    item=one,
                    at_ms=round((now if event.at is None else event.at) * 1000) or 1,
                    trusted=event.clock_trusted,
                    session=key_of(event.session),
                    position=event.position_s,
                    duration=event.duration_s,
                    watched=_ten_thousandths(event.watched),
                    rating=_ten_thousandths(event.rating),
                    episode=_episode(event),
                    places=places,
                )
            )
        return True

    def forget(self, profile: int, item: str) -> None:
        """Gone at once, and what was learned and shown with it; profile 0: of everybody."""
        if profile == 0:
            self.histories.clear()
        elif not item:
            self.histories.pop(profile, None)
        else:
            history = self.history(profile)
            for key in self.keys_of(profile, key_of(item)):
                history.titles.pop(key, None)
                history.kept.pop(key, None)
        self.learned.clear()
        self.shown.clear()
        self.erasures += 1

    def _places(self, event: ViewingEvent) -> tuple[int, ...]:
        for slate, rows in self.shown:
            if slate == event.slate_id:
                row, slot = rows.get(event.row or 0, []), event.slot or 0
                return tuple(row[slot : slot + event.slot_count])
        return ()

    def ranking(self, context: ViewContext, now: float) -> Ranking:
        assert isinstance(context.profile, int)
        who, at = self.profiles[context.profile], now if context.at is None else context.at
        own = self.learned.get(who.id, Learned())
        of_all = self.learned.get(0, Learned())
        like = self.stack.find(key_of(context.item))
        prior = tuple(self.stack.prior.get(t, w) for t, w in enumerate(DEFAULT_WEIGHTS))
        request = Request(
            max_age=who.max_age,
            entitlements=frozenset(who.entitlements),
            region=context.region or who.region,
            genre=context.genre,
            at_ms=min(max(round(at * 1000), fold.FIRST_MS), fold.LAST_MS),
            utc_offset_min=context.utc_offset_min or 0,
            k=context.k,
            screen_token=context.screen_token,
            weights=own.weights or of_all.weights or prior,
            diversity=of_all.diversity or 100,
            like=0 if like is None else like.key,
        )
        return Ranking(self.stack, _folded(self.history(who.id), own, of_all.patterns), request)

    def take_snapshot(self, folder: Path) -> None:
        """The newest, as docs/formats.md lays it out; nothing of one that knows what was forgotten since."""
        newest = max(folder.glob("*.tvs"), default=None)
        self.learned = {}
        if newest is not None and erasures_of(newest) >= self.erasures:
            self.learned = read_learned(newest, self.stack.space_id)


def believe(world: World, folder: Path, profiles: Sequence[Profile]) -> Believed:
    names = {name for row in world.live().values() for name in row.title.localised.values()}
    names |= {n for pack in world.packs for row in pack.rows for n in row.title.localised.values()}
    normal = {name: normal_form(name) for name in names}
    packs = [read_pack(p.read_bytes(), at, normal) for at, p in enumerate(pack_files(folder))]
    return Believed(Stack(packs), {profile.id: profile for profile in profiles})


def erasures_of(path: Path) -> int:
    """The erasure epoch of a snapshot."""
    epoch: int = Container(path.read_bytes()).rows("META", "<QQQQqQIIQ")[0][3]
    return epoch


def read_learned(path: Path, space_id: int) -> dict[int, Learned]:
    snapshot = Container(path.read_bytes())
    meta = snapshot.rows("META", "<QQQQqQIIII")[0]
    space, dimension, stride, diversity, _ = meta[5:]
    interests: dict[int, list[Query]] = {}
    for profile, scale, _, bias, *vector in snapshot.rows("INTR", f"<IIIi{stride}b"):
        if space == space_id != 0:
            interests.setdefault(profile, []).append(Query(tuple(vector[:dimension]), scale, bias))
    affinities: dict[int, list[tuple[int, int, int]]] = {}
    for profile, part, q12, genre in snapshot.rows("AFFN", "<IHhQ"):
        affinities.setdefault(profile, []).append((part, q12, genre))
    row_use: dict[int, list[tuple[int, int, int]]] = {}
    for profile, part, kind, use in snapshot.rows("ROWU", "<IBBH"):
        row_use.setdefault(profile, []).append((part, kind, use))
    channels: dict[int, list[tuple[int, int, int]]] = {}
    for profile, part, q12, name in snapshot.rows("CHAF", "<IHhQ"):
        channels.setdefault(profile, []).append((part, q12, name))
    patterns: dict[int, list[Pattern]] = {}
    for row in snapshot.rows("PATT", f"<QIHHIiiI{stride}b"):
        number, profile, dayparts, weekdays, scale, weight, _, _, *vector = row
        if space == space_id != 0:
            query = Query(tuple(vector[:dimension]), scale, 0)
            patterns.setdefault(profile, []).append(
                Pattern(number, dayparts, weekdays, weight, query)
            )
    weights = {row[0]: row[2:] for row in snapshot.rows("BLND", "<II12i")}
    return {
        profile: Learned(
            tuple(interests.get(profile, ())),
            tuple(affinities.get(profile, ())),
            weights.get(profile),
            tuple(row_use.get(profile, ())),
            tuple(channels.get(profile, ())),
            tuple(patterns.get(profile, ())),
            diversity,
        )
        for profile in {0}
        | interests.keys()
        | affinities.keys()
        | weights.keys()
        | row_use.keys()
        | channels.keys()
        | patterns.keys()
    }


def _ten_thousandths(value: float | None) -> int | None:
    """As a float of the C interface becomes a journal's number: half away from zero."""
    if value is None:
        return None
    scaled = float(np.float32(value) * np.float32(10000))
    return int(scaled + (0.5 if scaled >= 0 else -0.5))


def _episode(event: ViewingEvent) -> tuple[int, int] | None:
    if event.season is None or event.episode is None:
        return None
    return event.season, event.episode


def flag_bits(flags: set[str]) -> int:
    return sum(FLAG_BITS[flag] for flag in flags)


def _folded(history: fold.History, learned: Learned, of_all: tuple[Pattern, ...] = ()) -> History:
    entries = tuple(
        Entry(
            key=key,
            last_ms=title.last_ms,
            listed_ms=title.listed_ms,
            touch=title.touch,
            ordinal=title.ordinal,
            resume=title.resume,
            duration=title.duration,
            impression_min=title.impression_min,
            impressions=title.impressions,
            strength=fold.strength(title),
            flags=flag_bits(title.flags),
            watched=title.watched,
            episode=title.episode,
            done=title.done,
        )
        for key, title in history.titles.items()
    )
    kept = {key: flag_bits(one.flags) for key, one in history.kept.items()}
    return History(
        entries,
        kept,
        history.ordinal,
        learned.interests,
        learned.affinities,
        learned.row_use,
        learned.channels,
        learned.patterns + of_all,
    )
