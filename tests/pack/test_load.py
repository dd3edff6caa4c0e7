"""Which format a file has, and what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tvbrain.errors import FileError
from tvbrain.pack.errors import BrokenCatalogueError, NotACatalogueError
from tvbrain.pack.load import load_catalogue

DATA = Path(__file__).with_name("data")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_format_is_found_by_content_not_by_name(tmp_path: Path) -> None:
    files = [
        _write(tmp_path / "a.jsonl", "\n" + (DATA / "movies.csv").read_text("utf-8")),
        _write(tmp_path / "b.csv", '\n{"id": "own:1", "title": "Ebb", "type": "movie"}\n'),
        _write(tmp_path / "c", "\ufeff" + (DATA / "provider.csv").read_text("utf-8")),
    ]
    assert [f.format for f in load_catalogue(files).files] == ["movielens", "jsonl", "provider-csv"]


def test_titles_stand_in_the_order_of_files_and_rows() -> None:
    ids = [
        title.id for title in load_catalogue([DATA / "movies.csv", DATA / "provider.csv"]).titles
    ]
    assert ids[:5] == ["ml:1", "ml:858", "ml:29", "ml:9", "prime:s1"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("userId,movieId,rating,timestamp\n1,1,4.0,9\n", "holds ratings, not titles"),
        ("hello world\n", "is no catalogue: it begins with 'hello world'"),
        (
            "show_id,type,title,director,cast,country,date_added,release_year,rating,duration,listed_in,description\n",
            "lacks the columns OTT",
        ),
        ("", "is empty"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_by_its_cause(
    tmp_path: Path, text: str, cause: str
) -> None:
    path = _write(tmp_path / "x.csv", text)
    with pytest.raises(NotACatalogueError, match=cause) as error:
        load_catalogue([path])
    assert str(path) in str(error.value)
    assert isinstance(error.value, FileError)


def test_a_catalogue_of_broken_rows_only_says_what_is_wrong_with_the_first(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.csv", "movieId,title,genres\nx,A (1999),Drama\ny,B (1999),Drama\n")
    with pytest.raises(BrokenCatalogueError, match="line 2: movieId 'x' is not a number"):
        load_catalogue([path])


def test_a_header_alone_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogueError, match="a header and nothing else"):
        load_catalogue([_write(tmp_path / "x.csv", "movieId,title,genres\n")])


def test_the_same_file_twice_is_an_error_that_names_the_first_place() -> None:
    with pytest.raises(
        BrokenCatalogueError, match=r"id 'ml:1' already stands in .*movies.csv line 2"
    ):
        load_catalogue([DATA / "movies.csv", DATA / "movies.csv"])


def test_two_offers_of_one_title_with_one_id_are_a_broken_row(tmp_path: Path) -> None:
    lines = (
        '{"id": "a:1", "title": "A", "type": "movie", "offers": [{"id": "a:1"}, {"id": "a:1"}]}\n'
        '{"id": "a:2", "title": "B", "type": "movie"}\n'
    )
    loaded = load_catalogue([_write(tmp_path / "x", lines)])
    assert [(row.line, row.reason) for row in loaded.broken] == [
        (1, "two offers of this title have the same id")
    ]


def test_a_text_that_a_pack_could_not_hold_breaks_its_row(tmp_path: Path) -> None:
    rows = [
        {"id": f"a:{n}", "title": "A", "type": "movie", "description": "é" * n}
        for n in (32_767, 32_768)
    ]
    path = _write(tmp_path / "x", "".join(json.dumps(row) + "\n" for row in rows))
    assert [(row.line, row.reason[:37]) for row in load_catalogue([path]).broken] == [
        (2, "a text is longer than 65535 bytes: 'é")
    ]


def test_a_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_catalogue([tmp_path / "none.csv"])
