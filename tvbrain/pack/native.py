"""What packs need of the native core besides reading: hashes, keys, the normal form of titles."""

from __future__ import annotations

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
