"""Catalogue files in, titles out: the format of each file is found by its content, never by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tvbrain.pack.catalogue import BrokenRow, Title

CatalogueFormat = Literal["provider-csv", "movielens", "jsonl"]


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What one file gave: its format, the titles used and the rows that were not."""

    file: str
    format: CatalogueFormat
    titles: int
    broken: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """All titles of all files in the order of the files and of their rows, not merged yet.

    Every title has at least one offer, its id is its first offer's id, and no offer id stands twice.
    """

    titles: tuple[Title, ...]
    broken: tuple[BrokenRow, ...]
    files: tuple[LoadedFile, ...]


def load_catalogue(paths: Sequence[Path]) -> Loaded:
    """Reads every file; rows that cannot be used are in `broken`.

    Raises NotACatalogueError, BrokenCatalogueError, DuplicateOfferError (each names the file), OSError.
    """
    raise NotImplementedError
