"""MovieLens titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.pack.load import load_catalogue
from tvbrain.pack.movielens import ParsedTitle, article_first, parse_title


@pytest.mark.parametrize(
    ("text", "title", "year", "aka"),
    [
        ("Toy Story (1995)", "Toy Story", 1995, ()),
        ("Godfather, The (1972)", "The Godfather", 1972, ()),
        ("Postman, The (Postino, Il) (1994)", "The Postman", 1994, ("Il Postino",)),
        ("Avventura, L' (Adventure, The) (1960)", "L'Avventura", 1960, ("The Adventure",)),
        ("Twelve Monkeys (a.k.a. 12 Monkeys) (1995)", "Twelve Monkeys", 1995, ("12 Monkeys",)),
        ("Eye, The (Gin gwai) (Jian gui) (2002)", "The Eye", 2002, ("Gin gwai", "Jian gui")),
        ("Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
         "Birdman: Or (The Unexpected Virtue of Ignorance)", 2014, ()),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009, ()),
        ("Frontière(s) (2007)", "Frontière(s)", 2007, ()),
        ("I, Robot (2004)", "I, Robot", 2004, ()),
        ("Babylon 5", "Babylon 5", 0, ()),
        ("1984 (1956)", "1984", 1956, ()),
        ("2012 (2009) ", "2012", 2009, ()),
        ("(1995)", "(1995)", 0, ()),
    ],
)  # fmt: skip
def test_a_title_is_taken_apart(text: str, title: str, year: int, aka: tuple[str, ...]) -> None:
    assert parse_title(text) == ParsedTitle(title, year, aka, series=False)


def test_a_span_of_years_is_a_series() -> None:
    assert parse_title("Death Note: Desu nôto (2006\u20132007)") == ParsedTitle(
        "Death Note: Desu nôto", 2006, (), True
    )


def test_only_articles_move_to_the_front() -> None:
    assert [article_first(t) for t in ("Apple, The", "Love, Rosie", "Paris, Texas")] == [
        "The Apple", "Love, Rosie", "Paris, Texas",
    ]  # fmt: skip


def test_the_file_is_read_with_ids_genres_and_broken_rows() -> None:
    sample = Path(__file__).with_name("data") / "movies.csv"
    loaded = load_catalogue([sample])
    assert [(t.id, t.title, t.year) for t in loaded.titles] == [
        ("ml:1", "Toy Story", 1995), ("ml:858", "The Godfather", 1972),
        ("ml:29", "The City of Lost Children", 1995), ("ml:9", "Tide", 2014),
    ]  # fmt: skip
    assert loaded.titles[0].genres == ("Adventure", "Animation", "Children")
    assert loaded.titles[3].genres == ()
    assert [(row.line, row.reason) for row in loaded.broken] == [(6, "movieId 'x' is not a number")]
    assert loaded.titles[0].age == 18, (
        "MovieLens knows no ratings, so its titles are adult until a provider rates them"
    )
