"""Packs and their stack, read from the bytes as docs/formats.md lays them out: for the ranking's oracle."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NONE = 0xFFFFFFFF
MOST_POPULAR = 2**31 - 1
"""A larger popularity counts as this."""


@dataclass(frozen=True)
class Offer:
    provider: str
    regions: tuple[str, ...]
    start_ms: int
    end_ms: int


@dataclass
class Title:
    """One row of one pack. `weights` are by the key of the row that the column names."""

    key: int
    pack: int
    genres: frozenset[str]
    group: int
    is_series: bool
    age: int
    year: int
    added_day: int | None
    popularity: int
    seasons: tuple[int, ...]
    offers: tuple[Offer, ...]
    normals: tuple[str, ...]
    vector: tuple[int, ...] | None = None
    scale: int = 0
    bias: int = 0
    weights: Mapping[int, int] = field(default_factory=dict)
    weight_scale: int = 0
    airings: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, channel
    counts: dict[tuple[str, int, int], int] = field(default_factory=dict)  # region, daypart, window


@dataclass(frozen=True)
class Pack:
    titles: tuple[Title, ...]
    names: Mapping[int, int]  # key of any id: key of its row's canonical id
    removed: frozenset[int]
    genres: tuple[str, ...]
    mean: tuple[float, ...]
    space_id: int
    prior: Mapping[int, int]  # term: mean


class Container:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sections: dict[str, tuple[int, bytes]] = {}
        (count,) = struct.unpack_from("<I", data, 24)
        for i in range(count):
            kind, element, offset, size, _, _ = struct.unpack_from("<4sIQQQQ", data, 64 + 40 * i)
            self.sections[kind.decode()] = (element, data[offset : offset + size])

    def rows(self, kind: str, layout: str) -> list[tuple[int, ...]]:
        element, data = self.sections.get(kind, (1, b""))
        return [struct.unpack_from(layout, data, at) for at in range(0, len(data), element)]

    def numbers(self, kind: str, letter: str) -> list[int]:
        return [row[0] for row in self.rows(kind, "<" + letter)]

    def string(self, reference: int) -> str:
        data = self.sections["STRS"][1]
        (length,) = struct.unpack_from("<H", data, reference)
        return data[reference + 2 : reference + 2 + length].decode()

    def list_of(self, kind: str, letter: str, index: int, width: int = 1) -> list[int]:
        if index == NONE:
            return []
        numbers = self.numbers(kind, letter)
        return numbers[index + 1 : index + 1 + width * numbers[index]]


def _offer(data: Container, providers: Sequence[str], row: tuple[int, ...]) -> Offer:
    _, start, end, _, _, regions, provider, _, _ = row
    codes = data.list_of("REGN", "H", regions)
    return Offer(providers[provider], tuple(chr(c & 255) + chr(c >> 8) for c in codes), start, end)


def read_pack(content: bytes, number: int, normal_form: Mapping[str, str]) -> Pack:
    """`normal_form` gives that of localised titles."""
    data = Container(content)
    meta = data.rows("META", "<IIIIQQQ")[0]
    dimension, stride, space_id = meta[2], meta[3], meta[5]
    genres = tuple(data.string(r) for r in data.numbers("GENR", "I"))
    providers = [data.string(r) for r in data.numbers("PROV", "I")]
    offers = [_offer(data, providers, row) for row in data.rows("OFFR", "<QqqIIIBBH")]
    normals = [data.string(r) for r in data.numbers("NORM", "I")]
    titles = []
    for i, row in enumerate(data.rows("ITEM", "<QQQIIIIIHHBBHIIIIi")):
        key, genre_bits, group, first, count, year = (row[n] for n in (0, 1, 2, 7, 8, 9))
        kind, age = row[10], row[11]
        seasons, localised, popularity, added = row[13], row[15], row[16], row[17]
        pairs = data.list_of("LOCL", "I", localised, 2)
        others = [normal_form[data.string(r)] for r in pairs[1::2]]
        titles.append(
            Title(
                key=key,
                pack=number,
                genres=frozenset(g for n, g in enumerate(genres) if genre_bits >> n & 1),
                group=group,
                is_series=kind == 2,
                age=age,
                year=year,
                added_day=None if added == -(2**31) else added,
                popularity=popularity,
                seasons=tuple(data.list_of("SEAS", "H", seasons)),
                offers=tuple(offers[first : first + count]),
                normals=(normals[i], *others),
            )
        )
    if "VECS" in data.sections:
        scales, biases = data.numbers("VSCL", "I"), data.numbers("VBIA", "i")
        vectors = data.rows("VECS", f"<{stride}b")
        for title, vector, scale, bias in zip(titles, vectors, scales, biases, strict=True):
            title.scale, title.bias = scale, bias
            title.vector = vector[:dimension] if scale != 0 else None
    if "WIND" in data.sections:
        starts, columns = data.numbers("WIND", "I"), data.numbers("WCOL", "I")
        values, scales = data.numbers("WVAL", "b"), data.numbers("WSCL", "I")
        for i, title in enumerate(titles):
            places = range(starts[i], starts[i + 1])
            title.weights = {titles[columns[p]].key: values[p] for p in places}
            title.weight_scale = scales[i]
    for at, channel, start, end in data.rows("AIRG", "<IIqq"):
        titles[at].airings.append((start, end, data.string(channel)))
    for at, region, part, window, people in data.rows("POPS", "<IHBBI"):
        code = chr(region & 255) + chr(region >> 8) if region else ""
        titles[at].counts[code, part, window] = people
    return Pack(
        titles=tuple(titles),
        names={key: titles[row].key for key, row, _ in data.rows("KEYS", "<QII")},
        removed=frozenset(data.numbers("REMV", "Q")),
        genres=genres,
        mean=tuple(row[0] for row in data.rows("SPAC", "<f")),
        space_id=space_id,
        prior={term: mean for term, mean, _ in data.rows("PRIO", "<Iid")},
    )


class Stack:
    """What the packs say together. A title is known by the key of its canonical id."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.live: dict[int, Title] = {}
        self.versions: dict[int, list[Title]] = {}  # newest first, removed ones too
        self.names: dict[int, int] = {}
        for pack in packs:
            for key in pack.removed:
                self.live.pop(key, None)
            for title in pack.titles:
                self.live[title.key] = title
                self.versions.setdefault(title.key, []).insert(0, title)
            self.names.update(pack.names)
        counts = (min(title.popularity, MOST_POPULAR) for title in self.live.values())
        self.most_popular = max(counts, default=0)
        self.genres = frozenset(g for pack in packs for g in pack.genres)
        self.space_id = packs[0].space_id
        brought = [pack.prior for pack in packs if pack.prior]
        self.prior = brought[-1] if brought else {}
        square = 0.0
        for number in packs[0].mean:
            square += number * number
        self.mean_square = int(square * 2.0**20 + 0.5)

    def find(self, key: int) -> Title | None:
        return self.live.get(self.names.get(key, 0))

    def airings(self, key: int) -> dict[tuple[int, str], int]:
        """(start, channel): end; of the newest row alone."""
        return {(start, channel): end for start, end, channel in self.live[key].airings}

    def counts(self, region: str, daypart: int, window: int) -> dict[int, int]:
        """People by title, where any were counted: of the newest row alone."""
        return {
            key: min(title.counts[region, daypart, window], MOST_POPULAR)
            for key, title in self.live.items()
            if (region, daypart, window) in title.counts
        }

    def weighing(self, key: int) -> Title | None:
        """The newest version of a title that has weights."""
        return next((t for t in self.versions[key] if t.weights), None)
