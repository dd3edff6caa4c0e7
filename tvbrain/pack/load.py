"""Catalogue files in, titles out: the format of each file is found by its content, never by its name."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tvbrain.pack import jsonl, movielens, provider_csv
from tvbrain.pack.catalogue import BrokenRow, Showings, Title
from tvbrain.pack.errors import BadRowError, BrokenCatalogueError, NotACatalogueError
from tvbrain.pack.rows import Row, read_lines

CatalogueFormat = Literal["provider-csv", "movielens", "jsonl"]
MAX_TEXT_BYTES = 65_535
RATINGS_COLUMNS = frozenset({"userId", "movieId", "rating", "timestamp"})


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What one file gave: its format, the titles used and the rows that were not; rows of showings are in neither."""

    file: str
    format: CatalogueFormat
    titles: int
    broken: int


@dataclass(frozen=True, slots=True)
class LoadedShowings:
    """Showings and where they stand; `line` counts from 1."""

    file: str
    line: int
    row: Showings


@dataclass(frozen=True, slots=True)
class Loaded:
    """All titles of all files in the order of the files and of their rows, not merged yet, and rows of airings alone.

    Every title has at least one offer, and no id (of a title or an offer) belongs to two titles.
    """

    titles: tuple[Title, ...]
    broken: tuple[BrokenRow, ...]
    files: tuple[LoadedFile, ...]
    showings: tuple[LoadedShowings, ...] = ()


def load_catalogue(paths: Sequence[Path]) -> Loaded:
    """Reads every file; rows that cannot be used are in `broken`, in the order of files and lines.

    Raises NotACatalogueError, BrokenCatalogueError (each names the file and the cause), OSError.
    """
    titles: list[Title] = []
    broken: list[BrokenRow] = []
    files: list[LoadedFile] = []
    showings: list[LoadedShowings] = []
    seen: dict[str, tuple[Path, int]] = {}
    for path in paths:
        lines = read_lines(path)
        form, rows = _open(path, lines)
        before, faults, shown = len(titles), list[BrokenRow](), list[LoadedShowings]()
        for row, read in rows:
            try:
                if row.fault:
                    raise BadRowError(row.fault)
                title = read()
                if isinstance(title, Showings):
                    shown.append(LoadedShowings(str(path), row.line, title))
                    continue
                _check_limits(title)
                _claim(title, path, row.line, seen)
                titles.append(title)
            except BadRowError as error:
                faults.append(BrokenRow(str(path), row.line, str(error)))
        if len(titles) == before and not shown:
            cause = (
                f"line {faults[0].line}: {faults[0].reason}"
                if faults
                else "it has a header and nothing else"
            )
            raise BrokenCatalogueError(f"no row of {path} can be used; {cause}")
        broken += faults
        showings += shown
        files.append(LoadedFile(str(path), form, len(titles) - before, len(faults)))
    return Loaded(tuple(titles), tuple(broken), tuple(files), tuple(showings))


def _check_limits(title: Title) -> None:
    """What a pack cannot hold (docs/formats.md): strings and lists have 16-bit lengths."""
    lists = (title.directors, title.cast, title.countries, title.genres, title.aka)
    texts = (title.title, title.description, title.artwork, title.series, *title.localised.values())
    for text in (
        *texts,
        *(offer.launch for offer in title.offers),
        *(t for some in lists for t in some),
    ):
        if len(text) > MAX_TEXT_BYTES // 4 and len(text.encode()) > MAX_TEXT_BYTES:
            raise BadRowError(f"a text is longer than {MAX_TEXT_BYTES} bytes: {text[:40]!r}")
    if max(len(title.offers), len(title.seasons), *(len(some) for some in lists)) > MAX_TEXT_BYTES:
        raise BadRowError(f"a list is longer than {MAX_TEXT_BYTES}")


def _claim(title: Title, path: Path, line: int, seen: dict[str, tuple[Path, int]]) -> None:
    ids = [offer.id for offer in title.offers]
    for identity in ids:
        if identity in seen:
            file, first = seen[identity]
            raise BadRowError(f"id {identity!r} already stands in {file} line {first}")
    if len(set(ids)) < len(ids):
        raise BadRowError("two offers of this title have the same id")
    if title.id in seen:
        file, first = seen[title.id]
        raise BadRowError(f"id {title.id!r} already stands in {file} line {first}")
    seen.update(dict.fromkeys([title.id, *ids], (path, line)))


def _open(
    path: Path, lines: Sequence[str]
) -> tuple[CatalogueFormat, Iterator[tuple[Row, Callable[[], Title | Showings]]]]:
    first = next(line for line in lines if line.strip())
    if first.lstrip().startswith("{"):
        return "jsonl", jsonl.jsonl_titles(lines)
    header = next(csv.reader([first.strip()]))
    names = {name.strip() for name in header}
    if names >= provider_csv.COLUMNS:
        return "provider-csv", provider_csv.provider_titles(lines, header)
    if names >= movielens.COLUMNS:
        return "movielens", movielens.movielens_titles(lines, header)
    if names >= RATINGS_COLUMNS:
        raise NotACatalogueError(f"{path} holds ratings, not titles; pass it as the ratings file")
    missing = sorted(provider_csv.COLUMNS - names)
    if len(missing) < len(provider_csv.COLUMNS) / 2:
        raise NotACatalogueError(
            f"{path} looks like a provider list but lacks the columns {', '.join(missing)}"
        )
    raise NotACatalogueError(
        f"{path} is no catalogue: it begins with {first.strip()[:60]!r}, which is neither the header of a provider"
        " list, nor that of MovieLens movies.csv, nor a JSON object"
    )
