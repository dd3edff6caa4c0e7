"""Random stacks of small packs, written by tvbrain's own writer: everything that a catalogue can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors, Space
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack.catalogue import Airing, Offer, Title, TitleType
from tvbrain.pack.prior import TermPrior
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, SideOf, Vectors, lay_out
from tvbrain.types import TERMS

NOW = 1_700_000_000
"""Tuesday, 14 November 2023."""
HOUR, DAY = 3600, 86_400

PROVIDERS = ("alpha", "beta", "gamma", "delta")
REGIONS = ("DE", "FR", "US")
CHANNELS = ("Das Erste", "One")
GENRES = ("Action", "Comedy", "Drama", "Family", "Kinder & Familie", "Sci-Fi")
NAMES = ("Red Star", "The Red Star", "Star", "Étoile rouge", "Starry Red", "E", "Ein Stern", "!!!")
STRANGERS = ("zeta:1", "alpha:none")
"""Ids that no pack knows."""

T = TypeVar("T")


def rarely(this: st.SearchStrategy[T], that: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """`this` once in five times."""
    return st.integers(0, 4).flatmap(lambda n: this if n == 4 else that)


HOURS = st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
AUDIENCES = st.dictionaries(
    st.tuples(st.sampled_from(("", *REGIONS)), st.sampled_from((255, *range(8)))),
    st.sampled_from((1, 9, 900, 2**31)),
    max_size=4,
)
BOUNDS: st.SearchStrategy[int | None] = rarely(HOURS, st.none())


@dataclass(frozen=True)
class Row:
    """One row of one pack. vector: which one, see `vectors`; None for none. weights: by canonical id."""

    title: Title
    popularity: int = 0
    vector: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    scale: float = 0.0


@dataclass(frozen=True)
class Pack:
    rows: tuple[Row, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    prior: Mapping[str, TermPrior] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A base pack and its side packs. space: the seed of mean and rotation; None for packs without vectors."""

    packs: tuple[Pack, ...]
    dimension: int
    space: int | None

    def live(self) -> dict[str, Row]:
        """What the packs show, by canonical id."""
        shown: dict[str, Row] = {}
        for pack in self.packs:
            for identity in pack.removed:
                shown.pop(identity, None)
            shown.update((row.title.id, row) for row in pack.rows)
        return shown

    def names(self) -> dict[str, str]:
        """Every id ever published: the canonical id that it names now."""
        named: dict[str, str] = {}
        for pack in self.packs:
            named.update(pack.aliases)
            for row in pack.rows:
                named.update((offer.id, row.title.id) for offer in row.title.offers)
                named[row.title.id] = row.title.id
        return named

    def ids(self) -> list[str]:
        return [*self.names(), *STRANGERS]

    def flat(self, order: Sequence[str]) -> World:
        """One base pack that shows the same, its rows in this order."""
        live, weighing = self.live(), dict[str, Row]()
        for pack in self.packs:
            weighing.update((row.title.id, row) for row in pack.rows if row.weights)
        rows = []
        for identity in order:
            row, speaker = live[identity], weighing.get(identity, live[identity])
            weights = {other: w for other, w in speaker.weights.items() if other in live}
            rows.append(Row(row.title, row.popularity, row.vector, weights, speaker.scale))
        own = {offer.id for row in rows for offer in row.title.offers}
        aliases = {
            name: identity
            for name, identity in self.names().items()
            if identity in live and name not in own and name != identity
        }
        brought = [pack.prior for pack in self.packs if pack.prior]
        flat = Pack(tuple(rows), aliases, prior=brought[-1] if brought else {})
        return World((flat,), self.dimension, self.space)


PRIORS = st.dictionaries(
    st.sampled_from([term for term in TERMS if term not in ("cf", "explore")]),
    st.builds(TermPrior, st.sampled_from((-4.0, -0.25, 0.0, 0.125, 1.0, 4.0)), st.just(4.0)),
    max_size=4,
)


