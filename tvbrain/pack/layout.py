"""The records of a pack as numpy sees them, and its small parts: strings and lists (docs/formats.md, "Pack")."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np

NONE: Final = 0xFFFFFFFF
UNKNOWN_AGE: Final = 255
UNKNOWN_DAY: Final = -(2**31)
OPEN_START, OPEN_END = -(2**63), 2**63 - 1
MAX_NAMES: Final = 64
"""Genres of a pack, and providers."""
TYPES: Final = ("movie", "series")
"""A title's type is its place here, from 1."""
CANONICAL, OFFER, ALIAS = 1, 2, 3
ENCODER_VERSION: Final = 1
FIRST_MINOR, ENCODER_MINOR, SCHEDULE_MINOR, GRAPH_MINOR, PRIOR_MINOR, RERANK_MINOR = range(6)
CODEBOOK_MINOR: Final = 6
"""Minor versions of the format: that of a pack is the least that has all of its sections."""
RERANK_KINDS: Final = ("VECR", "VRSC")
CODEBOOK_KINDS: Final = ("CDBK", "CDBR", "CDBS")
MAX_CODES: Final = 4096
GRAPH_KINDS: Final = ("HNSW", "HNSU", "HNSB", "HNSL")

META: Final = np.dtype(
    {
        "names": [
            "rows",
            "offers",
            "dimension",
            "stride",
            "rotation_seed",
            "space_id",
            "base_hash",
            "built_at",
            "name",
            "version",
            "ordinal",
            "max_popularity",
        ],
        "formats": ["<u4"] * 4 + ["<u8"] * 3 + ["<i8"] + ["<u4"] * 4,
        "offsets": [0, 4, 8, 12, 16, 24, 32, 40, 48, 52, 56, 60],
        "itemsize": 96,
    }
)
ITEM: Final = np.dtype(
    {
        "names": [
            "key",
            "genres",
            "group",
            "id",
            "title",
            "artwork",
            "description",
            "first_offer",
            "offer_count",
            "year",
            "type",
            "age",
            "minutes",
            "seasons",
            "people",
            "localised",
            "popularity",
            "added_day",
            "directors",
            "series",
        ],
        "formats": ["<u8"] * 3
        + ["<u4"] * 5
        + ["<u2", "<u2", "u1", "u1", "<u2"]
        + ["<u4"] * 4
        + ["<i4", "<u2", "<u4"],
        "offsets": [0, 8, 16, 24, 28, 32, 36, 40, 44, 46, 48, 49, 50, 52, 56, 60, 64, 68, 72, 76],
        "itemsize": 88,
    }
)
OFFR: Final = np.dtype(
    {
        "names": ["key", "start_ms", "end_ms", "id", "launch", "regions", "provider", "age"],
        "formats": ["<u8", "<i8", "<i8", "<u4", "<u4", "<u4", "u1", "u1"],
        "offsets": [0, 8, 16, 24, 28, 32, 36, 37],
        "itemsize": 40,
    }
)
AIRG: Final = np.dtype([("row", "<u4"), ("channel", "<u4"), ("start_ms", "<i8"), ("end_ms", "<i8")])
POPS: Final = np.dtype(
    [("row", "<u4"), ("region", "<u2"), ("daypart", "u1"), ("window", "u1"), ("people", "<u4")]
)
PRIO: Final = np.dtype([("term", "<u4"), ("mean_q12", "<i4"), ("precision", "<f8")])
EVER, RECENT = 0, 1
"""Windows of POPS."""
KEYS: Final = np.dtype([("key", "<u8"), ("row", "<u4"), ("kind", "<u4")])


class Strings:
    """`STRS` being written: each text once, in the order of first use."""

    def __init__(self) -> None:
        self._bytes = bytearray(2)
        self._references = {"": 0}

    def reference(self, text: str) -> int:
        """Raises ValueError for a text of more than 65,535 bytes."""
        known = self._references.get(text)
        if known is not None:
            return known
        raw = text.encode()
        if len(raw) > 0xFFFF:
            raise ValueError(f"a text of {len(raw):,} bytes, at most 65,535 fit: {text[:40]!r}…")
        reference = self._references[text] = len(self._bytes)
        self._bytes += struct.pack("<H", len(raw)) + raw
        return reference

    def finish(self) -> bytes:
        return bytes(self._bytes)


class Lists:
    """A section of counted lists being written: equal lists once."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self._places: dict[tuple[int, ...], int] = {(): NONE}

    def place(self, values: Sequence[int], width: int = 1) -> int:
        """Where the list begins; `width` numbers make an entry. NONE for an empty list."""
        wanted = tuple(values)
        known = self._places.get(wanted)
        if known is None:
            known = self._places[wanted] = len(self.values)
            self.values += [len(wanted) // width, *wanted]
        return known
