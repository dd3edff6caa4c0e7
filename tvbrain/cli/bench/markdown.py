"""Tables of pages that are written from figures."""

from __future__ import annotations

from collections.abc import Sequence


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table; rows that are too short end in empty cells."""
    lines = [_line(columns), _line(["---"] * len(columns))]
    return lines + [_line([*row, *[""] * (len(columns) - len(row))]) for row in rows]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
