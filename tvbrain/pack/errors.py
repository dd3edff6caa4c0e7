"""What can go wrong with a catalogue file as a whole. A single broken row is a `BrokenRow`, not an exception.

FileError (tvbrain/errors.py)
+-- CatalogueError
    +-- NotACatalogueError    the file is none of the known formats
    +-- BrokenCatalogueError  a known format, but nothing in it can be used
"""

from __future__ import annotations

from tvbrain.errors import FileError


class CatalogueError(FileError):
    """A catalogue file cannot be used; the text names the file and the cause."""


class NotACatalogueError(CatalogueError):
    """The file is none of the known formats (provider CSV, MovieLens movies.csv or ratings.csv, JSONL)."""


class BrokenCatalogueError(CatalogueError):
    """The file has the right form, but not one row of it can be used."""


class BadRowError(Exception):
    """A row cannot be used; the text says why. Readers turn it into a `BrokenRow`; it never leaves them."""
