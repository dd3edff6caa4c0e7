"""Rows that say only when a title is shown: their airings are added to the title, which keeps its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tvbrain.pack.catalogue import Airing, BrokenRow, Title
from tvbrain.pack.errors import BrokenCatalogueError
from tvbrain.pack.load import Loaded
from tvbrain.pack.merge import Merged


def with_titles_shown(
    loaded: Loaded, previous: Mapping[str, str], below: Callable[[], Mapping[str, Title]]
) -> Loaded:
    """The titles that the showings are of stand after those of the files, where no file has them.

    previous: every id published so far -> its canonical id. below: the titles of packs below by canonical id, asked
    for only where a row needs them. Showings of a title that nothing has become broken rows.

    Raises BrokenCatalogueError if there is no title then.
    """
    names = (name for title in loaded.titles for name in (title.id, *(o.id for o in title.offers)))
    own = {previous.get(name, name) for name in names} if loaded.showings else set[str]()
    fetched: dict[str, Title] = {}
    known, broken = [], []
    for one in loaded.showings:
        canonical = previous.get(one.row.id, one.row.id)
        if canonical not in own and canonical not in fetched:
            title = below().get(canonical)
            if title is None:
                reason = f"no title has the id {one.row.id!r}"
                broken.append(BrokenRow(one.file, one.line, reason))
                continue
            fetched[canonical] = title
        known.append(one)
    titles = (*loaded.titles, *fetched.values())
    if not titles and broken:
        first = broken[0]
        raise BrokenCatalogueError(
            f"no row of {first.file} can be used; line {first.line}: {first.reason}"
        )
    return replace(loaded, titles=titles, broken=(*loaded.broken, *broken), showings=tuple(known))


def with_airings(merged: Merged, loaded: Loaded) -> Merged:
    """The titles with the airings of `with_titles_shown()`'s showings among theirs."""
    added: dict[str, set[Airing]] = {}
    for one in loaded.showings:
        added.setdefault(merged.aliases[one.row.id], set()).update(one.row.airings)
    return replace(
        merged,
        titles=tuple(
            replace(title, airings=tuple(sorted({*title.airings, *added[title.id]})))
            if title.id in added
            else title
            for title in merged.titles
        ),
    )
