"""What is sent comes back as it was, has one encoding, and any other bytes have a named refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale import scaled
from tests.wire import made_up
from tests.wire.samples import SAMPLES, Sample
from tvbrain.wire import delta, frame, limits, positional, positions, release, varint
from tvbrain.wire.errors import MalformedError, NewerWireError, OverLimitError, WireError


@given(made_up.deltas())
def test_a_delta_comes_back_as_it_was(one: delta.Delta) -> None:
    sent = delta.encode(one)
    assert delta.decode(sent) == one
    assert delta.encode(delta.decode(sent)) == sent


@given(made_up.releases())
def test_a_release_comes_back_as_it_was(one: release.Release) -> None:
    sent = release.encode(one)
    assert release.decode(sent) == one
    assert release.encode(release.decode(sent)) == sent


@given(st.lists(st.integers(0, varint.LARGEST), max_size=50))
def test_numbers_come_back_as_they_were(numbers: list[int]) -> None:
    assert varint.unpack(varint.pack(numbers), 50, "x") == numbers


@given(st.binary(max_size=30))
def test_bytes_are_no_numbers_or_the_one_encoding_of_them(data: bytes) -> None:
    try:
        numbers = varint.unpack(data, 20, "x")
    except WireError:
        return
    assert varint.pack(numbers) == data


@given(st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_signed_number_comes_back_as_it_was(number: int) -> None:
    assert varint.unzigzag(varint.zigzag(number)) == number


def same(sample: Sample, value: object, data: bytes) -> bool:
    """Whether `data` is the one encoding of the value; a zstd frame may hold that in several ways."""
    if sample.is_frame and data[0] == frame.ZSTD:
        return bool(sample.decode(sample.encode(value)) == value)
    return sample.encode(value) == data


@given(st.data())
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_that_is_changed_anywhere_is_refused_by_name_or_is_another_message(
    name: str, data: st.DataObject
) -> None:
    sample = SAMPLES[name]
    good = bytearray(sample.content())
    kind = data.draw(st.sampled_from(("flip", "cut", "insert", "append", "replace")))
    at = data.draw(st.integers(0, len(good) - 1))
    if kind == "flip":
        good[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del good[at : at + data.draw(st.integers(1, 8))]
    elif kind == "insert":
        good[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    elif kind == "append":
        good += data.draw(st.binary(min_size=1, max_size=8))
    else:
        good[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    try:
        value = sample.decode(bytes(good))
    except WireError:
        return
    assert same(sample, value, bytes(good))


def test_every_byte_of_a_sample_that_is_cut_off_or_flipped_is_noticed() -> None:
    """Not by chance alone: each length, and each byte's lowest and highest bit."""
    for sample in SAMPLES.values():
        good = sample.content()
        for length in range(len(good)):
            with pytest.raises(WireError):
                sample.decode(good[:length])
        for at in range(0, len(good), max(1, len(good) // scaled(1000))):
            for bit in (1, 128):
                bad = bytearray(good)
                bad[at] ^= bit
                try:
                    value = sample.decode(bytes(bad))
                except WireError:
                    continue
                assert same(sample, value, bytes(bad))


def content(**changed: Any) -> list[object]:
    """The fields of a small delta."""
    fields: dict[str, object] = {
        "version": 1,
        "pack": made_up.PACK,
        "pairs": b"\0\0",
        "items": b"",
        "dayparts": b"",
        "coding": [],
        "patterns": b"",
        "layout": 0,
        "blender": b"",
    }
    return list((fields | changed).values())


def framed(fields: object) -> bytes:
    packed: bytes = msgpack.packb(fields, use_bin_type=True)
    return bytes([frame.RAW]) + packed


def test_the_small_delta_is_one() -> None:
    assert delta.decode(framed(content())).pairs == ((0, 1),)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (content(layout=float("nan")), MalformedError),
        (content(layout=0.0), MalformedError),
        (content(layout=False), MalformedError),
        (content(layout=None), MalformedError),
        (content(layout=-1), MalformedError),
        (content(layout={}), MalformedError),
        (content(layout=2**64 - 1), MalformedError),
        (content(layout=1), MalformedError),
        (content(blender=b"\0"), MalformedError),
        (content(layout=1, blender=b"\x80"), MalformedError),
        (content(pack=b""), MalformedError),
        (content(pack="x" * 16), MalformedError),
        (content(pairs=b"\0"), MalformedError),
        (content(pairs=b"\xff\xff\xff\xff\x7f\0"), MalformedError),
        (content(pairs=b"\x80\0\0"), MalformedError),
        (content(pairs=b"\x80"), MalformedError),
        (content(pairs=b"\xff\xff\xff\x0f\0"), MalformedError),
        (content(pairs=b"\0\0" * 513), OverLimitError),
        (content(items=b"\x10"), MalformedError),
        (content(items=b"\x01" * 257), OverLimitError),
        (content(dayparts=bytes(8)), MalformedError),
        (content(dayparts=b"\x65" + bytes(7)), MalformedError),
        (content(dayparts=b"\x01" * 7), MalformedError),
        (content(coding=[1, 1, 32]), MalformedError),
        (content(coding=[1, 4, 32], patterns=bytes(9)), MalformedError),
        (content(coding=[1, 1, 33], patterns=bytes(9)), MalformedError),
        (content(coding=[1, 1], patterns=bytes(9)), MalformedError),
        (content(coding=[[1]], patterns=bytes(9)), MalformedError),
        (content(coding=[[[[[]]]]], patterns=bytes(9)), OverLimitError),
        (content(coding=[0] * 17), MalformedError),
        (content(patterns=bytes(15)), MalformedError),
        (content(version=2), NewerWireError),
        (content(version=0), MalformedError),
        ([], MalformedError),
        ([1], MalformedError),
        ([*content(), 0], MalformedError),
        ([*content(), b""], MalformedError),
        ([*content(), b"\x08"], MalformedError),
        ([*content(), b"\0\0"], MalformedError),
        ([*content(pairs=b""), b"\0"], MalformedError),
        ([*content(), b"\0", 0], MalformedError),
        (7, MalformedError),
        ({1: 2}, MalformedError),
        (msgpack.ExtType(1, b""), MalformedError),
        (msgpack.Timestamp(0), MalformedError),
    ],
)
def test_a_delta_that_breaks_a_rule_is_refused_by_cause(bad: object, why: type[WireError]) -> None:
    with pytest.raises(why):
        delta.decode(framed(bad))


