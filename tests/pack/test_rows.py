"""CSV rows know the line they start on."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.pack.errors import BadRowError, NotACatalogueError
from tvbrain.pack.rows import check_text, csv_rows, read_lines


def _rows(text: str, columns: int = 2) -> list[tuple[int, tuple[str, ...], str]]:
    lines = list(io.StringIO(text, newline=""))
    return [(row.line, tuple(row.fields), row.fault) for row in csv_rows(lines, columns)]


def test_a_row_after_a_field_with_newlines_has_the_line_an_editor_shows() -> None:
    assert _rows('a,b\n1,"x\ny\nz"\n2,q\n') == [
        (1, ("a", "b"), ""),
        (2, ("1", "x\ny\nz"), ""),
        (5, ("2", "q"), ""),
    ]


def test_windows_line_ends_count_once() -> None:
    assert [row[0] for row in _rows("a,b\r\n1,2\r\n3,4\r\n")] == [1, 2, 3]


def test_blank_lines_are_counted_but_are_no_rows() -> None:
    assert [row[0] for row in _rows("a,b\n\n   \n1,2\n")] == [1, 4]


def test_an_open_quote_costs_one_row_and_not_the_rest_of_the_file() -> None:
    rows = _rows('a,b\n1,"open\n2,x\n3,y\n')
    assert [row[0] for row in rows if row[2]] == [2]
    assert [row[1] for row in rows if not row[2]] == [("a", "b"), ("2", "x"), ("3", "y")]


def test_an_open_quote_in_the_last_row_is_reported() -> None:
    assert _rows('a,b\n1,"open\n')[-1] == (2, ("1", "open\n"), "a quote is never closed")


def test_a_row_with_the_wrong_number_of_fields_says_so() -> None:
    assert _rows("a,b\n1,2,3\n")[-1][2] == "3 fields where the header has 2"


@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from('ab ,"\n'), max_size=6),
            st.text(st.sampled_from('ab ,"\n'), max_size=6),
        ).filter(lambda row: any(field.strip() for field in row)),
        max_size=6,
    )
)
def test_what_a_csv_writer_wrote_is_read_back_at_the_lines_it_stands_on(
    rows: list[tuple[str, str]],
) -> None:
    out, starts = io.StringIO(newline=""), []
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    assert _rows(out.getvalue()) == [
        (start, row, "") for start, row in zip(starts, rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("content", "cause"),
    [(b"", "is empty"), (b" \n\n", "is empty"), (b"a,b\n\0", "NUL byte at offset 4")],
)
def test_a_file_without_text_is_refused_by_its_cause(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(NotACatalogueError, match=cause):
        read_lines(path)


def test_a_folder_is_refused_by_its_cause(tmp_path: Path) -> None:
    with pytest.raises(NotACatalogueError, match="is a folder"):
        read_lines(tmp_path)


def test_bytes_that_are_not_utf8_break_only_the_row_they_stand_in(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xef\xbb\xbfgood\nbad \xff\n")
    good, bad = read_lines(path)
    check_text([good])
    with pytest.raises(BadRowError, match="not UTF-8"):
        check_text([bad])
