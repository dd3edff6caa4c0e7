"""The directions that patterns are told by: a pattern on the wire is the entry nearest to it, and what is left.

Spherical k-means over the vectors of a pack, in its centred and rotated space: mean directions, of unit length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors

VERSION = 1
ENTRIES = 64
ROUNDS = 12
ONE_Q30 = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class Codebook:
    """version: from 1; with the pack's name it says which codebook is meant. rows: int8 [n, D]; times `scale_q30`
    (uint32 [n]) / 2^30 each has a length of about 1.
    """

    version: int
    rows: NDArray[np.int8]
    scale_q30: NDArray[np.uint32]

    def real(self) -> NDArray[np.float32]:
        """[n, D]."""
        scale = (self.scale_q30 / ONE_Q30).astype(np.float32)
        return self.rows.astype(np.float32) * scale[:, None]

    def nearest(self, direction: NDArray[np.float32]) -> int:
        """The entry most alike to a direction [D]; of equal ones the first."""
        return int(np.argmax(self.real() @ direction))


def train(vectors: QuantisedVectors, entries: int = ENTRIES, seed: int = 0) -> Codebook | None:
    """The same for the same vectors and seed. None where fewer than `entries` of them have a direction."""
    real = vectors.rows.astype(np.float32) * vectors.scale_q30.astype(np.float32)[:, None]
    lengths = np.linalg.norm(real, axis=1)
    units = real[lengths > 0] / lengths[lengths > 0, None]
    if len(units) < entries:
        return None
    random = np.random.default_rng(seed)
    middles = units[np.sort(random.choice(len(units), entries, replace=False))]
    for _ in range(ROUNDS):
        nearest = np.argmax(units @ middles.T, axis=1)
        sums = np.zeros((entries, units.shape[1]), np.float64)
        np.add.at(sums, nearest, units)
        length = np.linalg.norm(sums, axis=1)
        moved = length > 0
        middles = middles.copy()
        middles[moved] = (sums[moved] / length[moved, None]).astype(np.float32)
    return quantised(middles.astype(np.float64))


def quantised(directions: NDArray[np.float64], version: int = VERSION) -> Codebook:
    """Of unit vectors [n, D], none of them 0."""
    step = np.abs(directions).max(axis=1) / 127
    rows = np.rint(directions / step[:, None]).astype(np.int8)
    return Codebook(version, rows, np.rint(step * ONE_Q30).astype(np.uint32))