def test_a_value_in_a_longer_encoding_than_it_needs_is_refused() -> None:
    good = framed(content())
    assert good[1:3] == b"\x99\x01"
    with pytest.raises(MalformedError, match="shortest"):
        delta.decode(good[:2] + b"\xcc\x01" + good[3:])
    with pytest.raises(MalformedError, match="shortest"):
        delta.decode(bytes([frame.RAW]) + b"\xdc\x00\x09" + good[2:])


def test_bytes_after_a_message_are_refused() -> None:
    with pytest.raises(MalformedError):
        delta.decode(framed(content()) + b"\xc0")


@pytest.mark.parametrize("header", [b"\x91", b"\xdc\x00\x01", b"\xdd\x00\x00\x00\x01"])
def test_arrays_in_arrays_are_refused_however_deep(header: bytes) -> None:
    for depth in (5, 100, 800):
        with pytest.raises(WireError):
            positional.decode(header * depth, "x", 1, 1, limits.RELEASE_BYTES)


@pytest.mark.parametrize(
    "claim",
    [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"],
)  # fmt: skip
def test_a_header_that_claims_four_billion_elements_is_refused(claim: bytes) -> None:
    with pytest.raises(MalformedError):
        positional.decode(claim, "x", 1, 1, limits.PUSH_BYTES)


def test_a_pair_takes_about_three_bytes() -> None:
    """150 pairs over the rows of a catalogue of 10,000, as a household has them in a week."""
    some = sorted(
        {(row * 6007 % 9000, row * 6007 % 9000 + 1 + row * 71 % 999) for row in range(150)}
    )
    assert len(positions.pack_pairs(some)) / len(some) <= 3.2


def test_an_order_takes_three_bits_a_pair_and_names_only_eight() -> None:
    assert len(positions.pack_order([7] * 200)) == 75
    with pytest.raises(MalformedError):
        positions.pack_order([8])
    with pytest.raises(MalformedError):
        delta.encode(delta.Delta(pack=made_up.PACK, pairs=((1, 2), (1, 3)), order=(0,)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: positions.pack_pairs([(1, 1)]),
        lambda: positions.pack_pairs([(2, 1)]),
        lambda: positions.pack_pairs([(1, 2), (1, 2)]),
        lambda: positions.pack_pairs([(1, 3), (1, 2)]),
        lambda: positions.pack_pairs([(0, limits.POSITION + 1)]),
        lambda: positions.pack_counted([(3, 0)]),
        lambda: positions.pack_counted([(3, 16)]),
        lambda: positions.pack_counted([(3, 1), (3, 1)]),
    ],
)
def test_what_is_out_of_range_is_not_sent(wrong: Callable[[], bytes]) -> None:
    with pytest.raises(MalformedError):
        wrong()
