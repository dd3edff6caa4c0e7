"""Text files as numbered rows: where a row starts is known even when fields contain newlines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tvbrain.pack.errors import BadRowError, NotACatalogueError

MAX_ROW_LINES = 64
"""A quoted field that runs over more lines than this was never closed; the longest real one has 9."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it starts on (from 1, header included) and its fields, or why it cannot be split."""

    line: int
    fields: Sequence[str]
    fault: str = ""


def read_lines(path: Path) -> list[str]:
    """The lines of a text file with their endings; bytes that are no UTF-8 stay as lone surrogates, which
    `check_text` reports for the row they stand in.

    Raises NotACatalogueError for a folder, an empty file, or one that is not text at all.
    """
    if path.is_dir():
        raise NotACatalogueError(f"{path} is a folder, not a catalogue file")
    raw = path.read_bytes()
    if not raw.strip():
        raise NotACatalogueError(f"{path} is empty")
    if b"\0" in raw:
        raise NotACatalogueError(f"{path} is not text: it has a NUL byte at offset {raw.index(0)}")
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    return list(io.StringIO(text, newline=""))


def check_text(values: Sequence[str]) -> None:
    """Raises BadRowError if a value came from bytes that are not UTF-8."""
    for value in values:
        if any("\udc80" <= c <= "\udcff" for c in value):
            raise BadRowError(f"not UTF-8: {value.encode('utf-8', 'replace').decode()[:40]!r}")


def csv_rows(lines: Sequence[str], columns: int) -> Iterator[Row]:
    """Splits CSV lines into rows of `columns` fields, header included; blank lines are not rows.

    A row that comes out wrong is yielded with a `fault`, and reading resumes on the line after its first: one quote
    left open costs one row, not the rest of the file.
    """
    at = 0
    while at < len(lines):
        row, used = _one_row(lines, at, columns)
        if row is not None:
            yield row
        at += used


def _one_row(lines: Sequence[str], at: int, columns: int) -> tuple[Row | None, int]:
    reader = csv.reader(lines[k] for k in range(at, min(len(lines), at + MAX_ROW_LINES)))
    try:
        fields = next(reader, [])
    except csv.Error as error:
        return Row(at + 1, (), str(error)), 1
    if not fields or (len(fields) == 1 and not fields[0].strip()):
        return None, 1
    if len(fields) == columns:
        # csv takes the end of its input for a closing quote, so an open one shows only there.
        end = at + reader.line_num
        at_the_end = end == len(lines) or reader.line_num == MAX_ROW_LINES
        if at_the_end and sum(line.count('"') for line in lines[at:end]) % 2:
            return Row(at + 1, fields, "a quote is never closed"), 1
        return Row(at + 1, fields), reader.line_num
    return Row(at + 1, fields, f"{len(fields)} fields where the header has {columns}"), 1
