"""People and films that were never there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvbrain.pack.ratings import Rating
from tvbrain.quality.split import Lives, lives

GENRES = ("Comedy", "Drama", "Horror", "Western")


def ratings(people: int = 30, films: int = 40, *, seed: int = 0) -> list[Rating]:
    """Each person likes one half of the films more; a quarter of the moments are shared."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(1, people + 1):
        for film in random.choice(films, size=random.integers(4, films // 2), replace=False):
            liked = film % 2 == number % 2
            stars = random.choice((3.5, 4.0, 5.0) if liked else (1.0, 2.5, 4.0))
            at = 1_000_000_000 + int(random.integers(0, 100)) * 3600
            made.append(Rating(number, int(film) + 1, float(stars), at))
    return made


def people_of(some: list[Rating], films: int = 40) -> Lives:
    """Rows in the order of the films' numbers."""
    return lives(some, {film + 1: film for film in range(films)})


def folder(path: Path, some: list[Rating], films: int = 40) -> Path:
    """MovieLens' two files."""
    titles = [
        f"{film + 1},Film {film + 1} ({1950 + film}),{GENRES[film % 4]}|{GENRES[film // 4 % 4]}"
        for film in range(films)
    ]
    lines = [f"{one.person},{one.film},{one.stars},{one.at}" for one in some]
    (path / "movies.csv").write_text("\n".join(["movieId,title,genres", *titles, ""]), "utf-8")
    header = "userId,movieId,rating,timestamp"
    (path / "ratings.csv").write_text("\n".join([header, *lines, ""]), "utf-8")
    return path