def _offers(draw: st.DrawFn, number: int) -> tuple[Offer, ...]:
    providers = draw(st.lists(st.sampled_from(PROVIDERS), min_size=1, max_size=3))
    found: list[Offer] = []
    for at, provider in enumerate(providers):
        start, end = draw(BOUNDS), draw(BOUNDS)
        if start is not None and end is not None and start >= end:
            end = start + HOUR
        identity = f"{provider}:{number}" + f"-{at}" * (provider in providers[:at])
        age = draw(st.sampled_from((None, 0, 0, 0, 6, 6, 6, 6, 12, 12, 16, 18)))
        regions: tuple[str, ...] = draw(
            rarely(st.lists(st.sampled_from(REGIONS), unique=True).map(tuple), st.just(()))
        )
        found.append(Offer(identity, age, "", regions, start, end))
    return tuple(found)


def _airings(draw: st.DrawFn) -> tuple[Airing, ...]:
    times = st.tuples(
        HOURS, st.sampled_from((HOUR, 3 * HOUR, 24 * HOUR)), st.sampled_from(CHANNELS)
    )
    drawn = draw(rarely(st.sets(times, max_size=3), st.just(set())))
    shown = {(start, channel): start + length for start, length, channel in drawn}
    return tuple(sorted(Airing(start, end, channel) for (start, channel), end in shown.items()))


def _title(draw: st.DrawFn, number: int) -> Title:
    kind: TitleType = draw(st.sampled_from(("movie", "series")))
    seasons = (
        st.lists(st.integers(0, 3), max_size=3).map(tuple) if kind == "series" else st.just(())
    )
    days = st.integers(-70, 5).map(lambda days: NOW - NOW % DAY + days * DAY)
    return Title(
        id=f"alpha:{number}",
        title=draw(st.sampled_from(NAMES)),
        year=draw(st.sampled_from((0, 1994, 2022, 2023, 2024, 65535))),
        type=kind,
        offers=_offers(draw, number),
        genres=tuple(sorted(draw(st.sets(st.sampled_from(GENRES), max_size=3)))),
        seasons=draw(seasons),
        series=draw(st.sampled_from(("", "", "", "saga", "trilogy"))),
        added=draw(st.none() | days),
        airings=_airings(draw),
        trending=draw(
            rarely(st.dictionaries(st.sampled_from(REGIONS), st.integers(1, 9)), st.just({}))
        ),
        audience=draw(rarely(AUDIENCES, st.just({}))),
        localised=draw(st.sampled_from(({}, {}, {"de": "Roter Stern"}, {"fr": "L'Étoile"}))),
    )


def _row(draw: st.DrawFn, number: int, weighed: Sequence[str]) -> Row:
    levels = st.sampled_from((127, 90, 60, 20, 20, 1, -1, -50, -127))
    weights = (
        st.dictionaries(st.sampled_from(weighed), levels, min_size=1, max_size=5)
        if weighed
        else st.just({})
    )
    return Row(
        title=_title(draw, number),
        popularity=draw(st.sampled_from((0, 0, 1, 7, 7, 40, 2**31, 2**32 - 1))),
        vector=draw(st.sampled_from((5, 4, 3, 2, 1, 0, None))),
        weights=draw(weights),
        scale=draw(st.sampled_from((0.01, 0.01, 1 / 127, 0.001, 1.0, 100.0))),
    )


