"""No title is led to more than titles that as many sets told: what hostile sets gain for a title is bounded by that.

The exposure of title i is sum over j of support[j] * max(W[j, i], 0): what its weights add to everybody's scores
together. Whoever wants a title in many top 20s must raise it, from whichever titles and with however many couples.

The most a title may have is what is usual at its support (`alike`). Weights into a title that has more are scaled down
together, so that what leads to it keeps its proportions. Rows are cut to the length that a
pack holds only then: what is scaled down must not have pushed others out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.alike import usual
from tvbrain.learning.item_weights import ItemWeights, quantise_rows, strongest_of_rows

MAX_ROW = 128


def bounded(
    weights: ItemWeights, support: NDArray[np.float64], max_row: int = MAX_ROW
) -> ItemWeights:
    """`support`: (titles,) sets that told each title; weights of titles with 0 stay as they are. max_row: weights of a
    row that are kept, the largest.
    """
    matrix = weights.to_csr()
    exposure = np.asarray(matrix.maximum(0).T @ support, np.float64).ravel()
    most = usual(exposure, support)
    factor = np.divide(most, exposure, out=np.ones_like(most), where=exposure > most)
    matrix.data *= factor[matrix.indices].astype(np.float32)
    return quantise_rows(strongest_of_rows(matrix, max_row))
