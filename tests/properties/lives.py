"""Random households and what happens to them: profiles, events, and when the brain learns or is opened anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.properties.worlds import (
    CHANNELS,
    DAY,
    GENRES,
    HOURS,
    NAMES,
    NOW,
    PROVIDERS,
    REGIONS,
    World,
    rarely,
    worlds,
)
from tvbrain.events import KINDS, ViewingEvent
from tvbrain.types import Profile, ViewContext

MOST_PROFILES = 3
AGES = (18, 16, 12, 11, 6, 0)
TEXTS = (
    *(name for name in NAMES if name),
    "red",
    "st",
    "s",
    "le rouge",
    "stern",
    "none of these",
    "ETOILE",
)

PROFILES = st.builds(
    Profile,
    id=st.just(0),
    name=st.just(""),
    max_age=st.sampled_from(AGES),
    region=st.sampled_from((*REGIONS, "")),
    entitlements=rarely(
        st.lists(st.sampled_from((*PROVIDERS, "omega")), min_size=1, max_size=3, unique=True).map(
            tuple
        ),
        st.just(()),
    ),
)


@dataclass(frozen=True)
class Observe:
    """`shown`: an impression is of this slate, counted back from the last answer; else of the event's item."""

    event: ViewingEvent
    shown: int | None = None


@dataclass(frozen=True)
class Ask:
    """All questions in one context."""

    context: ViewContext
    item: str
    text: str
    rows: int


@dataclass(frozen=True)
class Learn:
    """Learn everything now."""


@dataclass(frozen=True)
class Reopen:
    """Close and open the brain."""


@dataclass(frozen=True)
class Teach:
    """Replace what the newest snapshot says beside the folds. interests: numbers of vectors; affinities: daypart, Q12,
    genre; row_use: daypart, kind of row, Q12; channels: daypart, Q12, name; weights: Q12, of each term. patterns:
    profile (0: all), mask of dayparts, mask of weekdays, weight Q12, number of a vector.
    """

    interests: tuple[int, ...]
    affinities: tuple[tuple[int, int, str], ...]
    row_use: tuple[tuple[int, int, int], ...]
    channels: tuple[tuple[int, int, str], ...]
    weights: tuple[int, ...] | None
    of_all: bool
    patterns: tuple[tuple[int, int, int, int, int], ...] = ()
    diversity: int = 0
    """Of everybody; 0: the ranker's own."""


@dataclass(frozen=True)
class Forget:
    """A title of a person; all of a person without an item; everything watched without either."""

    profile: int = 0
    item: str = ""


@dataclass(frozen=True)
class Wait:
    seconds: int


Step = Observe | Ask | Learn | Reopen | Teach | Forget | Wait

TIMES: st.SearchStrategy[float | None] = rarely(
    st.integers(-40 * DAY, 40 * DAY).map(lambda seconds: NOW + seconds + 0.25)
    | st.sampled_from((0.0, -1.0, 1.0, 631_151_999.0, 1e10, 9e11)),
    st.none() | HOURS.map(float),
)
"""Of events and questions: at a window's bound, around now, and what a broken clock says."""

SECONDS = st.none() | st.sampled_from((0, 119, 120, 419, 420, 599, 600, 3600, 2**32 - 1))
SHARES = st.none() | st.sampled_from((0.0, 0.03, 0.05, 0.2, 0.5, 0.7, 0.95, 1.0)) | st.floats(0, 1)
RATINGS = st.sampled_from((1.0, 0.5, 0.4, 0.0, -0.0001, -0.5, -1.0)) | st.floats(-1, 1)
EPISODES = st.one_of(
    st.none(),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.sampled_from(((65535, 65535), (1, 65535), (65535, 1))),
)
HOST_KINDS = tuple(kind.name for kind in KINDS.values() if kind.from_host)
FREQUENT = ("complete", "complete", "stop", "progress", "rate", "hide", "undo", "impression")


@st.composite
def observations(draw: st.DrawFn, ids: Sequence[str], profiles: int) -> Observe:
    kind = draw(rarely(st.sampled_from(HOST_KINDS), st.sampled_from(FREQUENT)))
    shown = draw(st.none() | st.integers(1, 4)) if kind == "impression" else None
    season, episode = draw(rarely(EPISODES, st.none())) or (None, None)
    place = draw(st.none() | st.integers(0, 3)) if shown is not None else None
    must_rate = kind == "rate"
    event = ViewingEvent(
        kind=kind,
        item="" if shown is not None and draw(st.booleans()) else draw(st.sampled_from(ids)),
        profile=draw(st.integers(1, profiles)),
        at=draw(TIMES),
        watched=draw(SHARES),
        rating=draw(RATINGS if must_rate else rarely(RATINGS, st.none())),
        position_s=draw(SECONDS),
        duration_s=draw(SECONDS),
        season=season,
        episode=episode,
        utc_offset_min=draw(st.sampled_from((None, None, -840, 120))),
        clock_trusted=draw(st.integers(0, 7)) > 0,
        row=None if place is None else draw(st.integers(0, 1)),
        slot=place,
        slot_count=1 if place is None else draw(st.sampled_from((1, 2, 5, 200))),
        session=draw(st.sampled_from(("", "s1", "s2"))),
    )
    return Observe(event, shown)


