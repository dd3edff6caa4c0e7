"""Unsigned numbers of 64 bits as SQLite keeps integers: two's complement."""

from __future__ import annotations


def signed(value: int) -> int:
    """0 to 2^64 - 1 as -2^63 to 2^63 - 1."""
    return value - 2**64 if value >= 2**63 else value


def unsigned(value: int) -> int:
    """The inverse of `signed`."""
    return value + 2**64 if value < 0 else value
