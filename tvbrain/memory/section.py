"""A section FOLD taken apart by profile, without decoding it (docs/formats.md, "Snapshot")."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from tvbrain.errors import CorruptFileError

_HEAD = struct.Struct("<III")
_HEADER, _ENTRY, _KEPT = 64, 72, 16


def split(section: bytes) -> dict[int, bytes]:
    """Each profile's bytes, ascending by profile. CorruptFileError if sizes do not add up."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(section):
        if at + _HEADER > len(section):
            raise CorruptFileError("folded histories: cut off")
        profile, entries, kept = _HEAD.unpack_from(section, at)
        end = at + _HEADER + entries * _ENTRY + kept * _KEPT
        if end > len(section):
            raise CorruptFileError(f"folded history of profile {profile}: cut off")
        found[profile] = section[at:end]
        at = end
    return found


def join(states: Mapping[int, bytes]) -> bytes:
    """The inverse of `split`."""
    return b"".join(states[profile] for profile in sorted(states))
