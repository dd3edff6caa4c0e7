"""A pack of what some people liked, as `tvbrain pack build` makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.histories import Histories
from tvbrain.learning.item_model import CO_WATCH, L2, train_weights
from tvbrain.learning.lending import lend
from tvbrain.pack.catalogue import Title
from tvbrain.pack.content import content_of
from tvbrain.pack.writer import Contents, Vectors, write_pack


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the item side is trained (tvbrain.learning.item_model); as shipped if nothing is said."""

    l2: float = L2
    co_watch: float = CO_WATCH


AS_SHIPPED = Recipe()


def build_pack(
    path: Path,
    titles: Sequence[Title],
    train: Histories,
    vectors: Vectors | None,
    texts: NDArray[np.float32] | None,
    recipe: Recipe = AS_SHIPPED,
) -> dict[str, int]:
    """Writes a base pack as `tvbrain pack build` does; its bytes, and those of its item-item weights (columns, values,
    ends, scales). `texts`: what `vectors` were made from, (titles, dimension).
    """
    weights = train_weights(train, l2=recipe.l2, co_watch=recipe.co_watch)
    if texts is not None:
        weights = lend(weights, content_of(titles, texts))
    popularity = train.support().astype(np.uint32)
    contents = Contents(
        titles=titles,
        name="quality",
        version="1",
        built_at=0,
        popularity=popularity,
        vectors=vectors,
        weights=weights,
    )
    stored = 5 * len(weights.values) + 4 * len(weights.indptr) + 4 * len(weights.scale)
    return {"pack": write_pack(path, contents), "weights": stored}
