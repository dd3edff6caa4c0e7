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
from tvbrain.types import TERMS

NO_SLOT: int = lib.TVN_NO_SLOT


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

    `weights_q12` and `precisions` (1 / variance; 0: the built-in one) are the packs' prior, one number a term.

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
        self.weights_q12, self.precisions = self._prior()
        self._genres = tuple(self._genre(index) for index in range(head.genre_count))
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
        count = len(keys)
        slots, bits = ffi.new("uint32_t[]", count), ffi.new("uint64_t[]", count)
        given = ffi.new("uint64_t[]", list(keys))
        check(lib.tvn_titles_find(self._titles, given, count, slots, bits))
        return list(slots), [self._named(one) for one in bits]

    def _named(self, bits: int) -> tuple[str, ...]:
        found = self._sets.get(bits)
        if found is None:
            found = tuple(name for bit, name in enumerate(self._genres) if bits >> bit & 1)
            self._sets[bits] = found
        return found

    def vectors(self, slots: Sequence[int]) -> Vectors:
        """Of each slot, in order."""
        count = len(slots)
        rows = np.zeros((count, self.stride), np.int8)
        out = ffi.new("tvn_vector[]", count)
        given = ffi.new("uint32_t[]", list(slots))
        pointer = ffi.cast("int8_t *", rows.ctypes.data)
        check(lib.tvn_titles_vectors(self._titles, given, count, pointer, out))
        return Vectors(
            rows,
            np.array([out[i].scale_q30 for i in range(count)], np.uint32),
            np.array([out[i].bias_q20 for i in range(count)], np.int32),
        )

    def name(self, slot: int) -> tuple[str, str]:
        """Canonical id and title of a slot."""
        identity, title = ffi.new("char[64]"), ffi.new("char[160]")
        check(lib.tvn_titles_name(self._titles, slot, identity, title))
        texts: list[bytes] = [ffi.string(identity), ffi.string(title)]
        return texts[0].decode("utf-8"), texts[1].decode("utf-8")
