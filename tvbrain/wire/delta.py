"""What one set says in one epoch: clipped statistics, nothing of when, and no profile."""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.wire import frame, limits, pattern, positional, positions
from tvbrain.wire.errors import MalformedError, OverLimitError
from tvbrain.wire.pattern import Coding, WirePattern
from tvbrain.wire.positions import Pair

VERSION = 1
PACK_NAME = 16
"""Bytes of the SHA-256 of a pack's file that name it."""
TURNED = 4
"""In the order of a pair (a, b): b came first."""
_WHAT = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """pack: first 16 bytes of the SHA-256 of the base pack's file; rows are its. pairs: rows (a, b), a < b, ascending,
    watched at most a window apart. order: of each pair 0 (neighbours) to 3 (furthest apart), and 4 more if b came
    first; empty where that is not told. items: (row, count 1 to 15), ascending. dayparts: eight counts of 0 to 100, or
    none. coding and patterns: both or neither. layout: version of the blender's terms (0: no differences); blender:
    differences from the prior, -127 to 127, in 1/128.
    """

    pack: bytes
    pairs: tuple[Pair, ...] = ()
    order: tuple[int, ...] = ()
    items: tuple[Pair, ...] = ()
    dayparts: tuple[int, ...] = ()
    coding: Coding | None = None
    patterns: tuple[WirePattern, ...] = ()
    layout: int = 0
    blender: tuple[int, ...] = ()


def encode(delta: Delta) -> bytes:
    """The frame to be sealed. MalformedError where a field is out of range, OverLimitError where it does not fit."""
    found = frame.encode(_content(delta))
    if len(found) > limits.FRAME_BYTES:
        raise OverLimitError(f"{_WHAT}: {len(found)} bytes; at most {limits.FRAME_BYTES}")
    return found


def decode(data: bytes) -> Delta:
    """Raises OverLimitError, MalformedError, NewerWireError. What is returned has exactly this content's encoding:
    every list is read in a way that only one row of bytes leads to.
    """
    content = frame.decode(data, _WHAT, limits.FRAME_BYTES, limits.DELTA_BYTES)
    fields = positional.decode(content, _WHAT, VERSION, (9, 10), limits.DELTA_BYTES)
    pack = fields.data("pack", PACK_NAME)
    pairs = fields.data("pairs", most=limits.DELTA_BYTES)
    items = fields.data("items", most=limits.DELTA_BYTES)
    dayparts = tuple(fields.data("dayparts", 0, limits.DAYPARTS))
    coding = read_coding(fields.array("coding"), _WHAT)
    records = fields.data("patterns", most=limits.DELTA_BYTES)
    layout = fields.number("layout", 0, 65_535)
    blender = signed_bytes(fields.data("blender", most=limits.TERMS))
    order = fields.data("order", most=limits.PAIRS) if fields.left else None
    found = positions.unpack_pairs(pairs, limits.PAIRS, f"{_WHAT}: pairs")
    if order is not None and not found:
        raise MalformedError(f"{_WHAT}: an order of no pairs")
    delta = Delta(
        pack=pack,
        pairs=found,
        order=() if order is None else positions.unpack_order(order, len(found), f"{_WHAT}: order"),
        items=positions.unpack_counted(items, limits.ITEMS, f"{_WHAT}: items"),
        dayparts=dayparts,
        coding=coding,
        patterns=read_patterns(records, coding, False, limits.PATTERNS, _WHAT),
        layout=layout,
        blender=blender,
    )
    _check(delta)
    return delta


def _content(delta: Delta) -> bytes:
    _check(delta)
    return positional.encode(
        [
            VERSION,
            delta.pack,
            positions.pack_pairs(delta.pairs),
            positions.pack_counted(delta.items),
            bytes(delta.dayparts),
            *write_patterns(delta.coding, delta.patterns, False, _WHAT),
            delta.layout,
            bytes(value & 0xFF for value in delta.blender),
            *([positions.pack_order(delta.order)] if delta.order else []),
        ]
    )


def _check(delta: Delta) -> None:
    if len(delta.pack) != PACK_NAME:
        raise MalformedError(f"{_WHAT}: a pack is named by {PACK_NAME} bytes")
    most = (
        (len(delta.pairs), limits.PAIRS, "pairs"),
        (len(delta.items), limits.ITEMS, "items"),
        (len(delta.patterns), limits.PATTERNS, "patterns"),
    )
    for count, limit, name in most:
        if count > limit:
            raise OverLimitError(f"{_WHAT}: {count} {name}; at most {limit}")
    if delta.dayparts and (
        len(delta.dayparts) != limits.DAYPARTS
        or not any(delta.dayparts)
        or not all(0 <= count <= limits.DAYPART_COUNT for count in delta.dayparts)
    ):
        raise MalformedError(f"{_WHAT}: dayparts are none, or eight counts of 0 to 100")
    check_blender(delta.layout, delta.blender, _WHAT)
    if delta.order and len(delta.order) != len(delta.pairs):
        raise MalformedError(f"{_WHAT}: order is told of all pairs, or of none")


def write_patterns(
    coding: Coding | None, patterns: tuple[WirePattern, ...], released: bool, what: str
) -> tuple[list[int], bytes]:
    """The fields coding and patterns. MalformedError unless both or neither are there."""
    if (coding is None) != (not patterns):
        raise MalformedError(f"{what}: patterns without a coding, or a coding without patterns")
    if coding is None:
        return [], b""
    coding.check(what)
    fields = [coding.codebook, coding.quantiser, coding.dimension]
    return fields, pattern.pack(patterns, coding, released)


def read_coding(values: list[object], what: str) -> Coding | None:
    """The field coding. Raises MalformedError."""
    if not values:
        return None
    fields = positional.Fields(f"{what}: coding", values).of(3)
    names = ("codebook", "quantiser", "dimension")
    coding = Coding(*(fields.number(name, 0, 65_535) for name in names))
    coding.check(what)
    return coding


def read_patterns(
    records: bytes, coding: Coding | None, released: bool, most: int, what: str
) -> tuple[WirePattern, ...]:
    """The field patterns. Raises MalformedError, OverLimitError."""
    if (coding is None) != (not records):
        raise MalformedError(f"{what}: patterns without a coding, or a coding without patterns")
    return () if coding is None else pattern.unpack(records, coding, released, most, what)


def signed_bytes(data: bytes) -> tuple[int, ...]:
    """Each byte as a signed number."""
    return tuple(byte - 256 if byte > 127 else byte for byte in data)


def check_blender(layout: int, blender: tuple[int, ...], what: str) -> None:
    """Raises MalformedError unless both are there, or neither, and the differences are in range."""
    good = (
        (layout == 0) == (not blender)
        and 0 <= layout <= 65_535
        and len(blender) <= limits.TERMS
        and all(-limits.STEP <= value <= limits.STEP for value in blender)
    )
    if not good:
        raise MalformedError(f"{what}: differences of the blender out of range")
