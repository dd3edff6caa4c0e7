"""What sets pull: patterns, counts and weights learned from many, and the packs that belong to them.

A release is never edited: another content has a higher number. Its frame is what tvbrain.wire.trust has signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tvbrain.wire import counts, frame, limits, positional
from tvbrain.wire.counts import Count
from tvbrain.wire.delta import (
    PACK_NAME,
    check_blender,
    read_coding,
    read_patterns,
    signed_bytes,
    write_patterns,
)
from tvbrain.wire.errors import MalformedError, OverLimitError
from tvbrain.wire.pattern import Coding, WirePattern

VERSION = 1
BASE, SIDE, PATCH = 0, 1, 2
HASH: Final = 32
LARGEST_PACK: Final = 1 << 30
_WHAT = "release"


@dataclass(frozen=True, slots=True)
class PackRef:
    """A file to fetch by its SHA-256: a base pack, a side pack, or (PATCH) what makes the pack `result` out of the pack
    `source`, both SHA-256 too. size: bytes of the file, 1 to 2^30.
    """

    kind: int
    sha256: bytes
    size: int
    source: bytes = b""
    result: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """number: from 1, each higher than the one before. created, expires: seconds since 1970. pack: as in a delta, what
    the rows of `counts` are of. The rest as in a delta; of released patterns the support is known. packs: in the order
    in which they are installed.
    """

    number: int
    tenant: str
    created: int
    expires: int
    pack: bytes
    coding: Coding | None = None
    patterns: tuple[WirePattern, ...] = ()
    counts: tuple[Count, ...] = ()
    layout: int = 0
    blender: tuple[int, ...] = ()
    packs: tuple[PackRef, ...] = ()


def encode(release: Release) -> bytes:
    """The frame to be signed; that a pull fits its limit is checked where it is put together."""
    return frame.encode(_content(release))


def decode(data: bytes) -> Release:
    """Raises OverLimitError, MalformedError, NewerWireError."""
    content = frame.decode(data, _WHAT, limits.PULL_BYTES, limits.RELEASE_BYTES)
    fields = positional.decode(content, _WHAT, VERSION, 12, limits.RELEASE_BYTES)
    number = fields.number("number", 1, limits.NUMBER)
    tenant = fields.text("tenant", limits.TENANT_LENGTH)
    created = fields.number("created", 0, limits.NUMBER)
    expires = fields.number("expires", created, limits.NUMBER)
    pack = fields.data("pack", PACK_NAME)
    coding = read_coding(fields.array("coding"), _WHAT)
    records = fields.data("patterns", most=limits.RELEASE_BYTES)
    counted = fields.data("counts", most=limits.RELEASE_BYTES)
    layout = fields.number("layout", 0, 65_535)
    blender = signed_bytes(fields.data("blender", most=limits.TERMS))
    packs = tuple(_pack(row) for row in fields.arrays("packs", 5, limits.PACKS))
    release = Release(
        number=number,
        tenant=tenant,
        created=created,
        expires=expires,
        pack=pack,
        coding=coding,
        patterns=read_patterns(records, coding, True, limits.RELEASED_PATTERNS, _WHAT),
        counts=counts.unpack(counted, _WHAT),
        layout=layout,
        blender=blender,
        packs=packs,
    )
    if _content(release) != content:
        raise MalformedError(f"{_WHAT}: not in its one encoding")
    return release


def _content(release: Release) -> bytes:
    good = (
        1 <= release.number <= limits.NUMBER
        and positional.is_name(release.tenant, limits.TENANT_LENGTH)
        and 0 <= release.created <= release.expires <= limits.NUMBER
        and len(release.pack) == PACK_NAME
    )
    if not good:
        raise MalformedError(f"{_WHAT}: a number, tenant, time or pack out of range")
    for count, limit, name in (
        (len(release.patterns), limits.RELEASED_PATTERNS, "patterns"),
        (len(release.counts), limits.COUNTS, "counts"),
        (len(release.packs), limits.PACKS, "packs"),
    ):
        if count > limit:
            raise OverLimitError(f"{_WHAT}: {count} {name}; at most {limit}")
    check_blender(release.layout, release.blender, _WHAT)
    for ref in release.packs:
        _check_pack(ref)
    content = positional.encode(
        [
            VERSION,
            release.number,
            release.tenant,
            release.created,
            release.expires,
            release.pack,
            *write_patterns(release.coding, release.patterns, True, _WHAT),
            counts.pack(release.counts, _WHAT),
            release.layout,
            bytes(value & 0xFF for value in release.blender),
            [[ref.kind, ref.sha256, ref.size, ref.source, ref.result] for ref in release.packs],
        ]
    )
    if len(content) > limits.RELEASE_BYTES:
        raise OverLimitError(f"{_WHAT}: {len(content)} bytes; at most {limits.RELEASE_BYTES}")
    return content


def _pack(fields: positional.Fields) -> PackRef:
    return PackRef(
        fields.number("kind", BASE, PATCH),
        fields.data("sha256", HASH),
        fields.number("size", 1, LARGEST_PACK),
        fields.data("source", 0, HASH),
        fields.data("result", 0, HASH),
    )


def _check_pack(ref: PackRef) -> None:
    ends = HASH if ref.kind == PATCH else 0
    good = (
        ref.kind in (BASE, SIDE, PATCH)
        and len(ref.sha256) == HASH
        and 1 <= ref.size <= LARGEST_PACK
        and len(ref.source) == len(ref.result) == ends
    )
    if not good:
        raise MalformedError(f"{_WHAT}: a pack of kind {ref.kind} and {ref.size} bytes")