@st.composite
def worlds(draw: st.DrawFn, most_titles: int = 8, most_sides: int = 3) -> World:
    packs: list[Pack] = []
    count = 0
    for _ in range(1 + draw(st.integers(0, most_sides))):
        fresh = draw(st.integers(0, 2) if packs else st.sampled_from(range(most_titles, 0, -1)))
        old = draw(st.sets(st.integers(0, count - 1), max_size=3)) if count else set()
        numbers = [*sorted(old), *range(count, count + fresh)]
        ids = [f"alpha:{number}" for number in numbers]
        count += fresh
        weighed = ids if draw(st.integers(0, 3)) else []
        gone = draw(st.sets(st.integers(0, count - 1), max_size=2)) - set(numbers) if packs else ()
        aliases = st.dictionaries(st.sampled_from(("old:1", "old:2")), st.sampled_from(ids or [""]))
        packs.append(
            Pack(
                rows=tuple(_row(draw, number, weighed) for number in numbers),
                aliases=draw(aliases) if ids else {},
                removed=tuple(f"alpha:{number}" for number in sorted(gone)),
                prior=draw(rarely(PRIORS, st.just({}))),
            )
        )
    return World(
        tuple(packs), draw(st.sampled_from((32, 64, 96))), draw(st.sampled_from((3, 2, 1, 0, None)))
    )


@cache
def space_of(dimension: int, seed: int) -> Space:
    mean = np.random.default_rng(seed).normal(size=dimension) * (0.0 if seed == 0 else 0.05)
    return Space(mean.astype(np.float32), seed)


@cache
def _drawn(dimension: int) -> NDArray[np.float32]:
    """Six vectors of unit length, some of them near or opposite to each other."""
    rng = np.random.default_rng(dimension)
    own = rng.normal(size=(6, dimension))
    own[1] = own[0] + 0.3 * own[1]
    own[2] = -own[0]
    own[4] = own[3] + 0.2 * own[4]
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    return own.astype(np.float32)


def vectors(world: World, numbers: Sequence[int | None]) -> QuantisedVectors:
    """As packs store them; a title without one has zeros."""
    assert world.space is not None
    six = space_of(world.dimension, world.space).quantise(_drawn(world.dimension))
    rows = np.zeros((len(numbers), world.dimension), np.int8)
    scales, biases = np.zeros(len(numbers), np.uint32), np.zeros(len(numbers), np.int32)
    for at, number in enumerate(numbers):
        if number is not None:
            rows[at], scales[at] = six.rows[number], six.scale_q30[number]
            biases[at] = six.bias_q20[number]
    return QuantisedVectors(rows, scales, biases)


def _weights(rows: Sequence[Row]) -> ItemWeights | None:
    place = {row.title.id: at for at, row in enumerate(rows)}
    if not any(row.weights for row in rows):
        return None
    columns = [sorted((place[other], w) for other, w in row.weights.items()) for row in rows]
    return ItemWeights(
        indptr=np.cumsum([0, *map(len, columns)]).astype(np.uint32),
        indices=np.array([at for row in columns for at, _ in row], np.uint32),
        values=np.array([w for row in columns for _, w in row], np.int8),
        scale=np.array([row.scale if row.weights else 0.0 for row in rows], np.float32),
    )


def write(world: World, folder: Path) -> Path:
    """The packs as files: the base as the factory pack, whose path is returned, the others in `data/packs`."""
    factory, installed = folder / "factory.tvpack", folder / "data" / "packs"
    installed.mkdir(parents=True, mode=0o700)
    base_hash = 0
    for at, pack in enumerate(world.packs):
        quantised = None
        if world.space is not None:
            space = space_of(world.dimension, world.space)
            quantised = Vectors(space, vectors(world, [row.vector for row in pack.rows]))
        contents = Contents(
            titles=[row.title for row in pack.rows],
            name="random",
            version="1",
            built_at=NOW,
            aliases=pack.aliases,
            popularity=np.array([row.popularity for row in pack.rows], np.uint32),
            vectors=quantised,
            weights=_weights(pack.rows),
            prior=pack.prior,
            side=SideOf(base_hash, at, pack.removed) if at else None,
        )
        path = installed / f"side-{at:02}.tvpack" if at else factory
        path.write_bytes(lay_out(contents))
        if at == 0:
            with PackFile(path) as opened:
                base_hash = opened.content_hash
    return factory


def pack_files(folder: Path) -> list[Path]:
    return [folder / "factory.tvpack", *sorted((folder / "data" / "packs").glob("side-*.tvpack"))]
