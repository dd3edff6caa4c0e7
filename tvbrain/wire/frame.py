"""A message as it is or compressed, whichever is smaller: one byte that says which, then the content.

What a zstd frame says of itself decides nothing but to refuse it. Libraries have taken its word: python-zstandard
(issue 332) allocates at once what 13 bytes declare, and `max_output_size` does not bound a frame that declares its
size; 8 KB of run-length blocks make 256 MB without declaring anything. So the blocks are walked before anything is
decoded: one frame, its size declared and within the limit, window within it, no dictionary, checksum, skippable frame
or byte after it. Then as many bytes are read as were declared, and it must end there.
"""

from __future__ import annotations

from typing import Final

import zstandard

from tvbrain.wire.errors import MalformedError, OverLimitError

RAW: Final = 0
ZSTD: Final = 1

_LEVEL = 3
_SMALLEST_WINDOW = 1024
_BLOCK_HEADER = 3
_RAW_BLOCK, _RUN_BLOCK, _COMPRESSED_BLOCK = 0, 1, 2
_LARGEST_BLOCK = 128 * 1024


def encode(content: bytes) -> bytes:
    """The smaller form. The same content may give other bytes with another zstd: compare contents, not frames."""
    compressed = zstandard.ZstdCompressor(
        level=_LEVEL, write_checksum=False, write_content_size=True
    ).compress(content)
    if len(compressed) < len(content):
        return bytes([ZSTD]) + compressed
    return bytes([RAW]) + content


def decode(frame: bytes, what: str, most_frame: int, most_content: int) -> bytes:
    """The content, at most `most_content` bytes. Raises OverLimitError, MalformedError; never takes more memory than
    the limits and zstd's own context (a few hundred KB).
    """
    if len(frame) > most_frame:
        raise OverLimitError(f"{what}: a frame of {len(frame)} bytes; at most {most_frame}")
    if not frame or frame[0] not in (RAW, ZSTD):
        raise MalformedError(f"{what}: neither raw nor zstd")
    body = frame[1:]
    if frame[0] == ZSTD:
        return _decompress(body, what, most_content)
    if len(body) > most_content:
        raise OverLimitError(f"{what}: {len(body)} bytes; at most {most_content}")
    return body


def _decompress(body: bytes, what: str, most: int) -> bytes:
    size = _declared_size(body, what, most)
    if len(body) >= size:
        raise MalformedError(f"{what}: compressed, but not smaller")
    reader = zstandard.ZstdDecompressor(max_window_size=_window(most)).stream_reader(
        body, read_across_frames=False
    )
    try:
        content = reader.read(size)
        beyond = reader.read(1)
    except zstandard.ZstdError as error:
        raise MalformedError(f"{what}: {error}") from error
    if len(content) != size or beyond:
        raise MalformedError(f"{what}: not the size that its frame declares")
    return content


def _declared_size(body: bytes, what: str, most: int) -> int:
    """The content's size, after every header of the frame was looked at."""
    try:
        head = zstandard.get_frame_parameters(body)
        at = zstandard.frame_header_size(body)
    except (zstandard.ZstdError, ValueError) as error:
        raise MalformedError(f"{what}: {error}") from error
    if body[:4] != zstandard.FRAME_HEADER:
        raise MalformedError(f"{what}: a skippable frame")
    if head.content_size == zstandard.CONTENTSIZE_UNKNOWN:
        raise MalformedError(f"{what}: the frame does not say its size")
    if head.content_size > most:
        raise OverLimitError(f"{what}: {head.content_size} bytes; at most {most}")
    if head.window_size > _window(most):
        raise OverLimitError(f"{what}: a window of {head.window_size} bytes")
    if head.dict_id or head.has_checksum:
        raise MalformedError(f"{what}: a dictionary or a checksum")
    _walk(body, at, head.content_size, what)
    return int(head.content_size)


def _walk(body: bytes, at: int, size: int, what: str) -> None:
    """The frame's blocks end with the body, and those that say how long they are make no more than `size`."""
    told, last = 0, False
    while not last:
        head = int.from_bytes(body[at : at + _BLOCK_HEADER], "little")
        at += _BLOCK_HEADER
        last, kind, length = bool(head & 1), head >> 1 & 3, head >> 3
        if at > len(body) or kind > _COMPRESSED_BLOCK or length > _LARGEST_BLOCK:
            raise MalformedError(f"{what}: a damaged block")
        told += 0 if kind == _COMPRESSED_BLOCK else length
        at += 1 if kind == _RUN_BLOCK else length
        if at > len(body) or told > size:
            raise MalformedError(f"{what}: blocks beyond the frame's end or size")
    if at != len(body):
        raise MalformedError(f"{what}: bytes after the frame")


def _window(most: int) -> int:
    return max(_SMALLEST_WINDOW, most)
