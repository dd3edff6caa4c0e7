"""Rows that are the same work become one title with several offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tvbrain.pack.catalogue import Title

Rule = Literal["title+year", "title+near-year", "vectors"]


@dataclass(frozen=True, slots=True)
class MergedPair:
    """Two rows judged the same work, by their ids before merging, and the rule that said so."""

    id_a: str
    id_b: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Merged:
    """The catalogue with each work once.

    titles: in the order of each work's first row; `titles[i].id` is canonical.
    rows: `rows[i]` are the positions in the input of the rows that became `titles[i]`.
    aliases: every id that resolves to one of `titles`, to its canonical id: each offer id, each canonical id, each
        id of `previous` that still has a title here.
    retired: the entries of `previous` that no title here answers for; carry them on, so that a title which comes
        back gets its canonical id again.
    pairs: the joins that were made, in a stable order.
    """

    titles: tuple[Title, ...]
    rows: tuple[tuple[int, ...], ...]
    aliases: Mapping[str, str]
    retired: Mapping[str, str]
    pairs: tuple[MergedPair, ...]

    def by_rule(self) -> dict[Rule, int]:
        """How many pairs each rule joined."""
        raise NotImplementedError

    def sample(self, rule: Rule, n: int) -> tuple[MergedPair, ...]:
        """Up to `n` pairs of a rule, evenly spaced over the order of `pairs`."""
        raise NotImplementedError


def merge(
    titles: Sequence[Title],
    vectors: NDArray[np.float32] | None = None,
    *,
    previous: Mapping[str, str] | None = None,
) -> Merged:
    """Joins the rows that are the same work.

    vectors: (len(titles), d) unit rows for the near-duplicate step, row i belongs to titles[i]; without them only
        titles and years are compared.
    previous: id -> canonical id of everything ever published (the older pack's aliases and retired ids). A
        canonical id found there stays with its work and is never given to another.
    """
    raise NotImplementedError