CONTEXTS = st.builds(
    ViewContext,
    at=TIMES,
    utc_offset_min=st.none() | st.sampled_from((-840, -330, 0, 60, 840)),
    k=st.sampled_from((20, 5, 3, 2, 1, 200)),
    screen_token=st.integers(0, 3) | st.integers(0, 2**64 - 1),
    region=rarely(st.sampled_from((*REGIONS, "XX", "USA", "d")), st.just("")),
    genre=rarely(st.sampled_from((*GENRES, "no such genre")), st.just("")),
    row=st.integers(0, 1),
)


@st.composite
def questions(draw: st.DrawFn, ids: Sequence[str], profiles: int) -> Ask:
    context = draw(CONTEXTS)
    return Ask(
        context=ViewContext(
            profile=draw(st.integers(1, profiles)),
            item=draw(rarely(st.sampled_from(ids), st.just(""))),
            **{name: getattr(context, name) for name in _OF_CONTEXT},
        ),
        item=draw(st.sampled_from(ids)),
        text=draw(st.sampled_from(TEXTS)),
        rows=draw(st.sampled_from((1, 3, 8))),
    )


def forgetting(ids: Sequence[str], profiles: int) -> st.SearchStrategy[Forget]:
    whose = st.integers(1, profiles)
    title = st.builds(Forget, whose, st.sampled_from(ids))
    return title | st.builds(Forget, whose) | st.just(Forget())


_OF_CONTEXT = ("at", "utc_offset_min", "k", "screen_token", "region", "genre", "row")

TEACHINGS = st.builds(
    Teach,
    interests=st.lists(st.integers(0, 5), max_size=4).map(tuple),
    affinities=st.lists(
        st.tuples(
            st.sampled_from((3, 3, 2, 0, 7)),
            st.sampled_from((32767, 4096, 900, 0, -900, -32768)),
            st.sampled_from(GENRES),
        ),
        max_size=6,
        unique_by=lambda one: (one[0], one[2]),
    ).map(tuple),
    channels=st.lists(
        st.tuples(
            st.sampled_from((3, 3, 2, 0, 7)),
            st.sampled_from((32767, 900, 0, -900)),
            st.sampled_from(CHANNELS),
        ),
        max_size=4,
        unique_by=lambda one: (one[0], one[2]),
    ).map(tuple),
    row_use=st.lists(
        st.tuples(
            st.sampled_from((3, 3, 2, 0, 7)),
            st.integers(0, 20),
            st.sampled_from((4096, 700, 0, 65535)),
        ),
        max_size=6,
        unique_by=lambda one: (one[0], one[1]),
    ).map(tuple),
    weights=st.none()
    | st.lists(
        st.sampled_from((-(2**31), -4096, 0, 100, 4096, 20000, 2**31 - 1)), min_size=12, max_size=12
    ).map(tuple),
    of_all=st.booleans(),
    diversity=st.sampled_from((0, 0, 0, 1, 25, 400, 4096)),
    patterns=st.lists(
        st.tuples(
            st.sampled_from((0, 1, 1, 2)),
            st.sampled_from((255, 1 << 3, 1 << 2, 0)),
            st.sampled_from((0, 0, 1 << 1, 0b1111101)),
            st.sampled_from((4096, 9000, 1200, 1, 0, -5)),
            st.integers(0, 5),
        ),
        max_size=6,
    ).map(tuple),
)


@dataclass(frozen=True)
class Life:
    """profiles: the household's own settings first."""

    profiles: tuple[Profile, ...]
    steps: tuple[Step, ...]
    last: tuple[Ask, ...]


@st.composite
def lives(draw: st.DrawFn, world: World, *, most_events: int = 14, disturbed: bool = True) -> Life:
    """`disturbed`: with learning, teaching and opening anew in between."""
    profiles = draw(st.lists(PROFILES, min_size=1, max_size=MOST_PROFILES))
    ids, count = world.ids(), len(profiles)
    observe = observations(ids, count)
    other = st.one_of(
        questions(ids, count),
        st.sampled_from((60, DAY, 5 * DAY)).map(Wait),
        forgetting(ids, count),
        *((st.just(Learn()), st.just(Reopen()), TEACHINGS) if disturbed else ()),
    )
    steps: list[Step] = []
    for _ in range(draw(st.sampled_from(range(most_events, -1, -1)))):
        steps.append(draw(observe))
        if draw(st.integers(0, 4)) == 0:
            steps.append(draw(other))
    if disturbed and draw(st.booleans()):
        steps.append(draw(st.one_of(TEACHINGS, st.just(Learn()), st.just(Reopen()))))
    last = draw(st.lists(questions(ids, count), min_size=1, max_size=3))
    return Life(tuple(profiles), tuple(steps), tuple(last))


@st.composite
def evenings(draw: st.DrawFn) -> tuple[World, Life]:
    """A catalogue, and a household that has it."""
    world = draw(worlds())
    return world, draw(lives(world))
