"""Messages that hypothesis makes up, and keys that are always the same."""

from __future__ import annotations

import hashlib

from hypothesis import strategies as st

from tvbrain.wire import limits, residual
from tvbrain.wire.counts import ANY_DAYPART, Count
from tvbrain.wire.delta import Delta
from tvbrain.wire.keys import SigningKey, signing_key
from tvbrain.wire.pattern import Coding, WirePattern, ascending
from tvbrain.wire.release import BASE, PATCH, SIDE, PackRef, Release
from tvbrain.wire.residual import Residual

TENANT = "acme-tv"
PACK = bytes(range(16))


def key(name: str) -> SigningKey:
    """The key of this name."""
    return signing_key(hashlib.sha256(name.encode()).digest())


rows = st.integers(0, limits.POSITION)
tenants = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32)
pairs = st.sets(st.tuples(rows, rows).filter(lambda one: one[0] < one[1]), max_size=25).map(
    lambda found: tuple(sorted(found))
)
items = st.dictionaries(rows, st.integers(1, limits.ITEM_COUNT), max_size=25).map(
    lambda found: tuple(sorted(found.items()))
)
dayparts = st.just(()) | st.lists(
    st.integers(0, limits.DAYPART_COUNT), min_size=8, max_size=8
).filter(any).map(tuple)
differences = st.lists(st.integers(-limits.STEP, limits.STEP), min_size=1, max_size=20).map(tuple)
blenders = st.just((0, ())) | st.tuples(st.integers(1, 65_535), differences)


@st.composite
def patterned(
    draw: st.DrawFn, most: int, released: bool
) -> tuple[Coding | None, tuple[WirePattern, ...]]:
    """A coding with patterns, or neither."""
    quantiser = draw(st.sampled_from(sorted(residual.BITS)))
    coding = Coding(draw(st.integers(1, 65_535)), quantiser, draw(st.sampled_from((32, 384))))
    length = residual.size(quantiser, coding.dimension)
    lefts = st.just(Residual(0, bytes(length))) | st.builds(
        Residual, st.integers(1, residual.LARGEST_STEP), st.binary(min_size=length, max_size=length)
    ).filter(lambda left: residual.is_valid(left, quantiser))
    one = st.builds(
        WirePattern,
        st.integers(0, 65_535),
        lefts,
        st.integers(1, limits.WEIGHT),
        st.integers(1, 255),
        st.integers(0, 127),
        st.integers(1, limits.SUPPORT) if released else st.just(0),
    )
    found = ascending(draw(st.lists(one, max_size=most)))
    return (coding, found) if found else (None, ())


@st.composite
def deltas(draw: st.DrawFn) -> Delta:
    """Any delta that a set may make and that fits."""
    layout, blender = draw(blenders)
    coding, patterns = draw(patterned(1, False))
    found = draw(pairs)
    order = st.lists(st.integers(0, limits.ORDER), min_size=len(found), max_size=len(found))
    return Delta(
        pack=draw(st.binary(min_size=16, max_size=16)),
        pairs=found,
        order=draw(st.just(()) | order.map(tuple)),
        items=draw(items),
        dayparts=draw(dayparts),
        coding=coding,
        patterns=patterns,
        layout=layout,
        blender=blender,
    )


hashes = st.binary(min_size=32, max_size=32)
sizes = st.integers(1, 1 << 30)
packs = st.builds(PackRef, st.sampled_from((BASE, SIDE)), hashes, sizes) | st.builds(
    PackRef, st.just(PATCH), hashes, sizes, hashes, hashes
)
changes = st.integers(-(1 << 30) + 1, (1 << 30) - 1).filter(bool)


def _counts(found: dict[tuple[int, int, int], int]) -> tuple[Count, ...]:
    return tuple((*place, found[place]) for place in sorted(found))


counts = st.dictionaries(
    st.tuples(st.sampled_from((0, 0x5441, 0xFFFF)), st.integers(0, ANY_DAYPART), rows),
    changes,
    max_size=20,
).map(_counts)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    """Any release."""
    layout, blender = draw(blenders)
    coding, patterns = draw(patterned(3, True))
    created = draw(st.integers(0, limits.NUMBER))
    return Release(
        number=draw(st.integers(1, limits.NUMBER)),
        tenant=draw(tenants),
        created=created,
        expires=draw(st.integers(created, limits.NUMBER)),
        pack=draw(st.binary(min_size=16, max_size=16)),
        coding=coding,
        patterns=patterns,
        counts=draw(counts),
        layout=layout,
        blender=blender,
        packs=tuple(draw(st.lists(packs, max_size=4))),
    )
