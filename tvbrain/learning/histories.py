"""What people liked, in order: the input of item-item weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError

if TYPE_CHECKING:  # a device reads packs, and has no scipy
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Each person's positives, oldest first: person p has items[starts[p]..starts[p + 1]].

    starts: (people + 1,) int64. items: (positives,) int32 in 0..titles - 1, a title at most once a person. Who has
    none keeps an empty range.
    """

    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    titles: int

    @classmethod
    def of(cls, people: Iterable[Sequence[int] | NDArray[np.integer]], titles: int) -> Histories:
        """Raises InvalidArgumentError where a title is not one of `titles`, or a person has it twice."""
        rows = [np.asarray(person, np.int32) for person in people]
        lengths = np.array([len(row) for row in rows], np.int64)
        items = np.concatenate([*rows, np.empty(0, np.int32)])
        if len(items) and not 0 <= items.min() <= items.max() < titles:
            raise InvalidArgumentError(f"a positive is not of titles 0 to {titles - 1}")
        pairs = np.repeat(np.arange(len(rows)) * titles, lengths)
        pairs += items
        pairs.sort()
        if (pairs[1:] == pairs[:-1]).any():
            raise InvalidArgumentError("a person has a title twice")
        return cls(np.concatenate(([0], np.cumsum(lengths))), items, titles)

    @property
    def people(self) -> int:
        return len(self.starts) - 1

    def of_each(self) -> list[NDArray[np.int32]]:
        """By person."""
        return [self.items[start:end] for start, end in pairwise(self.starts)]

    def support(self) -> NDArray[np.int64]:
        """(titles,): people with a positive each."""
        return np.bincount(self.items, minlength=self.titles)

    def matrix(self) -> csr_matrix:
        """(people, titles) float32: 1 where a person has a positive; within a row by title."""
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.items), np.float32)
        shape = (self.people, self.titles)
        ordered: csr_matrix = csr_matrix(
            (ones, self.items, self.starts), shape=shape
        ).sorted_indices()
        return ordered
