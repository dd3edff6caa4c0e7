"""From float32 vectors to the rotated int8 space that packs store and the native scan reads.

A space is (mean m, rotation seed, dimension D). The rotation R is orthogonal, costs O(D log D) and
is the same bits here and in native/src/quantise.cpp: it is float32 additions in a fixed order.

- The stream is splitmix64: the state starts as the seed; a draw adds 0x9e3779b97f4a7c15 to it and
  mixes a copy z: z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9, z = (z ^ z >> 27) * 0x94d049bb133111eb,
  z ^ z >> 31, all modulo 2^64.
- Each of three rounds draws first a permutation p of 0..D-1 (from the identity; for i = D-1 down
  to 1 swap p[i] with p[draw mod (i + 1)]), then signs (for each i that is a multiple of 64 one
  draw; bit i mod 64 set means minus).
- A round maps t to H(sign[i] * t[p[i]]), where H is the unnormalised Walsh-Hadamard transform in
  natural order of each block of B consecutive elements, B the largest power of two that divides D:
  for h = 1, 2, 4, .. B/2 every pair (a, b) at distance h becomes (a + b, a - b).
- After the rounds every element is multiplied once by B^(-3/2) as float32 (for an odd log2 B: the
  float32 nearest to sqrt 2, times a power of two).

With y = R(x - m), elementwise in float32, and all else in float64: s = max|y| / 127; q = y / s
rounded half away from zero (0 where s = 0), int8 in [-127, 127]; scale = round(s * 2^30); bias =
round(<m, x> * 2^20), added up from element 0 on. Queries are quantised the same way: an item is a
query as it stands. As x = m + R'y, <v, x> = <y_v, y_x> + <m, v> + <m, x> - <m, m>, the score

    ((((dot * scale_x) >> 18) * scale_v) >> 22) + bias_v + bias_x

in Q20 (64-bit products, arithmetic shifts) is <v, x> + <m, m>. The constant is the same for all
queries and items of a space and changes no order. The shifts lose less than 2^-17.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]

ROUNDS: Final = 3
MAX_DIMENSION: Final = 1024
MAX_MAGNITUDE: Final = 3.875
"""What an element may be after centring and rotation (unit vectors: 2). Keeps scales below 2^25."""

_MASK: Final = 2**64 - 1


class _SplitMix64:
    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def draw(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return z ^ z >> 31


_Round = tuple[npt.NDArray[np.intp], Float32s]


def _draw_round(random: _SplitMix64, dimension: int) -> _Round:
    """A round's permutation and signs, in that order of draws."""
    source = list(range(dimension))
    for i in range(dimension - 1, 0, -1):
        j = random.draw() % (i + 1)
        source[i], source[j] = source[j], source[i]
    signs = np.ones(dimension, np.float32)
    for first in range(0, dimension, 64):
        word = random.draw()
        for i in range(first, min(first + 64, dimension)):
            if word >> (i - first) & 1:
                signs[i] = -1
    return np.array(source, np.intp), signs


@dataclass(frozen=True, slots=True)
class Rotation:
    """The seeded rotation of one space. `dimension` is a multiple of 32, at most 1024."""

    seed: int
    dimension: int
    _rounds: tuple[_Round, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= _MASK:
            raise ValueError(f"rotation seed {self.seed} is not an unsigned 64-bit number")
        if self.dimension % 32 or not 32 <= self.dimension <= MAX_DIMENSION:
            raise ValueError(f"dimension {self.dimension} is not a multiple of 32 from 32 to 1024")
        random = _SplitMix64(self.seed)
        rounds = tuple(_draw_round(random, self.dimension) for _ in range(ROUNDS))
        object.__setattr__(self, "_rounds", rounds)

    @property
    def block(self) -> int:
        """The largest power of two that divides the dimension."""
        return self.dimension & -self.dimension

    @property
    def _norm(self) -> np.float32:
        power = self.block.bit_length() - 1
        if power % 2 == 0:
            return np.float32(2.0 ** -(3 * power // 2))
        return np.float32(np.sqrt(np.float32(2)) * np.float32(2.0 ** -((3 * power + 1) // 2)))

    def apply(self, vectors: Float32s) -> Float32s:
        """R x for each row of `vectors` [n, D]; a new array."""
        rows = len(vectors)
        mixed = vectors
        for source, signs in self._rounds:
            mixed = mixed[:, source] * signs
            half = 1
            while half < self.block:
                pairs = mixed.reshape(rows, self.dimension // (2 * half), 2, half)
                a, b = pairs[:, :, 0], pairs[:, :, 1]
                mixed = np.stack((a + b, a - b), axis=2).reshape(rows, self.dimension)
                half *= 2
        return np.asarray(mixed * self._norm, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class QuantisedVectors:
    """n vectors of a space: `rows` int8 [n, D], `scale_q30` uint32 [n], `bias_q20` int32 [n]."""

    rows: npt.NDArray[np.int8]
    scale_q30: npt.NDArray[np.uint32]
    bias_q20: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What items and queries must share to be compared. `mean` is float32 [D]."""

    mean: Float32s
    seed: int
    rotation: Rotation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rotation", Rotation(self.seed, len(self.mean)))

    @classmethod
    def fit(cls, vectors: Float32s, seed: int) -> Space:
        """The space whose mean is that of `vectors` [n, D]."""
        return cls(vectors.mean(axis=0, dtype=np.float64).astype(np.float32), seed)

    def quantise(self, vectors: Float32s) -> QuantisedVectors:
        """Quantises `vectors` [n, D], at most unit length.

        ValueError for a vector that is not finite or is far too long.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds a number that is not finite")
        rotated = self.rotation.apply(vectors - self.mean).astype(np.float64)
        largest = np.abs(rotated).max(axis=1, initial=0.0)
        bias = self._bias(vectors)
        if not ((largest < MAX_MAGNITUDE) & (np.abs(bias) < 2.0)).all():
            raise ValueError("a vector is much longer than a unit vector")
        scale = largest / 127.0
        divisor = np.where(scale > 0, scale, 1.0)
        return QuantisedVectors(
            rows=rounded(rotated / divisor[:, None]).astype(np.int8),
            scale_q30=rounded(scale * 2.0**30).astype(np.uint32),
            bias_q20=rounded(bias * 2.0**20).astype(np.int32),
        )

    def _bias(self, vectors: Float32s) -> npt.NDArray[np.float64]:
        """<m, x> a row, added up element by element (numpy's own sums have no fixed order)."""
        total = np.zeros(len(vectors), np.float64)
        columns = np.ascontiguousarray(vectors.T)
        for weight, column in zip(self.mean, columns, strict=True):
            total += np.float64(weight) * column.astype(np.float64)
        return total


def rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Half away from zero."""
    return np.trunc(values + np.copysign(0.5, values))


def similarity_q20(queries: QuantisedVectors, items: QuantisedVectors) -> npt.NDArray[np.int32]:
    """The integer scores of the native scan [queries, items]: the oracle of its tests."""
    dots = queries.rows.astype(np.int64) @ items.rows.T.astype(np.int64)
    first = dots * items.scale_q30.astype(np.int64) >> 18
    second = first * queries.scale_q30.astype(np.int64)[:, None] >> 22
    return (second + queries.bias_q20[:, None] + items.bias_q20).astype(np.int32)
