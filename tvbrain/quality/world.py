"""The catalogue that a run is about, read once: titles, genres, and vectors where there is a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.embed.quantise import Space
from tvbrain.pack.build import ROTATION_SEED
from tvbrain.pack.catalogue import Title
from tvbrain.pack.load import load_catalogue
from tvbrain.pack.ratings import read_ratings
from tvbrain.pack.vectors import embed_titles
from tvbrain.pack.writer import Vectors
from tvbrain.quality.split import Lives, Watch, lives


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Row i is `titles[i]` everywhere. genres: (titles, genres) of 0 and 1. plain: float32 unit rows, packed: the
    same as packs store them; both None without an embedder.
    """

    titles: tuple[Title, ...]
    row_of: Mapping[str, int]
    genres: NDArray[np.float64]
    plain: NDArray[np.float32] | None
    packed: Vectors | None
    people: Lives


def read(
    folder: Path,
    embedder: Embedder | None = None,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> World:
    """Reads MovieLens' `movies.csv` and `ratings.csv`. Titles are not joined: each film is its own row, as the
    protocols count them. Raises NotACatalogueError, BrokenCatalogueError, OSError.
    """
    titles = load_catalogue([folder / "movies.csv"]).titles
    row_of = {title.id: row for row, title in enumerate(titles)}
    ratings, _ = read_ratings(folder / "ratings.csv")
    films = {int(title.id.removeprefix("ml:")): row for row, title in enumerate(titles)}
    plain, packed = None, None
    if embedder is not None:
        plain = embed_titles(titles, embedder, cache_dir=cache_dir, progress=progress)
        space = Space.fit(plain, ROTATION_SEED)
        packed = Vectors(space, space.quantise(plain))
    names = sorted({genre for title in titles for genre in title.genres})
    genres = np.array([[name in title.genres for name in names] for title in titles], np.float64)
    return World(titles, row_of, genres, plain, packed, lives(ratings, films))


def shuffled(people: Lives, titles: int, *, seed: int, every: int = 3) -> dict[int, list[Watch]]:
    """The negative control's people: each `every`th, with every rating's title drawn anew among all.

    Nothing can be learned from them, so that a model above chance has seen what it is asked for.
    """
    random = np.random.default_rng(seed)
    made_up = {}
    for number, life in list(people.items())[::every]:
        rows = random.choice(titles, size=len(life), replace=False).tolist()
        made_up[number] = [
            Watch(row, watch.at, watch.stars) for row, watch in zip(rows, life, strict=True)
        ]
    return made_up
