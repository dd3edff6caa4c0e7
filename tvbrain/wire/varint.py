"""Whole numbers in as few bytes as they need: seven bits a byte, low ones first, bit 7 where more follow (LEB128)."""

from __future__ import annotations

from collections.abc import Iterable

from tvbrain.wire.errors import MalformedError, OverLimitError

LARGEST = (1 << 32) - 1


def pack(values: Iterable[int]) -> bytes:
    """Each number 0 to 2^32 - 1. Raises ValueError for another."""
    out = bytearray()
    for value in values:
        if not 0 <= value <= LARGEST:
            raise ValueError(f"{value} is not 0 to {LARGEST}")
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
    return bytes(out)


def unpack(data: bytes, most: int, what: str) -> list[int]:
    """At most `most` numbers, each in its shortest form. MalformedError and OverLimitError name `what`."""
    found: list[int] = []
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            if shift > 28:
                raise MalformedError(f"{what}: a number of more than 32 bits")
            continue
        if (byte == 0 and shift) or value > LARGEST:
            raise MalformedError(f"{what}: a number that is not in its shortest form or too large")
        if len(found) == most:
            raise OverLimitError(f"{what}: more than {most} numbers")
        found.append(value)
        value = shift = 0
    if shift:
        raise MalformedError(f"{what}: ends within a number")
    return found


def zigzag(value: int) -> int:
    """A signed number as one that is small where it is."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def unzigzag(value: int) -> int:
    """The number of which `value` is the zigzag."""
    return -(value + 1 >> 1) if value & 1 else value >> 1
