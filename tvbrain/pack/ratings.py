"""MovieLens ratings joined to the titles of a catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tvbrain.pack.catalogue import BrokenRow
from tvbrain.pack.merge import Merged

POSITIVE_STARS = 3.5


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who liked what, by row of `Merged.titles`.

    positives: (people, titles) float32, 1.0 where somebody gave >= 3.5 stars; columns are rows of `Merged.titles`.
    popularity: (titles,) uint32, number of positives per title.
    joined, unjoined: distinct rated films that did and did not find a title.
    """

    positives: csr_matrix
    popularity: NDArray[np.uint32]
    joined: int
    unjoined: int
    broken: tuple[BrokenRow, ...]


def load_ratings(path: Path, merged: Merged) -> Ratings:
    """Reads `ratings.csv`. Films are joined by `ml:<movieId>` where the catalogue has it, otherwise by title and
    year through the `movies.csv` beside `path`.

    Raises NotACatalogueError if `path` is not a ratings file, BrokenCatalogueError if nothing could be joined.
    """
    raise NotImplementedError
