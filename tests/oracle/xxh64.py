"""XXH64 with seed 0, in Python: what docs/formats.md calls the hash of a genre's name."""

from __future__ import annotations

_MASK = 2**64 - 1
_P1, _P2, _P3, _P4, _P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def _rotate(x: int, by: int) -> int:
    return (x << by | x >> (64 - by)) & _MASK


def _round(value: int, lane: int) -> int:
    return _rotate((value + lane * _P2) & _MASK, 31) * _P1 & _MASK


def xxh64(data: bytes) -> int:
    """For at most 31 bytes, as genre names have."""
    if len(data) > 31:
        raise ValueError("longer than a genre's name")
    value = (_P5 + len(data)) & _MASK
    while len(data) >= 8:
        value = (
            _rotate(value ^ _round(0, int.from_bytes(data[:8], "little")), 27) * _P1 + _P4
        ) & _MASK
        data = data[8:]
    if len(data) >= 4:
        value ^= int.from_bytes(data[:4], "little") * _P1 & _MASK
        value = (_rotate(value, 23) * _P2 + _P3) & _MASK
        data = data[4:]
    for byte in data:
        value = _rotate(value ^ byte * _P5 & _MASK, 11) * _P1 & _MASK
    value = (value ^ value >> 33) * _P2 & _MASK
    value = (value ^ value >> 29) * _P3 & _MASK
    return value ^ value >> 32
