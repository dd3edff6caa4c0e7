"""Rows that are the same work become one title with several offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError
from tvbrain.pack.catalogue import Title
from tvbrain.pack.groups import group_rows
from tvbrain.pack.identity import assign_ids
from tvbrain.pack.normalise import title_key, without_version
from tvbrain.pack.same_work import RULES, Rule, facts_of

_Place = TypeVar("_Place", str, tuple[str, int])


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
    pairs: the pairs of rows judged to be one work and put together, in a stable order: three rows of one work may
        be three pairs. `len(rows of the input) - len(titles)` is the number of rows that were joined to others.
    """

    titles: tuple[Title, ...]
    rows: tuple[tuple[int, ...], ...]
    aliases: Mapping[str, str]
    retired: Mapping[str, str]
    pairs: tuple[MergedPair, ...]

    def by_rule(self) -> dict[Rule, int]:
        """How many of `pairs` each rule judged."""
        return {rule: sum(pair.rule == rule for pair in self.pairs) for rule in RULES}

    def sample(self, rule: Rule, n: int) -> tuple[MergedPair, ...]:
        """Up to `n` pairs of a rule, evenly spaced over the order of `pairs`."""
        pairs = [pair for pair in self.pairs if pair.rule == rule]
        count = min(n, len(pairs))
        return tuple(pairs[k * len(pairs) // count] for k in range(count))


def merge(
    titles: Sequence[Title],
    vectors: NDArray[np.float32] | None = None,
    *,
    previous: Mapping[str, str] | None = None,
) -> Merged:
    """Joins the rows that are the same work.

    vectors: (len(titles), d) unit rows for the near-duplicate step, row i belongs to titles[i]; without them only
        titles, years, people and lengths are compared, and fewer rows are joined.
    previous: id -> canonical id of everything ever published (the older pack's aliases and retired ids). A
        canonical id found there stays with its work and is never given to another.

    Raises InvalidArgumentError if vectors and titles differ in number.
    """
    if vectors is not None and (vectors.ndim != 2 or len(vectors) != len(titles)):
        raise InvalidArgumentError(f"{len(titles)} titles, but vectors of shape {vectors.shape}")
    groups, joins = group_rows([facts_of(title) for title in titles], vectors)
    works = [[titles[row] for row in group] for group in groups]
    identity = assign_ids(works, previous or {})
    return Merged(
        titles=tuple(
            _one(name, work) for name, work in zip(identity.canonical, works, strict=True)
        ),
        rows=tuple(tuple(group) for group in groups),
        aliases=identity.aliases,
        retired=identity.retired,
        pairs=tuple(MergedPair(titles[a].id, titles[b].id, rule) for a, b, rule in joins),
    )


def _one(canonical: str, work: Sequence[Title]) -> Title:
    """One title out of all rows of a work: lists are joined in the order of the rows, single facts come from the
    first row that has them. The year of a film is the most frequent one (the earliest among equals), the year of a
    series the earliest, since some lists give the year of the latest season."""
    face = next((title for title in work if not title_key(title.title).version), work[0])
    years = Counter(title.year for title in work if title.year)
    earliest = face.type == "series"
    year = min(years, key=lambda y: (0 if earliest else -years[y], y), default=0)
    shown = without_version(face.title)
    names = [title.title for title in work if title.title != shown]
    return Title(
        id=canonical,
        title=shown,
        year=year,
        type=face.type,
        offers=tuple(offer for title in work for offer in title.offers),
        genres=_union(title.genres for title in work),
        directors=_union(title.directors for title in work),
        cast=_union(title.cast for title in work),
        countries=_union(title.countries for title in work),
        description=next((title.description for title in work if title.description), ""),
        runtime_min=next((title.runtime_min for title in work if title.runtime_min), 0),
        seasons=max((title.seasons for title in work), key=lambda s: (len(s), sum(map(bool, s)))),
        artwork=next((title.artwork for title in work if title.artwork), ""),
        series=next((title.series for title in work if title.series), ""),
        added=min((title.added for title in work if title.added is not None), default=None),
        localised={tag: name for title in reversed(work) for tag, name in title.localised.items()},
        aka=_union([*(title.aka for title in work), tuple(names)]),
        airings=tuple(sorted({airing for title in work for airing in title.airings})),
        trending=_sums(title.trending for title in work),
        audience=_sums(title.audience for title in work),
    )


def _sums(counts: Iterable[Mapping[_Place, int]]) -> dict[_Place, int]:
    found: Counter[_Place] = Counter()
    for count in counts:
        found.update(count)
    return dict(sorted(found.items()))


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))
