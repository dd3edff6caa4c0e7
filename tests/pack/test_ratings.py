"""Ratings joined to titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pack.making import title
from tvbrain.pack.errors import BrokenCatalogueError, NotACatalogueError
from tvbrain.pack.merge import merge
from tvbrain.pack.ratings import load_ratings, read_ratings

MOVIES = (
    "movieId,title,genres\n1,Toy Story (1995),Comedy\n2,Ebb (1999),Drama\n3,Tide (2014),Drama\n"
)
RATINGS = (
    "userId,movieId,rating,timestamp\n"
    "7,1,4.0,100\n7,2,3.5,101\n9,1,3.0,102\n9,3,5.0,103\n12,1,3.5,104\n12,1,4.5,105\n13,2,2.0,1\n"
)


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text(RATINGS)
    return path


def test_ratings_join_by_id_and_popularity_counts_people_with_a_positive(ratings: Path) -> None:
    merged = merge(
        [title("ml:2", "Ebb", 1999), title("ml:1", "Toy Story", 1995), title("a:9", "Else", 2000)]
    )
    result = load_ratings(ratings, merged)
    assert result.histories.matrix().toarray().tolist() == [
        [1, 1, 0],
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
    ]
    assert result.popularity.tolist() == [1, 2, 0]
    assert (result.joined, result.unjoined, result.broken) == (2, 1, ())


def test_histories_are_in_the_order_of_time_and_a_title_counts_when_it_was_first_liked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ratings.csv"
    rows = [
        "3,1,4.0,900",
        "3,2,5.0,200",
        "3,4,4.0,200",
        "3,3,1.0,100",
        "3,3,4.5,950",
        "3,2,5.0,990",
        "1,4,5.0,7",
    ]
    path.write_text("\n".join(["userId,movieId,rating,timestamp", *rows, ""]))
    merged = merge([title(f"ml:{film}", f"Film {film}", 1990 + film) for film in (4, 3, 2, 1)])
    histories = load_ratings(path, merged).histories
    assert [items.tolist() for items in histories.of_each()] == [[0], [2, 0, 3, 1]]


def test_ratings_join_by_title_and_year_through_the_movies_beside_them(ratings: Path) -> None:
    ratings.with_name("movies.csv").write_text(MOVIES)
    merged = merge(
        [
            title("a:1", "Toy Story", 1995, genres=("Comedy",)),
            title("a:2", "Ebb", 2009, genres=("Drama",)),
        ]
    )
    result = load_ratings(ratings, merged)
    assert result.popularity.tolist() == [2, 0]
    assert (result.joined, result.unjoined) == (1, 2)


def test_the_same_joins_are_found_with_movies_as_a_catalogue_and_beside_the_ratings(
    ratings: Path,
) -> None:
    own = [title("a:1", "Toy Story", 1995, minutes=81), title("a:3", "Tide", 2014, minutes=90)]
    films = [
        title("ml:1", "Toy Story", 1995),
        title("ml:2", "Ebb", 1999),
        title("ml:3", "Tide", 2014),
    ]
    together = load_ratings(ratings, merge(own + films))
    ratings.with_name("movies.csv").write_text(MOVIES)
    apart = load_ratings(ratings, merge(own))
    assert together.popularity.tolist() == [2, 1, 1]
    assert apart.popularity.tolist() == [2, 1]


def test_broken_rows_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "userId,movieId,rating,timestamp\n1,1,4.0,1\n1,x,4.0,1\n1,2,9,1\n1,2,nan,1\n1,2\n"
    )
    rows, broken = read_ratings(path)
    assert [(row.person, row.film, row.stars, row.at) for row in rows] == [(1, 1, 4.0, 1)]
    assert [row.line for row in broken] == [3, 4, 5, 6]
    assert "'9' is not from 0.5 to 5 stars" in broken[1].reason


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(MOVIES)
    with pytest.raises(NotACatalogueError, match="lacks rating, timestamp, userId"):
        read_ratings(path)


def test_ratings_of_other_films_are_an_error_that_says_where_it_looked(ratings: Path) -> None:
    with pytest.raises(BrokenCatalogueError, match=r"none of the 3 films .*movies\.csv"):
        load_ratings(ratings, merge([title("a:1")]))
