"""A container with other sections and right checksums, so that the checks behind those are reached."""

from __future__ import annotations

from collections.abc import Mapping

from tvbrain.pack.container import ENTRY, HEADER, ContainerWriter

TABLE = HEADER.size + 8


def rewritten(whole: bytes, changed: Mapping[str, bytes | None]) -> bytes:
    """`whole` with `changed` sections by their kinds; None leaves one out."""
    magic, _, minor, _, _, count, flags, _ = HEADER.unpack_from(whole)
    writer = ContainerWriter(magic, flags, minor)
    for i in range(count):
        kind, element, at, size, _, _ = ENTRY.unpack_from(whole, TABLE + ENTRY.size * i)
        data = changed.get(kind.decode(), whole[at : at + size])
        if data is not None:
            writer.add(kind.decode(), element, data)
    return writer.finish()
