"""What the int8 rows of a space leave out, quantised once more: both together have about 16 bits a number.

With y and row as in quantise.py: rest = y - row * scale_q30 / 2^30 in float64; s = max|rest| / 127;
residual row = rest / s rounded half away from zero (0 where s = 0), int8 in [-127, 127]; residual
scale = round(s * 2^40), below 2^27. native/src/quantise.cpp computes the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tvbrain.embed.quantise import Float32s, QuantisedVectors, Space, rounded


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Of n vectors: `rows` int8 [n, D], `scale_q40` uint32 [n]."""

    rows: npt.NDArray[np.int8]
    scale_q40: npt.NDArray[np.uint32]


def residuals(space: Space, vectors: Float32s, made: QuantisedVectors) -> Residuals:
    """What `made`, the quantised `vectors` [n, D], leaves out of them."""
    rotated = space.rotation.apply(np.ascontiguousarray(vectors, np.float32) - space.mean)
    kept = made.rows.astype(np.float64) * made.scale_q30[:, None].astype(np.float64) / 2.0**30
    rest = rotated.astype(np.float64) - kept
    scale = np.abs(rest).max(axis=1, initial=0.0) / 127.0
    divisor = np.where(scale > 0, scale, 1.0)
    return Residuals(
        rows=rounded(rest / divisor[:, None]).astype(np.int8),
        scale_q40=rounded(scale * 2.0**40).astype(np.uint32),
    )


def similarity_q48(
    queries: QuantisedVectors,
    query_rests: Residuals,
    items: QuantisedVectors,
    item_rests: Residuals,
) -> npt.NDArray[np.int64]:
    """The integer scores of the native rerank [queries, items]: the oracle of its tests."""
    near = _with_items(queries.rows, items, item_rests)
    far = _with_items(query_rests.rows, items, item_rests)
    scale = queries.scale_q30.astype(np.int64)[:, None]
    rest = query_rests.scale_q40.astype(np.int64)[:, None]
    bias = queries.bias_q20.astype(np.int64)[:, None] + items.bias_q20
    scores: npt.NDArray[np.int64] = (near >> 22) * scale + ((far >> 26) * rest >> 6) + (bias << 28)
    return scores


def _with_items(
    rows: npt.NDArray[np.int8], items: QuantisedVectors, rests: Residuals
) -> npt.NDArray[np.int64]:
    """Products of rows with items in Q40 [rows, items]."""
    wide = rows.astype(np.int64)
    first = wide @ items.rows.T.astype(np.int64) * items.scale_q30.astype(np.int64) * 1024
    products: npt.NDArray[np.int64] = first + (
        wide @ rests.rows.T.astype(np.int64) * rests.scale_q40.astype(np.int64)
    )
    return products
