"""The container of docs/formats.md, written; the native core reads it."""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tvbrain.pack.native import xxh64

PACK_MAGIC: Final = b"TVBPACK\0"
SIDE_PACK: Final = 1
"""Bit of a pack's flags."""

HEADER: Final = struct.Struct("<8sHHIQIIQ16x")
ENTRY: Final = struct.Struct("<4sIQQQQ")
ALIGNMENT: Final = 64
MAJOR, MINOR = 1, 0


class ContainerWriter:
    """Lays sections out in the order they are added. The same sections give the same bytes."""

    def __init__(self, magic: bytes, flags: int = 0, minor: int = MINOR) -> None:
        self._magic, self._flags, self._minor = magic, flags, minor
        self._sections: list[tuple[str, int, bytes]] = []

    def add(self, kind: str, element: int, data: bytes) -> None:
        """`data` holds whole elements of `element` bytes each."""
        if len(data) % element:
            raise ValueError(f"section {kind}: {len(data)} bytes are no multiple of {element}")
        self._sections.append((kind, element, data))

    def add_array(self, kind: str, values: NDArray[np.generic]) -> None:
        """A section of plain numbers or of records, little-endian as numpy has them."""
        self.add(kind, values.dtype.itemsize, np.ascontiguousarray(values).tobytes())

    def finish(self) -> bytes:
        """The whole file."""
        end = HEADER.size + 8 + ENTRY.size * len(self._sections)
        table, parts = b"", [b""]
        for kind, element, data in self._sections:
            gap = -end % ALIGNMENT
            parts += [bytes(gap), data]
            table += ENTRY.pack(
                kind.encode("ascii"),
                element,
                end + gap,
                len(data),
                len(data) // element,
                xxh64(data),
            )
            end += gap + len(data)
        header = HEADER.pack(
            self._magic, MAJOR, self._minor, 64, end, len(self._sections), self._flags, xxh64(table)
        )
        return b"".join([header, struct.pack("<Q", xxh64(header)), table, *parts])


def write_atomically(path: Path, data: bytes) -> None:
    """`path` holds either what it held or all of `data`, whatever happens; its folder must exist."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=path.name, suffix=".tmp", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in `folder` survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
