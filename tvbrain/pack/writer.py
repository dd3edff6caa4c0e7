"""Titles and what was computed about them, laid out as a pack file (docs/formats.md, "Pack").

The same contents give the same bytes: nothing here reads a clock, an environment or a set's order.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors, Space
from tvbrain.embed.residual import Residuals
from tvbrain.errors import InvalidArgumentError, LimitError
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import layout
from tvbrain.pack.catalogue import ANY_DAYPART, MAX_ID_BYTES, Offer, Title
from tvbrain.pack.codebook import Codebook
from tvbrain.pack.container import PACK_MAGIC, SIDE_PACK, ContainerWriter, write_atomically
from tvbrain.pack.encoder import EncoderTable
from tvbrain.pack.errors import IdError, KeyCollisionError
from tvbrain.pack.native import graph_sections, key_of, normal_form, xxh64
from tvbrain.pack.prior import ONE_Q12, TermPrior, checked
from tvbrain.types import TERMS

LONGEST_AIRING = 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """The vectors of a pack's rows, quantised in `space`, and what that left out of them, if it is kept."""

    space: Space
    rows: QuantisedVectors
    residuals: Residuals | None = None


@dataclass(frozen=True, slots=True)
class GraphOf:
    """That a pack has a graph over its vectors (docs/formats.md, "Graph"). `threads` change nothing in it."""

    m: int = 32
    ef_construction: int = 400
    threads: int = 1


@dataclass(frozen=True, slots=True)
class SideOf:
    """What makes a pack a side pack: the base it belongs to, its place after it, and what it takes away."""

    base_hash: int
    ordinal: int
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """Everything that a pack says. Row i is `titles[i]`, in every array.

    built_at: seconds since the epoch. aliases: id -> canonical id of a title here, for every id that is to name
    one; ids that are no canonical id or offer become aliases. retired: id -> canonical id, published once, of
    titles that are not here; kept for the next pack. source: what the pack was built from, for people.
    recent: people with a positive reaction lately, in all regions. prior: by term; of those not named the built-in one.
    codebook: what patterns are told by.
    """

    titles: Sequence[Title]
    name: str
    version: str
    built_at: int
    aliases: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)
    popularity: NDArray[np.uint32] | None = None
    recent: NDArray[np.uint32] | None = None
    vectors: Vectors | None = None
    weights: ItemWeights | None = None
    side: SideOf | None = None
    encoder: EncoderTable | None = None
    graph: GraphOf | None = None
    prior: Mapping[str, TermPrior] = field(default_factory=dict)
    codebook: Codebook | None = None
    source: Mapping[str, object] = field(default_factory=dict)


def write_pack(path: Path, contents: Contents) -> int:
    """Writes the pack atomically and returns the size of the file in bytes. Raises as `lay_out`, OSError."""
    data = lay_out(contents)
    write_atomically(path, data)
    return len(data)


def weight_sections(weights: ItemWeights) -> dict[str, NDArray[np.generic]]:
    """The sections of item-item weights, in their order. LimitError for a weight over 256."""
    scale = np.rint(weights.scale.astype(np.float64) * 2.0**24)
    if (scale >= 2.0**32).any():
        raise LimitError("an item-item weight is over 256")
    return {
        "WIND": weights.indptr.astype("<u4"),
        "WCOL": weights.indices.astype("<u4"),
        "WVAL": weights.values.astype(np.int8),
        "WSCL": scale.astype("<u4"),
    }


def lay_out(contents: Contents) -> bytes:
    """The bytes of the pack.

    Raises IdError for an id that is no id, KeyCollisionError where two ids have one key, LimitError for more than
    64 genres or providers or a number that does not fit, InvalidArgumentError where the parts do not belong
    together; each names the thing.
    """
    rows = len(contents.titles)
    kept = contents.vectors.residuals if contents.vectors is not None else None
    for part, length in (
        ("popularity", rows if contents.popularity is None else len(contents.popularity)),
        ("recent", rows if contents.recent is None else len(contents.recent)),
        ("vectors", rows if contents.vectors is None else len(contents.vectors.rows.rows)),
        ("residuals", rows if kept is None else len(kept.rows)),
        ("weights", rows if contents.weights is None else contents.weights.items),
    ):
        if length != rows:
            raise InvalidArgumentError(f"{rows} titles, but {part} of {length}")
    return _Layout(contents).finish()


