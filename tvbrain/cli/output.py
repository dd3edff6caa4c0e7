"""How commands speak: figures as a table or as one JSON object, tables, and progress bars.

Results go to standard output, progress and notes to standard error. Tables and bars are rich's,
from the extra `cli`; `--json` needs nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tvbrain.errors import NotInstalledError
from tvbrain.health.machine import describe

if TYPE_CHECKING:
    from rich.console import Console

Value = float | int | str | bool | None
Progress = Callable[[int, int], None]
"""Called with (done, total); the same shape as the builders' progress callbacks."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `value` in `unit` from `n` samples, under the conditions (and with the quality)
    that `given` names. In JSON `given` is called `with`.
    """

    name: str
    value: Value
    unit: str = ""
    n: int = 1
    given: Mapping[str, Value] = field(default_factory=dict)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """The `--json` that every command with figures has."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def print_figures(command: str, figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print figures as `{"machine": …, "command": …, "figures": […]}` or as a table."""
    if as_json:
        print_json(figures_json(command, figures))
        return
    print_table(
        command,
        ["figure", "value", "unit", "n", "with"],
        [
            [f.name, _text(f.value), f.unit, str(f.n), ", ".join(map(_pair, f.given.items()))]
            for f in figures
        ],
    )


def figures_json(command: str, figures: Sequence[Figure]) -> dict[str, object]:
    """`{"machine": …, "command": …, "figures": […]}` as plain values."""
    rows = [
        {"name": f.name, "value": f.value, "unit": f.unit, "n": f.n, "with": dict(f.given)}
        for f in figures
    ]
    return {"machine": describe(), "command": command, "figures": rows}


def print_json(value: object) -> None:
    """Print one JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on standard output; cells are plain text, not markup."""
    terminal = console()
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    terminal.print(table)


def print_line(text: str = "") -> None:
    """Print one line of plain text on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    sys.stderr.write(text + "\n")


@contextmanager
def progress(description: str) -> Iterator[Progress]:
    """A bar on standard error while the block runs; call what it yields with (done, total)."""
    terminal = console(stderr=True)
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=terminal,
    )
    with bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def console(*, stderr: bool = False) -> Console:
    """rich's console; NotInstalledError without the extra `cli`."""
    try:
        from rich.console import Console
    except ImportError as error:
        raise NotInstalledError(
            "tables and progress bars need rich: pip install 'tvbrain[cli]', or use --json"
        ) from error
    return Console(stderr=stderr, highlight=False)


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else str(value)


def _pair(item: tuple[str, Value]) -> str:
    return f"{item[0]} {_text(item[1])}"
