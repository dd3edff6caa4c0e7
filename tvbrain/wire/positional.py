"""Messages as one msgpack array whose places have meanings: whole numbers, texts, bytes and arrays, nothing else.

Each value has one encoding, the shortest; any other is refused. So are floats (and with them NaN), maps, nil, booleans,
extensions, and bytes after the array. Arrays hold at most 16 elements and nest at most four deep, so that a header of
five bytes cannot ask for much memory; long lists are bytes of numbers (tvbrain.wire.varint).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgpack

from tvbrain.wire import limits
from tvbrain.wire.errors import MalformedError, NewerWireError, OverLimitError


def encode(values: Sequence[object]) -> bytes:
    """The array's only encoding."""
    return cast(bytes, msgpack.packb(list(values), use_bin_type=True))


def decode(data: bytes, what: str, version: int, count: int | tuple[int, int], most: int) -> Fields:
    """The `count` fields (or from so many to so many) of the message `what`, of at most `most` bytes; the first of them
    must be `version`.

    Raises OverLimitError, MalformedError, NewerWireError.
    """
    if len(data) > most:
        raise OverLimitError(f"{what}: {len(data)} bytes; at most {most}")
    try:
        values = msgpack.unpackb(
            data,
            raw=False,
            max_array_len=limits.MOST_FIELDS,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=most,
            max_bin_len=most,
        )
    except (ValueError, msgpack.exceptions.UnpackException) as error:
        raise MalformedError(f"{what}: no msgpack within the limits: {error}") from error
    if not isinstance(values, list):
        raise MalformedError(f"{what}: no array")
    _check(values, what, 1)
    if encode(values) != data:
        raise MalformedError(f"{what}: not in its shortest encoding")
    fields = Fields(what, values)
    found = fields.number("version", 1, limits.NUMBER)
    if found != version:
        raise NewerWireError(f"{what}: version {found}; this side speaks {version}")
    least, largest = (count, count) if isinstance(count, int) else count
    if not least <= len(values) <= largest:
        raise MalformedError(f"{what}: {len(values)} fields, not {least} to {largest}")
    return fields


def _check(value: object, what: str, depth: int) -> None:
    """Nothing but what the module's first line says."""
    if isinstance(value, list):
        if depth > limits.MOST_DEPTH:
            raise OverLimitError(f"{what}: nested more than {limits.MOST_DEPTH} deep")
        for one in value:
            _check(one, what, depth + 1)
    elif type(value) not in (int, str, bytes):
        raise MalformedError(f"{what}: a value of type {type(value).__name__}")


class Fields:
    """An array's values, taken in order; each taker names its field in the MalformedError that it raises."""

    def __init__(self, what: str, values: list[object]) -> None:
        self._what, self._values, self._at = what, values, 0

    def of(self, count: int) -> Fields:
        """The same, if there are `count` of them."""
        if len(self._values) != count:
            raise MalformedError(f"{self._what}: {len(self._values)} fields, not {count}")
        return self

    @property
    def left(self) -> int:
        """Values not taken yet."""
        return len(self._values) - self._at

    def number(self, name: str, low: int, high: int) -> int:
        """`low` to `high`."""
        value = self._next(name)
        if not isinstance(value, int) or not low <= value <= high:
            raise MalformedError(f"{self._what}: {name} is no number from {low} to {high}")
        return value

    def text(self, name: str, most: int) -> str:
        """1 to `most` of a-z, 0-9 and -."""
        value = self._next(name)
        if not isinstance(value, str) or not is_name(value, most):
            raise MalformedError(f"{self._what}: {name} is not 1 to {most} of a-z, 0-9 and -")
        return value

    def data(self, name: str, *lengths: int, most: int | None = None) -> bytes:
        """Bytes of one of these lengths, or of any up to `most`."""
        value = self._next(name)
        fits = isinstance(value, bytes) and (
            len(value) in lengths or (most is not None and len(value) <= most)
        )
        if not fits:
            raise MalformedError(f"{self._what}: {name} is no bytes of a length that fits")
        return cast(bytes, value)

    def array(self, name: str) -> list[object]:
        """Elements as they stand."""
        value = self._next(name)
        if not isinstance(value, list):
            raise MalformedError(f"{self._what}: {name} is no array")
        return value

    def arrays(self, name: str, count: int, most: int) -> list[Fields]:
        """At most `most` arrays of `count` elements each."""
        rows = self.array(name)
        if len(rows) > most:
            raise OverLimitError(f"{self._what}: more than {most} {name}")
        found = []
        for row in rows:
            if not isinstance(row, list):
                raise MalformedError(f"{self._what}: {name} holds no arrays")
            found.append(Fields(f"{self._what}: {name}", row).of(count))
        return found

    def _next(self, name: str) -> object:
        if self._at == len(self._values):
            raise MalformedError(f"{self._what}: {name} is missing")
        self._at += 1
        return self._values[self._at - 1]


def is_name(text: str, most: int) -> bool:
    """Whether it is 1 to `most` of a-z, 0-9 and -."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
    return 1 <= len(text) <= most and all(letter in letters for letter in text)
