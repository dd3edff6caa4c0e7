"""A pack file, read back into titles. Opening and verifying is the native core's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tvbrain._native import check, ffi, lib
from tvbrain.embed.quantise import QuantisedVectors, Space
from tvbrain.embed.residual import Residuals
from tvbrain.errors import CorruptFileError, UnknownItemError
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import layout
from tvbrain.pack.catalogue import ANY_DAYPART, Airing, Offer, Title
from tvbrain.pack.codebook import VERSION as CODEBOOK_VERSION
from tvbrain.pack.codebook import Codebook
from tvbrain.pack.encoder import EncoderTable
from tvbrain.pack.native import key_of
from tvbrain.pack.prior import ONE_Q12, TermPrior
from tvbrain.types import TERMS


@dataclass(frozen=True, slots=True)
class SectionSize:
    """A section of the file: its kind, element size, number of elements, and bytes."""

    kind: str
    element: int
    count: int
    size: int


class PackFile:
    """An open pack; close it, or use it as a context manager. Everything returned outlives it."""

    def __init__(self, path: Path) -> None:
        """Raises MissingFileError, CorruptFileError, NewerFormatError and other FileErrors."""
        handle = ffi.new("tvn_pack **")
        check(lib.tvn_pack_open(str(path).encode(), handle))
        self.path = path
        self._pack: Any = handle[0]

    def __enter__(self) -> PackFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """A second call does nothing."""
        if self._pack is not None:
            lib.tvn_pack_close(self._pack)
            self._pack = None

    def verify(self) -> None:
        """Reads the whole file: every hash, reference, order and range. Raises CorruptFileError."""
        check(lib.tvn_pack_verify(self._pack))

    @property
    def content_hash(self) -> int:
        """What a side pack names its base by."""
        value: int = lib.tvn_pack_content_hash(self._pack)
        return value

    @property
    def is_side(self) -> bool:
        """Whether this is a side pack."""
        return bool(lib.tvn_pack_is_side(self._pack))

    @cached_property
    def _sections(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            section = ffi.new("tvn_section *")
            if lib.tvn_pack_section(self._pack, len(found), section) != 0:
                return found
            found[ffi.string(section.kind).decode("ascii")] = section

    def sections(self) -> list[SectionSize]:
        """The section table, in the order of the file."""
        return [
            SectionSize(kind, section.element, section.count, section.size)
            for kind, section in self._sections.items()
        ]

    def _bytes(self, kind: str) -> bytes:
        section = self._sections.get(kind)
        return b"" if section is None else bytes(ffi.buffer(section.data, section.size))

    def _array(self, kind: str, dtype: np.dtype[Any] | str) -> NDArray[Any]:
        return np.frombuffer(self._bytes(kind), dtype)

    @cached_property
    def meta(self) -> Mapping[str, int]:
        """`META` by field; `name` and `version` are string references: see `name` and `version`."""
        record = np.frombuffer(self._bytes("META")[: layout.META.itemsize], layout.META)[0]
        return {field: int(record[field]) for field in layout.META.names or ()}

    @cached_property
    def _strings(self) -> bytes:
        return self._bytes("STRS")

    def _text(self, reference: int) -> str:
        start = reference + 2
        length = int.from_bytes(self._strings[reference:start], "little")
        return self._strings[start : start + length].decode()

    @property
    def name(self) -> str:
        return self._text(self.meta["name"])

    @property
    def version(self) -> str:
        return self._text(self.meta["version"])

    @cached_property
    def source(self) -> dict[str, Any]:
        """`SRCE`; empty without one."""
        raw = self._bytes("SRCE")
        value: dict[str, Any] = json.loads(raw) if raw else {}
        return value

    @cached_property
    def genres(self) -> list[str]:
        return [self._text(int(reference)) for reference in self._array("GENR", "<u4")]

    @cached_property
    def providers(self) -> list[str]:
        return [self._text(int(reference)) for reference in self._array("PROV", "<u4")]

    @cached_property
    def items(self) -> NDArray[Any]:
        """`ITEM` as records of `layout.ITEM`."""
        return self._records("ITEM", layout.ITEM)

    @cached_property
    def offers(self) -> NDArray[Any]:
        """`OFFR` as records of `layout.OFFR`."""
        return self._records("OFFR", layout.OFFR)

    def _records(self, kind: str, dtype: np.dtype[Any]) -> NDArray[Any]:
        element = self._sections[kind].element
        raw = np.frombuffer(self._bytes(kind), np.uint8).reshape(-1, element)
        return np.ascontiguousarray(raw[:, : dtype.itemsize]).reshape(-1).view(dtype)

    @cached_property
    def keys(self) -> NDArray[Any]:
        """`KEYS` as records of `layout.KEYS`."""
        return self._array("KEYS", layout.KEYS)

    @cached_property
    def removed_keys(self) -> list[int]:
        """`REMV`."""
        return [int(key) for key in self._array("REMV", "<u8")]

    @cached_property
    def popularity(self) -> NDArray[np.uint32]:
        """One a row."""
        return self.items["popularity"].astype(np.uint32)

    @cached_property
    def recent(self) -> NDArray[np.uint32]:
        """People with a positive reaction lately, in all regions; one a row."""
        found = np.zeros(len(self.items), np.uint32)
        counts = self._array("POPS", layout.POPS)
        of_all = (counts["region"] == 0) & (counts["daypart"] == ANY_DAYPART)
        chosen = counts[of_all & (counts["window"] == layout.RECENT)]
        found[chosen["row"]] = chosen["people"]
        return found

    def find(self, identity: str) -> int:
        """The row that an id names. Raises UnknownItemError."""
        row, kind = ffi.new("uint32_t *"), ffi.new("uint32_t *")
        if lib.tvn_pack_find(self._pack, key_of(identity), row, kind) != 0:
            raise UnknownItemError(f"{self.path} knows no {identity}")
        return int(row[0])

    def title(self, row: int) -> Title:
        """Row `row` as it was written; genres are in alphabetical order, and what packs do not hold is empty."""
        item = self.items[row]
        people = [self._text(reference) for reference in self._list("PEOP", item["people"])]
        directors = int(item["directors"])
        pairs = [self._text(reference) for reference in self._list("LOCL", item["localised"], 2)]
        bits, day = int(item["genres"]), int(item["added_day"])
        first = int(item["first_offer"])
        return Title(
            id=self._text(int(item["id"])),
            title=self._text(int(item["title"])),
            year=int(item["year"]),
            type="movie" if item["type"] == 1 else "series",
            offers=tuple(
                self._offer(self.offers[at])
                for at in range(first, first + int(item["offer_count"]))
            ),
            genres=tuple(name for bit, name in enumerate(self.genres) if bits >> bit & 1),
            directors=tuple(people[:directors]),
            cast=tuple(people[directors:]),
            description=self._text(int(item["description"])),
            runtime_min=int(item["minutes"]),
            seasons=tuple(self._list("SEAS", item["seasons"])),
            artwork=self._text(int(item["artwork"])),
            series=self._text(int(item["series"])),
            added=None if day == layout.UNKNOWN_DAY else day * 86400,
            localised=dict(zip(pairs[::2], pairs[1::2], strict=True)),
            airings=self._airings.get(row, ()),
            trending=self._trending.get(row, {}),
            audience=self._audience.get(row, {}),
        )

    @cached_property
    def _airings(self) -> dict[int, tuple[Airing, ...]]:
        """By row."""
        found: dict[int, list[Airing]] = {}
        for row, channel, start, end in self._array("AIRG", layout.AIRG).tolist():
            one = Airing(start // 1000, end // 1000, self._text(channel))
            found.setdefault(row, []).append(one)
        return {row: tuple(sorted(airings)) for row, airings in found.items()}

    @cached_property
    def _trending(self) -> dict[int, dict[str, int]]:
        """By row; of regions, not the count of all of them."""
        found: dict[int, dict[str, int]] = {}
        for row, region, part, window, people in self._array("POPS", layout.POPS).tolist():
            if region and part == ANY_DAYPART and window == layout.RECENT:
                found.setdefault(row, {})[_code(region)] = people
        return found

    @cached_property
    def _audience(self) -> dict[int, dict[tuple[str, int], int]]:
        """By row."""
        found: dict[int, dict[tuple[str, int], int]] = {}
        for row, region, part, window, people in self._array("POPS", layout.POPS).tolist():
            if window == layout.EVER:
                found.setdefault(row, {})[_code(region), part] = people
        return found

    def titles(self) -> Iterator[Title]:
        """Every row in order."""
        return (self.title(row) for row in range(len(self.items)))

    def _offer(self, record: np.void) -> Offer:
        start, end, age = int(record["start_ms"]), int(record["end_ms"]), int(record["age"])
        codes = self._list("REGN", record["regions"])
        return Offer(
            id=self._text(int(record["id"])),
            age=None if age == layout.UNKNOWN_AGE else age,
            launch=self._text(int(record["launch"])),
            regions=tuple(map(_code, codes)),
            start=None if start == layout.OPEN_START else start // 1000,
            end=None if end == layout.OPEN_END else end // 1000,
        )

    @cached_property
    def _lists(self) -> dict[str, Sequence[int]]:
        widths = {"REGN": "<u2", "SEAS": "<u2", "PEOP": "<u4", "LOCL": "<u4"}
        return {kind: self._array(kind, width).tolist() for kind, width in widths.items()}

    def _list(self, kind: str, place: Any, width: int = 1) -> Sequence[int]:
        if place == layout.NONE:
            return ()
        start = int(place) + 1
        return self._lists[kind][start : start + self._lists[kind][start - 1] * width]

    def ids(self) -> dict[str, str]:
        """Every id ever published -> its canonical id: of titles here, their aliases, and retired ones."""
        named: dict[str, str] = {**self.source.get("retired", {}), **self.source.get("aliases", {})}
        for title in self.titles():
            named.update((offer.id, title.id) for offer in title.offers)
            named[title.id] = title.id
        return named

    def space(self) -> Space | None:
        """The embedding space; None without vectors."""
        if not self.meta["dimension"]:
            return None
        return Space(self._array("SPAC", "<f4").copy(), self.meta["rotation_seed"])

    def vectors(self) -> QuantisedVectors | None:
        """The stored vectors [rows, dimension]; None without."""
        if not self.meta["dimension"]:
            return None
        rows = self._array("VECS", np.dtype(np.int8)).reshape(-1, self.meta["stride"])
        return QuantisedVectors(
            rows=rows[:, : self.meta["dimension"]].copy(),
            scale_q30=self._array("VSCL", "<u4").copy(),
            bias_q20=self._array("VBIA", "<i4").copy(),
        )

    def vector_rows(self, start: int, end: int) -> NDArray[np.int8]:
        """Numbers of rows `start` to `end` [n, dimension], of a pack with vectors; nothing else is copied."""
        section, stride = self._sections["VECS"], self.meta["stride"]
        whole = ffi.buffer(section.data, section.size)
        raw = np.frombuffer(whole[start * stride : end * stride], np.int8)
        return raw.reshape(-1, stride)[:, : self.meta["dimension"]]

    def residuals(self) -> Residuals | None:
        """What the stored vectors leave out [rows, dimension]; None without."""
        if "VECR" not in self._sections:
            return None
        rows = self._array("VECR", np.dtype(np.int8)).reshape(-1, self.meta["stride"])
        return Residuals(
            rows=rows[:, : self.meta["dimension"]].copy(),
            scale_q40=self._array("VRSC", "<u4").copy(),
        )

    def weights(self) -> ItemWeights | None:
        """The item-item weights; None without. Scales are as stored: multiples of 2^-24."""
        if "WIND" not in self._sections:
            return None
        return ItemWeights(
            indptr=self._array("WIND", "<u4").copy(),
            indices=self._array("WCOL", "<u4").copy(),
            values=self._array("WVAL", np.dtype(np.int8)).copy(),
            scale=(self._array("WSCL", "<u4") / 2.0**24).astype(np.float32),
        )

    @property
    def graph(self) -> dict[str, int] | None:
        """What the graph over the vectors was built with, its links and bytes; None without one."""
        if "HNSW" not in self._sections:
            return None
        head = self._array("HNSW", "<u4")
        sizes = {section.kind: section for section in self.sections()}
        kinds = [kind for kind in layout.GRAPH_KINDS if kind in sizes]
        return {
            "m": int(head[1]),
            "ef_construction": int(head[2]),
            "levels": int(head[3]),
            "links": sizes["HNSL"].count if "HNSL" in sizes else 0,
            "bytes": sum(sizes[kind].size for kind in kinds),
        }

    def encoder(self) -> EncoderTable | None:
        """The static text encoder; None without."""
        if "ENCO" not in self._sections:
            return None
        rows = self._array("ENCR", np.dtype(np.int8)).reshape(-1, self.meta["stride"])
        return EncoderTable(
            hashes=self._array("ENCH", "<u4").copy(),
            rows=rows[:, : self.meta["dimension"]].copy(),
            scale_q20=self._array("ENCS", "<u4").copy(),
        )

    def codebook(self) -> Codebook | None:
        """What patterns are told by; None without one, or with one of a later version.

        Serving never reads it, so its sizes are checked here: CorruptFileError.
        """
        head = self._bytes("CDBK")
        if not head or int.from_bytes(head[:4], "little") > CODEBOOK_VERSION:
            return None
        rows, scale = self._bytes("CDBR"), self._array("CDBS", "<u4").copy()
        stride, dimension = self.meta["stride"], self.meta["dimension"]
        if (
            not 1 <= len(scale) <= layout.MAX_CODES
            or len(rows) != len(scale) * stride
            or not stride
        ):
            raise CorruptFileError(f"{self.path}: the codebook's sections do not fit")
        table = np.frombuffer(rows, np.int8).reshape(-1, stride)[:, :dimension].copy()
        return Codebook(int.from_bytes(head[:4], "little"), table, scale)

    @property
    def prior(self) -> dict[str, TermPrior]:
        """By term, of those known; empty without one."""
        return {
            TERMS[term]: TermPrior(mean / ONE_Q12, precision)
            for term, mean, precision in self._array("PRIO", layout.PRIO).tolist()
            if term < len(TERMS)
        }


def _code(region: int) -> str:
    return chr(region & 0xFF) + chr(region >> 8) if region else ""


def stack_live_count(packs: Sequence[PackFile]) -> int:
    """How many titles the packs, the base first, show together. Raises PackMismatchError, LimitError."""
    live = ffi.new("uint32_t *")
    check(lib.tvn_pack_stack([pack._pack for pack in packs], len(packs), live))
    return int(live[0])
