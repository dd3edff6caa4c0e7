"""MovieLens ratings joined to the titles of a catalogue."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.histories import Histories
from tvbrain.pack.catalogue import BrokenRow
from tvbrain.pack.errors import BadRowError, BrokenCatalogueError, NotACatalogueError
from tvbrain.pack.load import RATINGS_COLUMNS, load_catalogue
from tvbrain.pack.merge import Merged
from tvbrain.pack.rows import csv_rows, read_lines
from tvbrain.pack.same_work import facts_of
from tvbrain.pack.thin import join_thin

RECENT_SHARE = 0.1
"""Of the time from the first rating to the last: what is called recent, at its end."""

POSITIVE_STARS = 3.5
"""From this many stars on a rating is a positive reaction."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who liked what, by row of `Merged.titles`.

    histories: where somebody gave at least `POSITIVE_STARS`, by (timestamp, movieId); of a title rated more than once
        the first time counts. People are in ascending order of their number in the file.
    popularity: (titles,) uint32, people with a positive per title.
    recent: (titles,) uint32, people with a positive in the last RECENT_SHARE of the file's time span per title.
    joined, unjoined: distinct rated films that did and did not find a title.
    """

    histories: Histories
    popularity: NDArray[np.uint32]
    recent: NDArray[np.uint32]
    joined: int
    unjoined: int
    broken: tuple[BrokenRow, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """One line of the file: MovieLens' own numbers, stars from 0.5 to 5, seconds since the epoch."""

    person: int
    film: int
    stars: float
    at: int


def load_ratings(path: Path, merged: Merged) -> Ratings:
    """Reads `ratings.csv`. Films are joined by `ml:<movieId>` where the catalogue has it, otherwise by title and
    year through the `movies.csv` beside `path`.

    Raises NotACatalogueError if `path` is not a ratings file, BrokenCatalogueError if nothing could be joined.
    """
    ratings, broken = read_ratings(path)
    films = {rating.film for rating in ratings}
    titles = join_films(films, merged, path.with_name("movies.csv"))
    if not titles:
        raise BrokenCatalogueError(
            f"none of the {len(films)} films in {path} is in the catalogue: neither as ml:<movieId>, nor by title"
            f" and year through {path.with_name('movies.csv')}"
        )
    histories = Histories.of(_liked(ratings, titles), len(merged.titles))
    return Ratings(
        histories=histories,
        popularity=histories.support().astype(np.uint32),
        recent=_recent(ratings, titles, len(merged.titles)),
        joined=len(titles),
        unjoined=len(films) - len(titles),
        broken=broken,
    )


def _recent(ratings: Sequence[Rating], titles: Mapping[int, int], count: int) -> NDArray[np.uint32]:
    first, last = min(one.at for one in ratings), max(one.at for one in ratings)
    since = last - (last - first) * RECENT_SHARE
    people = {
        (one.person, titles[one.film])
        for one in ratings
        if one.at >= since and one.stars >= POSITIVE_STARS and one.film in titles
    }
    found = np.bincount(np.array([row for _, row in sorted(people)], np.int64), minlength=count)
    return found.astype(np.uint32)


def read_ratings(path: Path) -> tuple[list[Rating], tuple[BrokenRow, ...]]:
    """Every rating of the file in its order, and the rows that are none.

    Raises NotACatalogueError where the columns userId, movieId, rating and timestamp are not all there.
    """
    lines = read_lines(path)
    first = next(line for line in lines if line.strip())
    header = [name.strip() for name in next(csv.reader([first.strip()]))]
    if not set(header) >= RATINGS_COLUMNS:
        missing = ", ".join(sorted(RATINGS_COLUMNS - set(header)))
        raise NotACatalogueError(f"{path} is no ratings file: its header lacks {missing}")
    ratings: list[Rating] = []
    broken: list[BrokenRow] = []
    for row in islice(csv_rows(lines, len(header)), 1, None):
        try:
            if row.fault:
                raise BadRowError(row.fault)
            ratings.append(_rating(dict(zip(header, row.fields, strict=True))))
        except BadRowError as error:
            broken.append(BrokenRow(str(path), row.line, str(error)))
    return ratings, tuple(broken)


def join_films(films: Sequence[int] | set[int], merged: Merged, movies: Path) -> dict[int, int]:
    """Film number -> row of `merged.titles`. `movies` is read only if an id is not in the catalogue."""
    row_of = {title.id: row for row, title in enumerate(merged.titles)}
    found = _by_id(films, merged.aliases, row_of)
    if len(found) == len(set(films)) or not movies.is_file():
        return found
    listed = [
        title
        for title in load_catalogue([movies]).titles
        if int(title.id[3:]) in set(films) - set(found)
    ]
    works = [[facts_of(title)] for title in merged.titles]
    for title, match in zip(listed, join_thin([facts_of(t) for t in listed], works), strict=True):
        if match is not None:
            found[int(title.id[3:])] = match[0]
    return found


def _liked(ratings: Sequence[Rating], titles: Mapping[int, int]) -> list[list[int]]:
    """Each person's positives as rows, oldest first; a row stands where it came first."""
    people: dict[int, dict[int, None]] = {
        person: {} for person in sorted({one.person for one in ratings})
    }
    for rating in sorted(ratings, key=lambda one: (one.at, one.film)):
        if rating.stars >= POSITIVE_STARS and rating.film in titles:
            people[rating.person].setdefault(titles[rating.film])
    return [list(rows) for rows in people.values()]


def _by_id(
    films: Sequence[int] | set[int], aliases: Mapping[str, str], row_of: Mapping[str, int]
) -> dict[int, int]:
    return {film: row_of[aliases[f"ml:{film}"]] for film in films if f"ml:{film}" in aliases}


def _rating(field: Mapping[str, str]) -> Rating:
    try:
        rating = Rating(
            int(field["userId"]),
            int(field["movieId"]),
            float(field["rating"]),
            int(field["timestamp"]),
        )
    except ValueError as error:
        raise BadRowError(f"not a number: {error}") from error
    if not math.isfinite(rating.stars) or not 0.5 <= rating.stars <= 5.0:
        raise BadRowError(f"rating {field['rating']!r} is not from 0.5 to 5 stars")
    return rating
