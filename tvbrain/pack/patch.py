"""A pack with other weights, and the patch that makes it out of the pack that a set has.

A patch is one zstd frame (RFC 8878) that says its content's size; the whole source pack is its dictionary, in raw form.
Whoever applies one gives the SHA-256 of what must come out: what does not is refused.
"""

from __future__ import annotations

import hashlib

import zstandard

from tvbrain.errors import CorruptFileError
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack.container import ENTRY, HEADER, ContainerWriter
from tvbrain.pack.native import xxh64
from tvbrain.pack.writer import weight_sections

LARGEST = 1 << 30
"""Bytes of a pack that a patch may make."""

PIECE = 1 << 18
_LEVEL = 19


def reweighed(pack: bytes, weights: ItemWeights) -> bytes:
    """The pack with these item-item weights in place of its own; every other section is as it was.

    CorruptFileError for bytes that are no sound pack; LimitError for a weight over 256.
    """
    magic, _, minor, _, _, count, flags, table_hash = HEADER.unpack_from(pack)
    table = pack[HEADER.size + 8 : HEADER.size + 8 + ENTRY.size * count]
    if xxh64(table) != table_hash:
        raise CorruptFileError("the pack's table is damaged")
    file = ContainerWriter(magic, flags, minor)
    ours = weight_sections(weights)
    for kind, element, offset, size, _, content_hash in ENTRY.iter_unpack(table):
        data = pack[offset : offset + size]
        if len(data) != size or xxh64(data) != content_hash:
            raise CorruptFileError(f"the pack's section {kind!r} is damaged")
        if kind.decode("ascii") not in ours:
            file.add(kind.decode("ascii"), element, data)
    for name, values in ours.items():
        file.add_array(name, values)
    return file.finish()


def make(source: bytes, result: bytes) -> bytes:
    """The patch that makes `result` out of `source`."""
    window = max(10, (len(source) + len(result) - 1).bit_length())
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=min(window, zstandard.WINDOWLOG_MAX), enable_ldm=True
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=_whole(source))
    return compressor.compress(result)


def apply(source: bytes, patch: bytes, result: bytes) -> bytes:
    """The pack whose SHA-256 is `result`. CorruptFileError where this patch does not make it of this source."""
    try:
        size = zstandard.get_frame_parameters(patch).content_size
        if size > LARGEST:
            raise CorruptFileError(f"the patch would make a pack of more than {LARGEST} bytes")
        reader = zstandard.ZstdDecompressor(
            dict_data=_whole(source), max_window_size=2 * LARGEST
        ).stream_reader(patch)
        pieces, left = [], size + 1
        while left and (piece := reader.read(min(left, PIECE))):  # no more than there is
            pieces.append(piece)
            left -= len(piece)
    except zstandard.ZstdError as error:
        raise CorruptFileError(f"no patch of this pack: {error}") from error
    made = b"".join(pieces)
    if not left or hashlib.sha256(made).digest() != result:
        raise CorruptFileError("the patch does not make the pack that was promised")
    return made


def _whole(source: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(source, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
