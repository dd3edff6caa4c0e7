"""Side packs: what has changed since the packs before, as a small pack of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors, Space
from tvbrain.errors import InvalidArgumentError, PackMismatchError, UnknownItemError
from tvbrain.pack.build import Catalogue, Sources, source_of
from tvbrain.pack.catalogue import Title
from tvbrain.pack.native import key_of
from tvbrain.pack.reader import PackFile, stack_live_count
from tvbrain.pack.vectors import title_text
from tvbrain.pack.writer import Contents, SideOf, Vectors


@dataclass(frozen=True, slots=True)
class Changes:
    """Canonical ids, in the order of the new catalogue; of those taken away, in the order of the old packs."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A title that the packs show now: where it stands."""

    pack: PackFile
    row: int
    title: Title


def published_ids(packs: Sequence[PackFile]) -> dict[str, str]:
    """Every id that the packs ever published -> its canonical id; later packs win."""
    named: dict[str, str] = {}
    for pack in packs:
        named.update(pack.ids())
    return named


def shown_titles(packs: Sequence[PackFile]) -> dict[str, Title]:
    """The titles that `packs` (the base, then its side packs) show, by canonical id."""
    return {identity: one.title for identity, one in _shown(packs).items()}


def side_contents(
    catalogue: Catalogue,
    sources: Sources,
    packs: Sequence[PackFile],
    *,
    name: str,
    version: str,
    built_at: int,
    partial: bool = False,
    remove: Collection[str] = (),
) -> tuple[Contents, Changes]:
    """The pack that turns what `packs` (the base, then its side packs) show into `catalogue`.

    partial: titles that `catalogue` lacks stay; otherwise they are taken away. remove: ids to take away in any case.
    Vectors are quantised in the base's space. Without an embedder a title keeps its vector where the text that it
    was made from is the same, and has none otherwise. Item-item weights stay those of the base.

    Raises PackMismatchError where `packs` are no stack, UnknownItemError for an id in `remove` that nothing names,
    InvalidArgumentError for vectors of another model than the base's.
    """
    base = packs[0]
    if base.is_side:
        raise PackMismatchError(f"{base.path} is a side pack; a side pack belongs to a base pack")
    stack_live_count(packs)
    shown = _shown(packs)
    taken = {_known(identity, shown, packs) for identity in remove}
    new = {title.id: row for row, title in enumerate(catalogue.titles) if title.id not in taken}
    added = tuple(identity for identity in new if identity not in shown)
    changed = tuple(
        identity
        for identity, row in new.items()
        if identity in shown and stored(catalogue.titles[row]) != stored(shown[identity].title)
    )
    gone = set(taken) if partial else {*taken, *(i for i in shown if i not in new)}
    changes = Changes(added, changed, tuple(identity for identity in shown if identity in gone))
    kept = sorted(new[identity] for identity in (*added, *changed))
    contents = Contents(
        titles=[catalogue.titles[row] for row in kept],
        name=name,
        version=version,
        built_at=built_at,
        aliases=catalogue.merged.aliases,
        popularity=_people(catalogue, kept, shown, lambda audience: audience.popularity),
        recent=_people(catalogue, kept, shown, lambda audience: audience.recent),
        vectors=_vectors(catalogue, sources, kept, shown, base),
        side=SideOf(base.content_hash, packs[-1].meta["ordinal"] + 1, changes.removed),
        source=source_of(catalogue, sources),
    )
    return contents, changes


def stored(title: Title) -> Title:
    """What of a title a pack gives back."""
    return replace(
        title,
        genres=tuple(sorted(set(title.genres))),
        countries=(),
        aka=(),
        added=None if title.added is None else title.added // 86400 * 86400,
    )


def _shown(packs: Sequence[PackFile]) -> dict[str, _Shown]:
    shown: dict[str, _Shown] = {}
    for pack in packs:
        gone = set(pack.removed_keys)
        shown = {identity: one for identity, one in shown.items() if key_of(identity) not in gone}
        shown.update(
            (title.id, _Shown(pack, row, title)) for row, title in enumerate(pack.titles())
        )
    return shown


def _known(identity: str, shown: Mapping[str, _Shown], packs: Sequence[PackFile]) -> str:
    canonical = published_ids(packs).get(identity)
    if canonical is None or canonical not in shown:
        raise UnknownItemError(f"{identity} names no title of {packs[0].path} and its side packs")
    return canonical


class _Audience(Protocol):
    """Of ratings or of a pack: how many people each title has, by row."""

    @property
    def popularity(self) -> NDArray[np.uint32]: ...
    @property
    def recent(self) -> NDArray[np.uint32]: ...


def _people(
    catalogue: Catalogue,
    rows: Sequence[int],
    shown: Mapping[str, _Shown],
    counts: Callable[[_Audience], NDArray[np.uint32]],
) -> NDArray[np.uint32]:
    """By the catalogue's ratings, or else what the packs below say of the same titles."""
    if catalogue.ratings is not None:
        return counts(catalogue.ratings)[list(rows)]
    old = (shown.get(catalogue.titles[row].id) for row in rows)
    return np.array([counts(one.pack)[one.row] if one else 0 for one in old], np.uint32)


def _vectors(
    catalogue: Catalogue,
    sources: Sources,
    rows: Sequence[int],
    shown: Mapping[str, _Shown],
    base: PackFile,
) -> Vectors | None:
    space = base.space()
    if space is None:
        return None
    if catalogue.vectors is None:
        return Vectors(space, _carried(catalogue, rows, shown, space))
    model, wanted = sources.embedder and sources.embedder.name, base.source.get("embedder")
    if wanted is not None and model != wanted:
        raise InvalidArgumentError(
            f"the vectors of {base.path} are by {wanted}, these would be by {model}"
        )
    return Vectors(space, space.quantise(catalogue.vectors[list(rows)]))


def _carried(
    catalogue: Catalogue, rows: Sequence[int], shown: Mapping[str, _Shown], space: Space
) -> QuantisedVectors:
    count = len(rows)
    carried = QuantisedVectors(
        np.zeros((count, len(space.mean)), np.int8),
        np.zeros(count, np.uint32),
        np.zeros(count, np.int32),
    )
    read: dict[int, QuantisedVectors | None] = {}
    for at, row in enumerate(rows):
        old = shown.get(catalogue.titles[row].id)
        if old is None or title_text(stored(catalogue.titles[row])) != title_text(old.title):
            continue
        vectors = read.setdefault(id(old.pack), old.pack.vectors())
        if vectors is not None:
            carried.rows[at] = vectors.rows[old.row]
            carried.scale_q30[at] = vectors.scale_q30[old.row]
            carried.bias_q20[at] = vectors.bias_q20[old.row]
    return carried