class _Layout:
    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._strings = layout.Strings()
        self._regions, self._seasons = layout.Lists(), layout.Lists()
        self._people, self._localised = layout.Lists(), layout.Lists()
        titles = contents.titles
        self._genres = _names("genres", (genre for title in titles for genre in title.genres))
        offers = [offer for title in titles for offer in title.offers]
        for identity in (o.id for o in offers):
            check_id(identity)
        self._providers = _names("providers", (offer.provider for offer in offers))
        self._items = np.zeros(len(titles), layout.ITEM)
        self._offers = np.zeros(len(offers), layout.OFFR)
        self._keys = np.zeros(0, layout.KEYS)

    def finish(self) -> bytes:
        contents = self._contents
        airings, counts = self._airings(), self._counts()
        minor = layout.ENCODER_MINOR if contents.encoder is not None else layout.FIRST_MINOR
        minor = layout.SCHEDULE_MINOR if len(airings) or len(counts) else minor
        minor = layout.GRAPH_MINOR if contents.graph is not None else minor
        minor = layout.PRIOR_MINOR if contents.prior else minor
        if contents.vectors is not None and contents.vectors.residuals is not None:
            minor = layout.RERANK_MINOR
        minor = layout.CODEBOOK_MINOR if contents.codebook is not None else minor
        file = ContainerWriter(PACK_MAGIC, SIDE_PACK if contents.side else 0, minor)
        self._keys = self._named_rows()
        self._place_names()
        next_offer = 0
        for row, title in enumerate(contents.titles):
            with _named(title):
                self._add_title(row, title, next_offer)
            next_offer += len(title.offers)
        if contents.popularity is not None:
            self._items["popularity"] = contents.popularity
        normal = [self._strings.reference(normal_form(t.title)) for t in contents.titles]
        meta = self._meta()
        genres = [self._strings.reference(name) for name in self._genres]
        providers = [self._strings.reference(name) for name in self._providers]
        file.add_array("META", meta)
        file.add("STRS", 1, self._strings.finish())
        file.add_array("ITEM", self._items)
        file.add_array("OFFR", self._offers)
        file.add_array("KEYS", self._keys)
        file.add_array("GENR", np.array(genres, "<u4"))
        file.add_array("PROV", np.array(providers, "<u4"))
        file.add_array("NORM", np.array(normal, "<u4"))
        if contents.side and contents.side.removed:
            removed = sorted({key_of(identity) for identity in contents.side.removed})
            file.add_array("REMV", np.array(removed, "<u8"))
        for kind, lists, width in (
            ("REGN", self._regions, "<u2"),
            ("SEAS", self._seasons, "<u2"),
            ("PEOP", self._people, "<u4"),
            ("LOCL", self._localised, "<u4"),
        ):
            if lists.values:
                file.add_array(kind, np.array(lists.values, width))
        for kind, array in (("AIRG", airings), ("POPS", counts)):
            if len(array):
                file.add_array(kind, array)
        self._add_vectors(file)
        self._add_graph(file)
        self._add_weights(file)
        self._add_encoder(file)
        self._add_prior(file)
        self._add_codebook(file)
        file.add("SRCE", 1, self._source())
        return file.finish()

    def _place_names(self) -> None:
        """Ids and titles first, and together: a device shows those of any title, descriptions only of a few, and
        memory comes in pages.
        """
        groups: tuple[Callable[[Title], tuple[str, ...]], ...] = (
            lambda title: (title.id, *(offer.id for offer in title.offers)),
            lambda title: (title.title,),
            lambda title: (normal_form(title.title),),
        )
        for texts in groups:
            for title in self._contents.titles:
                with _named(title):
                    for text in texts(title):
                        self._strings.reference(text)

    def _named_rows(self) -> NDArray[np.void]:
        """`KEYS`: every id that names a row, the strongest kind of each."""
        row_of = {title.id: row for row, title in enumerate(self._contents.titles)}
        if len(row_of) < len(self._contents.titles):
            raise InvalidArgumentError("two titles have the same canonical id")
        named: dict[str, tuple[int, int]] = {
            alias: (row_of[canonical], layout.ALIAS)
            for alias, canonical in self._contents.aliases.items()
            if canonical in row_of
        }
        claimed: dict[str, str] = {}
        for row, title in enumerate(self._contents.titles):
            for offer in title.offers:
                other = claimed.setdefault(offer.id, title.id)
                if other != title.id:
                    raise InvalidArgumentError(f"{offer.id} is an offer of {other} and {title.id}")
                named[offer.id] = (row, layout.OFFER)
        for identity, row in row_of.items():
            if claimed.get(identity, identity) != identity:
                raise InvalidArgumentError(
                    f"{identity} is a canonical id and an offer of {claimed[identity]}"
                )
            named[identity] = (row, layout.CANONICAL)
        side = self._contents.side
        by_key = check_keys([*named, *(side.removed if side else ())])
        places = sorted(
            (key, named[identity]) for key, identity in by_key.items() if identity in named
        )
        return np.array([(key, row, kind) for key, (row, kind) in places], layout.KEYS)

    def _add_title(self, row: int, title: Title, first_offer: int) -> None:
        if not title.offers:
            raise ValueError("no offer")
        text = self._strings.reference
        item = self._items[row]
        people = [text(name) for name in (*title.directors, *title.cast)]
        pairs = [text(part) for pair in sorted(title.localised.items()) for part in pair]
        item["key"] = key_of(title.id)
        item["genres"] = sum(1 << self._genres[genre] for genre in set(title.genres))
        item["group"] = key_of(title.series)
        item["series"] = text(title.series)
        item["id"] = text(title.id)
        item["title"] = text(title.title)
        item["artwork"] = text(title.artwork)
        item["description"] = text(title.description)
        item["first_offer"] = first_offer
        item["offer_count"] = _fits("offers", len(title.offers), 0xFFFF)
        item["year"] = _fits("year", title.year, 0xFFFF)
        item["type"] = layout.TYPES.index(title.type) + 1
        item["age"] = title.age
        item["minutes"] = _fits("minutes", title.runtime_min, 0xFFFF)
        for count in (len(title.seasons), *title.seasons):
            _fits("seasons or episodes", count, 0xFFFF)
        item["seasons"] = self._seasons.place(title.seasons)
        item["people"] = self._people.place(people)
        item["directors"] = _fits("directors", len(title.directors), 0xFFFF)
        item["localised"] = self._localised.place(pairs, width=2)
        item["added_day"] = layout.UNKNOWN_DAY if title.added is None else title.added // 86400
        for at, offer in enumerate(title.offers):
            self._add_offer(self._offers[first_offer + at], offer)

    def _add_offer(self, record: np.void, offer: Offer) -> None:
        record["key"] = key_of(offer.id)
        start = layout.OPEN_START if offer.start is None else offer.start * 1000
        end = layout.OPEN_END if offer.end is None else offer.end * 1000
        if start >= end:
            raise ValueError(f"the window of {offer.id} ends before it starts")
        record["start_ms"], record["end_ms"] = start, end
        record["id"] = self._strings.reference(offer.id)
        record["launch"] = self._strings.reference(offer.launch)
        record["regions"] = self._regions.place([_region(code) for code in offer.regions])
        record["provider"] = self._providers[offer.provider]
        age = layout.UNKNOWN_AGE if offer.age is None else _fits("age", offer.age, 18)
        record["age"] = age

    def _airings(self) -> NDArray[np.void]:
        found = []
        for row, title in enumerate(self._contents.titles):
            with _named(title):
                for one in title.airings:
                    if not 0 < one.end - one.start <= LONGEST_AIRING or abs(one.start) > 2**40:
                        raise ValueError(f"an airing from {one.start} to {one.end}")
                    _fits("bytes of a channel's name", len(one.channel.encode()), MAX_ID_BYTES)
                    _fits("channels", int(not one.channel), 0)
                    channel = self._strings.reference(one.channel)
                    found.append((one.start * 1000, row, channel, one.end * 1000))
        rows = [(row, channel, start, end) for start, row, channel, end in sorted(found)]
        return np.array(rows, layout.AIRG)

    def _counts(self) -> NDArray[np.void]:
        found = []
        for row, title in enumerate(self._contents.titles):
            with _named(title):
                for region, people in title.trending.items():
                    _fits("people", people, 2**32 - 1)
                    if people:
                        found.append((layout.RECENT, _region(region), ANY_DAYPART, row, people))
                for (region, part), people in title.audience.items():
                    _fits("people", people, 2**32 - 1)
                    _fits("daypart", 0 if part == ANY_DAYPART else part, 7)
                    if people:
                        code = _region(region) if region else 0
                        found.append((layout.EVER, code, part, row, people))
        if self._contents.recent is not None:
            everywhere = enumerate(self._contents.recent.tolist())
            found += [(layout.RECENT, 0, ANY_DAYPART, row, n) for row, n in everywhere if n]
        rows = [(row, region, part, window, n) for window, region, part, row, n in sorted(found)]
        return np.array(rows, layout.POPS)

    def _meta(self) -> NDArray[np.void]:
        contents = self._contents
        meta = np.zeros(1, layout.META)
        meta["rows"], meta["offers"] = len(self._items), len(self._offers)
        meta["built_at"] = contents.built_at
        meta["name"] = self._strings.reference(contents.name)
        meta["version"] = self._strings.reference(contents.version)
        meta["max_popularity"] = self._items["popularity"].max(initial=0)
        if contents.side is not None:
            meta["base_hash"] = contents.side.base_hash
            meta["ordinal"] = contents.side.ordinal
        if contents.vectors is not None:
            space = contents.vectors.space
            meta["dimension"] = len(space.mean)
            meta["stride"] = stride_of(len(space.mean))
            meta["rotation_seed"] = space.seed
            meta["space_id"] = space_id(space)
        return meta

    def _add_vectors(self, file: ContainerWriter) -> None:
        if self._contents.vectors is None:
            return
        space, rows = self._contents.vectors.space, self._contents.vectors.rows
        file.add("VECS", stride_of(len(space.mean)), _padded(rows.rows).tobytes())
        file.add_array("VSCL", rows.scale_q30.astype("<u4"))
        file.add_array("VBIA", rows.bias_q20.astype("<i4"))
        file.add_array("SPAC", space.mean.astype("<f4"))
        residuals = self._contents.vectors.residuals
        if residuals is not None:
            file.add("VECR", stride_of(len(space.mean)), _padded(residuals.rows).tobytes())
            file.add_array("VRSC", residuals.scale_q40.astype("<u4"))

    def _add_graph(self, file: ContainerWriter) -> None:
        graph, vectors = self._contents.graph, self._contents.vectors
        if graph is None:
            return
        if vectors is None:
            raise InvalidArgumentError("a graph belongs to a pack with vectors")
        for kind, element, data in graph_sections(
            _padded(vectors.rows.rows),
            vectors.rows.scale_q30,
            vectors.rows.bias_q20,
            len(vectors.space.mean),
            m=graph.m,
            ef_construction=graph.ef_construction,
            threads=graph.threads,
        ):
            file.add(kind, element, data)

    def _add_weights(self, file: ContainerWriter) -> None:
        weights = self._contents.weights
        if weights is None:
            return
        for kind, values in weight_sections(weights).items():
            file.add_array(kind, values)

    def _add_encoder(self, file: ContainerWriter) -> None:
        encoder, vectors = self._contents.encoder, self._contents.vectors
        if encoder is None:
            return
        if vectors is None or self._contents.side is not None:
            raise InvalidArgumentError("an encoder belongs to a base pack with vectors")
        dimension = len(vectors.space.mean)
        if encoder.rows.shape != (len(encoder.hashes), dimension):
            raise InvalidArgumentError(
                f"an encoder of {encoder.rows.shape[1]} dimensions, not {dimension}"
            )
        file.add("ENCO", 16, struct.pack("<IIQ", layout.ENCODER_VERSION, 0, 0))
        file.add_array("ENCH", encoder.hashes.astype("<u4"))
        file.add("ENCR", stride_of(dimension), _padded(encoder.rows).tobytes())
        file.add_array("ENCS", encoder.scale_q20.astype("<u4"))

    def _add_codebook(self, file: ContainerWriter) -> None:
        codebook, vectors = self._contents.codebook, self._contents.vectors
        if codebook is None:
            return
        if vectors is None or self._contents.side is not None:
            raise InvalidArgumentError("a codebook belongs to a base pack with vectors")
        count, dimension = codebook.rows.shape
        if dimension != len(vectors.space.mean) or not 1 <= count <= layout.MAX_CODES:
            raise InvalidArgumentError(f"a codebook of {count} entries, {dimension} dimensions")
        file.add("CDBK", 16, struct.pack("<IIQ", codebook.version, 0, 0))
        file.add("CDBR", stride_of(dimension), _padded(codebook.rows).tobytes())
        file.add_array("CDBS", codebook.scale_q30.astype("<u4"))

    def _add_prior(self, file: ContainerWriter) -> None:
        prior = checked(self._contents.prior)
        rows = [
            (TERMS.index(t), round(one.mean * ONE_Q12), one.precision) for t, one in prior.items()
        ]
        if rows:
            file.add_array("PRIO", np.array(rows, layout.PRIO))

    def _source(self) -> bytes:
        """`SRCE`; ids that name a title without being its offer stand here, since `KEYS` has only their keys."""
        contents = self._contents
        own = {title.id for title in contents.titles}
        own.update(offer.id for title in contents.titles for offer in title.offers)
        kept = {row.id for row in contents.titles}
        aliases = {
            alias: name
            for alias, name in sorted(contents.aliases.items())
            if alias not in own and name in kept
        }
        body = {
            **contents.source,
            "aliases": aliases,
            "retired": dict(sorted(contents.retired.items())),
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


@contextmanager
def _named(title: Title) -> Iterator[None]:
    """What does not fit is refused by the title's id."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise LimitError(f"{title.id}: {error}") from error


def stride_of(dimension: int) -> int:
    """Bytes that a vector takes in `VECS`."""
    return (dimension + 63) // 64 * 64


def _padded(rows: NDArray[np.int8]) -> NDArray[np.int8]:
    """Vectors int8 [n, D] as they lie in a pack: [n, stride], 0 after the dimension."""
    out = np.zeros((len(rows), stride_of(rows.shape[1])), np.int8)
    out[:, : rows.shape[1]] = rows
    return out


def space_id(space: Space) -> int:
    """What packs of one embedding space share (docs/formats.md, `META`)."""
    head = struct.pack("<IIQ", len(space.mean), 0, space.seed)
    return xxh64(head + space.mean.astype("<f4").tobytes())


def check_id(identity: str) -> None:
    """Raises IdError unless `identity` is `provider:show_id` as docs/formats.md wants it."""
    provider, colon, _ = identity.partition(":")
    length = len(identity.encode())
    if not provider or not colon:
        raise IdError(f"{identity!r} is no id: it must be provider:show_id")
    if not 3 <= length <= MAX_ID_BYTES:
        raise IdError(f"{identity!r} has {length} bytes; an id has 3 to {MAX_ID_BYTES}")
    if any(letter < " " or letter == "\x7f" for letter in identity):
        raise IdError(f"{identity!r} has a control character")


def check_keys(identities: Iterable[str]) -> dict[int, str]:
    """Key -> id. Raises IdError, and KeyCollisionError where two ids have one key or one has the key 0."""
    by_key: dict[int, str] = {}
    for identity in identities:
        check_id(identity)
        key = key_of(identity)
        other = by_key.setdefault(key, identity)
        if key == 0 or other != identity:
            clash = "the key 0, which means none" if key == 0 else f"the key of {other!r}"
            raise KeyCollisionError(f"{identity!r} has {clash}; give it another id")
    return by_key


def _names(what: str, used: Iterable[str]) -> dict[str, int]:
    names = sorted(set(used))
    if "" in names:
        raise InvalidArgumentError(f"one of the {what} has no name")
    if len(names) > layout.MAX_NAMES:
        beyond = ", ".join(names[layout.MAX_NAMES : layout.MAX_NAMES + 5])
        raise LimitError(
            f"{len(names)} {what}; a pack has at most {layout.MAX_NAMES} (beyond, by name: {beyond})"
        )
    return {name: at for at, name in enumerate(names)}


def _region(code: str) -> int:
    if len(code) != 2 or not code.isascii() or not code.isalpha() or not code.isupper():
        raise ValueError(f"{code!r} is no ISO 3166 country code")
    return ord(code[0]) | ord(code[1]) << 8


def _fits(what: str, value: int, limit: int) -> int:
    if not 0 <= value <= limit:
        raise ValueError(f"{what}: {value} is not 0 to {limit}")
    return value
