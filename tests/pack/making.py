"""Small titles for tests."""

from __future__ import annotations

from collections.abc import Sequence

from tvbrain.pack.catalogue import Offer, Title, TitleType


def title(
    identity: str,
    name: str = "The Long Night",
    year: int = 2014,
    kind: TitleType = "movie",
    *,
    people: Sequence[str] = (),
    minutes: int = 0,
    seasons: int = 0,
    genres: Sequence[str] = (),
    description: str = "",
    age: int | None = None,
    aka: Sequence[str] = (),
) -> Title:
    """A title with the one offer that its id names."""
    return Title(
        id=identity,
        title=name,
        year=year,
        type=kind,
        offers=(Offer(identity, age),),
        genres=tuple(genres),
        cast=tuple(people),
        description=description,
        runtime_min=minutes,
        seasons=(0,) * seasons,
        aka=tuple(aka),
    )
