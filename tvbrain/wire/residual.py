"""What is left of a vector beside its codebook entry, in few bits a number, so that means over many sets are right.

Numbers are rounded to the level below or above by chance, in proportion to how near each is: within the range the mean
of many is the number itself, whichever quantiser. Beyond the outermost levels they are clipped.

    quantiser  bits  levels, in steps
    1          2     -1.5 to 1.5
    2          4     -7.5 to 7.5
    3          8     -127 to 127
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TWO_BIT, FOUR_BIT, EIGHT_BIT = 1, 2, 3
BITS: Final = {TWO_BIT: 2, FOUR_BIT: 4, EIGHT_BIT: 8}
STEP_ONE: Final = 1 << 16
"""A step is a whole number of 1 / 65,536."""
LARGEST_STEP: Final = STEP_ONE - 1
_CLIPPED: Final = {TWO_BIT: 2.0, FOUR_BIT: 4.0, EIGHT_BIT: 8.0}
"""The outermost level, in root mean squares of the residual."""


@dataclass(frozen=True, slots=True)
class Residual:
    """step: 0 to 65,535, in 1 / 65,536; 0: nothing is left, and all of `data` is 0. data: the numbers one after the
    other, the first in the lowest bits: levels from the lowest (2 and 4 bits), or two's complement (8 bits).
    """

    step: int
    data: bytes


def size(quantiser: int, dimension: int) -> int:
    """Bytes of `data`."""
    return dimension * BITS[quantiser] // 8


def quantise(rest: NDArray[np.float32], quantiser: int, random: np.random.Generator) -> Residual:
    """Of `rest` [D], D a multiple of 32, with magnitudes below 1."""
    outermost = 127.0 if quantiser == EIGHT_BIT else (1 << BITS[quantiser]) / 2 - 0.5
    spread = float(np.sqrt(np.mean(rest.astype(np.float64) ** 2))) * _CLIPPED[quantiser]
    step = min(LARGEST_STEP, round(spread / outermost * STEP_ONE))
    if step == 0:
        return Residual(0, bytes(size(quantiser, len(rest))))
    lowest = -outermost
    places = np.clip(rest.astype(np.float64) * STEP_ONE / step - lowest, 0.0, 2 * outermost)
    levels = np.floor(places + random.random(len(rest))).astype(np.int64)
    if quantiser == EIGHT_BIT:
        return Residual(step, (levels - 127).astype(np.int8).tobytes())
    return Residual(step, _packed(levels.astype(np.uint8), BITS[quantiser]))


def dequantise(residual: Residual, quantiser: int, dimension: int) -> NDArray[np.float32]:
    """[dimension]."""
    if residual.step == 0:
        return np.zeros(dimension, np.float32)
    raw = np.frombuffer(residual.data, np.uint8)
    if quantiser == EIGHT_BIT:
        levels = raw.view(np.int8).astype(np.float64)
    else:
        bits = BITS[quantiser]
        shifts = np.arange(0, 8, bits, dtype=np.uint8)
        codes = (raw[:, None] >> shifts & ((1 << bits) - 1)).reshape(-1)
        levels = codes.astype(np.float64) - ((1 << bits) / 2 - 0.5)
    return (levels * residual.step / STEP_ONE).astype(np.float32)


def is_valid(residual: Residual, quantiser: int) -> bool:
    """Whether it is what `quantise` can give: nothing but zeros without a step, and no -128."""
    if residual.step == 0:
        return not any(residual.data)
    return quantiser != EIGHT_BIT or b"\x80" not in residual.data


def _packed(codes: NDArray[np.uint8], bits: int) -> bytes:
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    grouped = codes.reshape(-1, 8 // bits) << shifts
    return bytes(np.bitwise_or.reduce(grouped, axis=1).astype(np.uint8).tobytes())
