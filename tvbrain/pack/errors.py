"""What can go wrong with a catalogue as a whole. A single broken row is a `BrokenRow`, not an exception.

InvalidArgumentError (tvbrain/errors.py)
+-- IdError                   an id that no pack can hold
+-- KeyCollisionError         two ids with one key
FileError
+-- CatalogueError
    +-- NotACatalogueError    the file is none of the known formats
    +-- BrokenCatalogueError  a known format, but nothing in it can be used
"""

from __future__ import annotations

from tvbrain.errors import FileError, InvalidArgumentError


class IdError(InvalidArgumentError):
    """Not `provider:show_id` of 3 to 63 bytes without control characters; the text names it."""


class KeyCollisionError(InvalidArgumentError):
    """Two ids of a catalogue have the same key, or one has the key 0; the text names them."""


class CatalogueError(FileError):
    """A catalogue file cannot be used; the text names the file and the cause."""


class NotACatalogueError(CatalogueError):
    """The file is none of the known formats (provider CSV, MovieLens movies.csv or ratings.csv, JSONL)."""


class BrokenCatalogueError(CatalogueError):
    """The file has the right form, but not one row of it can be used."""


class BadRowError(Exception):
    """A row cannot be used; the text says why. Readers turn it into a `BrokenRow`; it never leaves them."""
