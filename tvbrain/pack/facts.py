"""What the learning plane asks of the packs in use, by key: which title, its genres, its vector.

The packs stay mapped, as serving has them; nothing of them is copied but what is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain._native import check, ffi, lib
from tvbrain._native.arrays import dtype_of, pointer
from tvbrain.types import TERMS

NO_SLOT: int = lib.TVN_NO_SLOT
VECTOR = dtype_of("tvn_vector")


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Titles' vectors as packs store them: `rows` int8 [n, stride] in the rotated space, `scale_q30`
    uint32 [n] (0: the title has none), `bias_q20` int32 [n].
    """

    rows: NDArray[np.int8]
    scale_q30: NDArray[np.uint32]
    bias_q20: NDArray[np.int32]

    def real(self) -> NDArray[np.float32]:
        """Centred, rotated, [n, stride]."""
        scale = (self.scale_q30 / 2**30).astype(np.float32)
        return self.rows.astype(np.float32) * scale[:, None]


class PackFacts:
    """The packs that serving would use if it opened now: `factory`, or what is in `folder`.

    `genres`: their names, each of which has a bit. `weights_q12` and `precisions` (1 / variance; 0: the built-in one)
    are the packs' prior, one number a term.

    Raises MissingFileError, CorruptFileError, NewerFormatError for a factory pack that is needed
    and cannot be used.
    """

    def __init__(self, factory: Path, folder: Path) -> None:
        out = ffi.new("tvn_titles **")
        check(lib.tvn_titles_open(os.fsencode(factory), os.fsencode(folder), out))
        self._titles = ffi.gc(out[0], lib.tvn_titles_free)
        head = ffi.new("tvn_titles_head *")
        check(lib.tvn_titles_info(self._titles, head))
        self.space_id = int(head.space_id)
        self.dimension = int(head.dimension)
        self.stride = int(head.stride)
        self._mean_square = float(head.mean_square)
        self.weights_q12, self.precisions = self._prior()
        self.genres = tuple(self._genre(index) for index in range(head.genre_count))
        self._sets: dict[int, tuple[str, ...]] = {}

    def _prior(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        weights, precisions = ffi.new("int32_t[]", len(TERMS)), ffi.new("double[]", len(TERMS))
        lib.tvn_titles_prior(self._titles, weights, precisions)
        return tuple(weights), tuple(precisions)

    def _genre(self, index: int) -> str:
        out = ffi.new("char[256]")
        check(lib.tvn_titles_genre(self._titles, index, out, len(out)))
        raw: bytes = ffi.string(out)
        return raw.decode("utf-8")

    def find(self, keys: Sequence[int]) -> tuple[list[int], list[tuple[str, ...]]]:
        """For each key the slot of the title that it names (NO_SLOT if none), and its genres."""
        slots, bits = self.find_all(np.array(keys, np.uint64))
        return slots.tolist(), [self._named(one) for one in bits.tolist()]

    def find_all(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """The same of many keys [n]: slots [n], and genres [n], bit i set for the genre `genres[i]`."""
        given = np.ascontiguousarray(keys, np.uint64)
        slots, bits = np.zeros(len(given), np.uint32), np.zeros(len(given), np.uint64)
        pointers = (pointer("uint32_t", slots), pointer("uint64_t", bits))
        check(lib.tvn_titles_find(self._titles, pointer("uint64_t", given), len(given), *pointers))
        return slots, bits

    def _named(self, bits: int) -> tuple[str, ...]:
        found = self._sets.get(bits)
        if found is None:
            found = tuple(name for bit, name in enumerate(self.genres) if bits >> bit & 1)
            self._sets[bits] = found
        return found

    def vectors(self, slots: Sequence[int] | NDArray[np.uint32]) -> Vectors:
        """Of each slot, in order."""
        given = np.ascontiguousarray(slots, np.uint32)
        rows = np.zeros((len(given), self.stride), np.int8)
        out = np.zeros(len(given), VECTOR)
        pointers = (ffi.cast("int8_t *", rows.ctypes.data), pointer("tvn_vector", out))
        check(
            lib.tvn_titles_vectors(self._titles, pointer("uint32_t", given), len(given), *pointers)
        )
        return Vectors(rows, out["scale_q30"], out["bias_q20"])

    def cosines(self, slots: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Of each pair of slots [n, n], as slates compare them: 0 where one has no vector."""
        of = self.vectors(slots)
        rows, bias = of.real().astype(np.float64), of.bias_q20 / 2**20
        found = rows @ rows.T + bias[:, None] + bias[None, :] - self._mean_square
        has = of.scale_q30 > 0
        return np.asarray(np.where(has[:, None] & has[None, :], found, 0.0))

    def name(self, slot: int) -> tuple[str, str]:
        """Canonical id and title of a slot."""
        identity, title = ffi.new("char[64]"), ffi.new("char[160]")
        check(lib.tvn_titles_name(self._titles, slot, identity, title))
        texts: list[bytes] = [ffi.string(identity), ffi.string(title)]
        return texts[0].decode("utf-8"), texts[1].decode("utf-8")
