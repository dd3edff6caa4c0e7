"""What titles are like by themselves, for weights that are lent (tvbrain.learning.lending)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.lending import Content
from tvbrain.pack.catalogue import Title


def content_of(titles: Sequence[Title], texts: NDArray[np.float32]) -> Content:
    """`texts`: (titles, dimension) float32 unit rows."""
    names = sorted({genre for title in titles for genre in title.genres})
    place = {name: at for at, name in enumerate(names)}
    genres = np.zeros((len(titles), len(names)), np.float32)
    for row, title in enumerate(titles):
        genres[row, [place[genre] for genre in title.genres]] = 1.0
    return Content(texts, genres, np.array([title.year for title in titles], np.int64))
