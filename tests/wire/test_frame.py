"""Frames that ask for more memory than they may have are refused before they get it."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.wire import frame
from tvbrain.wire.errors import MalformedError, OverLimitError, WireError

MOST_FRAME, MOST = 9000, 4096
MAGIC = zstandard.FRAME_HEADER
SINGLE = 0x20
"""Frame header: one segment, so that the window is the content."""


def block(kind: int, length: int, data: bytes, last: bool = False) -> bytes:
    return (int(last) | kind << 1 | length << 3).to_bytes(3, "little") + data


def run(length: int, last: bool = False) -> bytes:
    """A block of `length` zeros in four bytes."""
    return block(1, length, b"\0", last)


def zstd(body: bytes) -> bytes:
    return bytes([frame.ZSTD]) + body


def decode(body: bytes) -> bytes:
    return frame.decode(zstd(body), "x", MOST_FRAME, MOST)


@given(st.binary(max_size=300) | st.binary(min_size=1, max_size=8).map(lambda one: one * 100))
def test_a_content_comes_back_as_it_was(content: bytes) -> None:
    packed = frame.encode(content)
    assert frame.decode(packed, "x", MOST_FRAME, MOST) == content
    assert len(packed) <= len(content) + 1


def test_what_repeats_is_compressed_and_what_does_not_is_not() -> None:
    assert frame.encode(bytes(1000))[0] == frame.ZSTD
    assert frame.encode(bytes(range(256)))[0] == frame.RAW


@given(st.binary(max_size=200))
def test_any_bytes_are_a_content_within_the_limit_or_refused_by_name(data: bytes) -> None:
    for candidate in (data, zstd(data), zstd(MAGIC + data)):
        try:
            content = frame.decode(candidate, "x", MOST_FRAME, MOST)
        except WireError:
            continue
        assert len(content) <= MOST


THIRTEEN = bytes.fromhex("28b52ffde06c06060663636363")
"""Of python-zstandard issue 332: declares 7 * 10^18 bytes."""
EIGHT_KILOBYTES = MAGIC + b"\0\x88" + b"".join(run(128 * 1024) for _ in range(2000)) + run(1, True)
"""Run-length blocks of 256 MB together, in a frame that declares nothing."""
LYING = MAGIC + bytes([SINGLE, 200]) + run(128 * 1024) * 2000 + run(1, True)
"""The same in a frame that declares 200 bytes."""
BOMBS = {
    "thirteen bytes": THIRTEEN,
    "eight kilobytes": EIGHT_KILOBYTES,
    "eight kilobytes that lie": LYING,
    "a window of 3.75 TB": MAGIC + b"\0\xff" + run(1, True),
    "a declared window of 128 MB": MAGIC + b"\x40\x88" + struct.pack("<H", 0) + run(256, True),
    "4 GB declared": MAGIC + b"\x80\x00" + struct.pack("<I", 2**32 - 1) + run(1, True),
    "honest, but one byte over": zstandard.ZstdCompressor().compress(bytes(MOST + 1)),
    "a skippable frame of 4 GB": struct.pack("<II", 0x184D2A50, 2**32 - 1),
    "a skippable frame": struct.pack("<II", 0x184D2A50, 4) + b"1234",
    "many skippable frames": (struct.pack("<II", 0x184D2A5F, 0)) * 1000,
    "many frames": zstandard.ZstdCompressor().compress(bytes(100)) * 400,
    "a skippable frame before": struct.pack("<II", 0x184D2A50, 0)
    + zstandard.ZstdCompressor().compress(bytes(100)),
    "a frame and a byte": zstandard.ZstdCompressor().compress(bytes(100)) + b"\0",
    "many empty blocks": MAGIC + bytes([SINGLE, 200]) + block(0, 0, b"") * 2900 + run(200, True),
}


@pytest.mark.parametrize("name", [name for name in BOMBS if name != "many empty blocks"])
def test_a_bomb_is_refused_within_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            decode(BOMBS[name])
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()


def test_the_eight_kilobytes_are_a_bomb_for_who_takes_a_library_at_its_word() -> None:
    assert len(EIGHT_KILOBYTES) < 8200
    reader = zstandard.ZstdDecompressor().stream_reader(EIGHT_KILOBYTES)
    assert len(reader.read(1 << 20)) == 1 << 20


def test_a_frame_that_is_not_smaller_than_what_it_holds_is_refused() -> None:
    with pytest.raises(MalformedError, match="not smaller"):
        decode(BOMBS["many empty blocks"])
    with pytest.raises(MalformedError, match="not smaller"):
        decode(zstandard.ZstdCompressor().compress(b"abc"))


def compressed(content: bytes, **options: object) -> bytes:
    return zstandard.ZstdCompressor(**options).compress(content)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", MalformedError),
        (MAGIC, MalformedError),
        (b"\0" * 20, MalformedError),
        (compressed(bytes(500), write_checksum=True), MalformedError),
        (compressed(bytes(500), write_content_size=False), MalformedError),
        (MAGIC + bytes([SINGLE | 1, 7, 200]) + run(200, True), MalformedError),
        (MAGIC + bytes([SINGLE | 8, 200]) + run(200, True), MalformedError),
        (MAGIC + bytes([SINGLE, 200]) + run(199, True), MalformedError),
        (MAGIC + bytes([SINGLE, 200]) + run(201, True), MalformedError),
        (MAGIC + bytes([SINGLE, 200]) + run(200), MalformedError),
        (MAGIC + bytes([SINGLE, 200]) + block(3, 200, b"\0", True), MalformedError),
        (MAGIC + bytes([SINGLE, 200]) + block(2, 5, b"12345", True), MalformedError),
        (compressed(bytes(500))[:-1], MalformedError),
    ],
)
def test_a_frame_that_is_not_plain_and_whole_is_refused(body: bytes, why: type[WireError]) -> None:
    with pytest.raises(why):
        decode(body)


def test_the_run_that_the_others_are_made_of_is_good() -> None:
    assert decode(MAGIC + bytes([SINGLE, 200]) + run(200, True)) == bytes(200)


def test_limits_hold_before_anything_is_looked_at() -> None:
    with pytest.raises(OverLimitError):
        frame.decode(bytes(MOST_FRAME + 1), "x", MOST_FRAME, MOST)
    with pytest.raises(OverLimitError):
        frame.decode(bytes(MOST + 2), "x", MOST_FRAME, MOST)
    with pytest.raises(MalformedError):
        frame.decode(b"", "x", MOST_FRAME, MOST)
    with pytest.raises(MalformedError):
        frame.decode(b"\x02abc", "x", MOST_FRAME, MOST)


def test_the_limit_itself_is_kept() -> None:
    content = bytes(range(256)) * 16
    assert frame.decode(frame.encode(content), "x", MOST_FRAME, MOST) == content
    assert frame.decode(bytes([frame.RAW]) + content, "x", MOST_FRAME, MOST) == content
