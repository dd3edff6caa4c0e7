"""Rows joined into works, pair by pair, strongest first, without chains of contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tvbrain.pack.neighbours import near_pairs
from tvbrain.pack.same_work import RULES, Facts, Rule, contradict, judge, same_thin
from tvbrain.pack.thin import join_thin

Join = tuple[int, int, Rule]


class Groups:
    """A partition of rows. `join` refuses to bring rows together that contradict each other; the two it is given
    have been judged already."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._facts = facts
        self._of = list(range(len(facts)))
        self._members = {row: [row] for row in range(len(facts))}

    def join(self, a: int, b: int) -> bool:
        """Whether a and b now are in one group (True too if they were)."""
        first, second = sorted((self._of[a], self._of[b]))
        if first == second:
            return True
        for mine in self._members[first]:
            for row in self._members[second]:
                if {mine, row} != {a, b} and contradict(self._facts[mine], self._facts[row]):
                    return False
        moved = self._members.pop(second)
        for row in moved:
            self._of[row] = first
        self._members[first] = sorted(self._members[first] + moved)
        return True

    def __iter__(self) -> Iterator[list[int]]:
        """The groups in the order of their first rows, rows ascending."""
        return iter(sorted(self._members.values()))


def group_rows(
    facts: Sequence[Facts], vectors: NDArray[np.float32] | None
) -> tuple[list[list[int]], list[Join]]:
    """The works as lists of rows, and the joins that made them in the order they were made."""
    groups, joins = Groups(facts), list[Join]()
    rich = [row for row, fact in enumerate(facts) if not fact.thin]
    for a, b, rule in _judged(facts, rich, vectors):
        if groups.join(a, b):
            joins.append((a, b, rule))
    thin = [row for row, fact in enumerate(facts) if fact.thin]
    for a, b in _equal_keys(facts, thin):
        if same_thin(facts[a], facts[b]) and groups.join(a, b):
            joins.append((a, b, "title+year"))
    works = [group for group in groups if not facts[group[0]].thin]
    heads = [group[0] for group in groups if facts[group[0]].thin]
    matches = join_thin(
        [facts[row] for row in heads], [[facts[row] for row in work] for work in works]
    )
    for row, match in zip(heads, matches, strict=True):
        if match is not None and groups.join(works[match[0]][0], row):
            joins.append((works[match[0]][0], row, match[1]))
    return list(groups), joins


def _judged(
    facts: Sequence[Facts], rows: Sequence[int], vectors: NDArray[np.float32] | None
) -> list[Join]:
    candidates: dict[tuple[int, int], float] = {}
    if vectors is not None:
        near = near_pairs(np.ascontiguousarray(vectors[list(rows)], np.float32))
        candidates = {(rows[a], rows[b]): cosine for (a, b), cosine in near.items()}
    for a, b in _equal_keys(facts, rows):
        cosine = None if vectors is None else float(vectors[a] @ vectors[b])
        candidates.setdefault((a, b), 0.0 if cosine is None else cosine)
    verdicts = (
        (RULES.index(rule), -cosine, a, b, rule)
        for (a, b), cosine in candidates.items()
        if (rule := judge(facts[a], facts[b], None if vectors is None else cosine)) is not None
    )
    return [(a, b, rule) for _, _, a, b, rule in sorted(verdicts)]


def _equal_keys(facts: Sequence[Facts], rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    by_key: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        by_key[facts[row].type, facts[row].key.bare].append(row)
    for same in by_key.values():
        yield from combinations(same, 2)
