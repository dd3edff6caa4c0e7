"""The base pack in use, as both sides name it: by the SHA-256 of its file, and titles by its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import FileError
from tvbrain.pack.codebook import Codebook
from tvbrain.pack.install import BASE, KEPT
from tvbrain.pack.reader import PackFile
from tvbrain.wire.delta import PACK_NAME

SLICE = 1024
"""Rows whose vectors are floats at one time."""


def in_use(factory: Path, folder: Path) -> Path:
    """Which file it is, by the rule of docs/formats.md ("The folder of packs")."""
    with PackFile(factory) as pack:
        built = pack.meta["built_at"]
    for name in (BASE, BASE + KEPT):
        try:
            with PackFile(folder / name) as pack:
                return factory if built > pack.meta["built_at"] else folder / name
        except FileError:
            continue
    return factory


@lru_cache(maxsize=4)
def _sha256(path: str, size: int, changed_ns: int, inode: int) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def sha256_of(path: Path) -> bytes:
    """Of a pack's file; computed again only when it is another file."""
    at = path.stat()
    return _sha256(str(path), at.st_size, at.st_mtime_ns, at.st_ino)


@dataclass(frozen=True, slots=True, eq=False)
class BasePack:
    """What is needed of it; it is read when asked for and not kept open."""

    path: Path

    @property
    def name(self) -> bytes:
        """What deltas and releases name it by."""
        return sha256_of(self.path)[:PACK_NAME]

    def rows(self, keys: Sequence[int]) -> dict[int, int]:
        """Key -> row, of those that name a title of it."""
        with PackFile(self.path) as pack:
            known = pack.keys
        wanted = np.array(sorted(set(keys)), np.uint64)
        at = np.searchsorted(known["key"], wanted)
        found = at < len(known)
        found[found] = known["key"][at[found]] == wanted[found]
        pairs = zip(wanted[found].tolist(), known["row"][at[found]].tolist(), strict=True)
        return dict(pairs)

    def codebook(self) -> Codebook | None:
        """None where it has none, or no vectors."""
        with PackFile(self.path) as pack:
            return pack.codebook()

    def nearest(self, directions: NDArray[np.float32], count: int) -> list[list[int]]:
        """For each direction [n, D] the keys of the `count` titles most alike to it, the most alike first."""
        best = np.zeros((len(directions), 0), np.int64)
        scores = np.zeros((len(directions), 0), np.float32)
        with PackFile(self.path) as pack:
            keys = pack.items["key"] if pack.meta["dimension"] else np.zeros(0, np.uint64)
            for start in range(0, len(keys), SLICE):
                rows = np.arange(start, min(start + SLICE, len(keys)))
                part = pack.vector_rows(start, start + SLICE).astype(np.float32)
                length = np.linalg.norm(part, axis=1)
                near = (directions @ part.T / np.maximum(length, 1.0))[:, length > 0]
                scores = np.concatenate([scores, near], axis=1)
                rows = np.broadcast_to(rows[length > 0], near.shape)
                best = np.concatenate([best, rows], axis=1)
                order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
                best = np.take_along_axis(best, order, axis=1)
                scores = np.take_along_axis(scores, order, axis=1)
        return [[int(keys[row]) for row in rows] for rows in best]
