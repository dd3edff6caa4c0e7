"""What packs need of the native core besides reading: hashes, keys, the normal form of titles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain._native import check, ffi, lib


def xxh64(data: bytes | memoryview, seed: int = 0) -> int:
    """XXH64 of any contiguous bytes."""
    value: int = lib.tvn_xxh64(ffi.from_buffer(data), len(data), seed)
    return value


def crc32c(data: bytes, crc: int = 0) -> int:
    """CRC-32C of `data`, going on from `crc`, the value of what came before."""
    value: int = lib.tvn_crc32c(ffi.from_buffer(data), len(data), crc)
    return value


def key_of(identity: str) -> int:
    """The 64-bit key of an id (docs/formats.md, "Ids and keys"); 0 for the empty one."""
    text = identity.encode()
    value: int = lib.tvn_key(text, len(text))
    return value


def normal_form(text: str) -> str:
    """What title search compares (docs/formats.md, "Normal form"): at most 255 bytes of UTF-8."""
    raw = text.encode()
    out, length = ffi.new("char[256]"), ffi.new("uint32_t *")
    check(lib.tvn_normal_form(raw, len(raw), out, length))
    return bytes(ffi.buffer(out, length[0])).decode()


def graph_sections(
    rows: NDArray[np.int8],
    scale_q30: NDArray[np.uint32],
    bias_q20: NDArray[np.int32],
    dimension: int,
    *,
    m: int,
    ef_construction: int,
    threads: int,
) -> list[tuple[str, int, bytes]]:
    """Kind, element size and bytes of each section of the graph over `rows` int8 [n, stride], as in `VECS`.

    The same on any number of threads. Rows of scale 0 are left out.
    """
    room = np.zeros(rows.nbytes + 64, np.int8)
    start = -room.ctypes.data % 64
    aligned = room[start : start + rows.nbytes].reshape(rows.shape)
    aligned[:] = rows
    handle = ffi.new("tvn_graph **")
    check(
        lib.tvn_graph_build(
            ffi.cast("int8_t *", aligned.ctypes.data),
            ffi.from_buffer("uint32_t[]", scale_q30),
            ffi.from_buffer("int32_t[]", bias_q20),
            len(rows),
            dimension,
            rows.shape[1],
            m,
            ef_construction,
            0,
            threads,
            handle,
        )
    )
    graph = ffi.gc(handle[0], lib.tvn_graph_free)
    section = ffi.new("tvn_section *")
    found: list[tuple[str, int, bytes]] = []
    while lib.tvn_graph_section(graph, len(found), section) == 0:
        kind = ffi.string(section.kind).decode("ascii")
        found.append((kind, section.element, bytes(ffi.buffer(section.data, section.size))))
    return found


class StaticEncoder:
    """The encoder of one base pack as devices run it (docs/formats.md, "Static encoder")."""

    def __init__(self, path: Path, dimension: int) -> None:
        """`dimension`: of the pack's vectors. Raises as PackFile."""
        handle = ffi.new("tvn_encoder **")
        check(lib.tvn_encoder_open(str(path).encode(), handle))
        self._encoder = ffi.gc(handle[0], lib.tvn_encoder_free)
        self._dimension = dimension

    def encode(self, text: str) -> tuple[bytes, int, int] | None:
        """Numbers (int8), scale Q30 and bias Q20 of a text as a query; None where it says nothing."""
        raw = text.encode()
        row = ffi.new("int8_t[]", self._dimension)
        scale, bias = ffi.new("uint32_t *"), ffi.new("int32_t *")
        status = lib.tvn_encode(self._encoder, raw, len(raw), row, self._dimension, scale, bias)
        if status == lib.TVB_E_INVALID:
            return None
        check(status)
        return bytes(ffi.buffer(row, self._dimension)), scale[0], bias[0]
