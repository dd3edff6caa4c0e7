"""The titles of a pack as their pages show them."""

from __future__ import annotations

from pathlib import Path

from tvbrain.pack.reader import PackFile
from tvbrain.simulation.rules.taste import Title

MINUTES = 45
"""Of a title whose length the pack does not know."""


def titles_of(pack: Path) -> dict[str, Title]:
    """By canonical id."""
    with PackFile(pack) as file:
        return {
            one.id: Title(
                one.id,
                frozenset(one.genres),
                frozenset((*one.directors, *one.cast)),
                one.type == "series",
                max((offer.age for offer in one.offers if offer.age is not None), default=18),
                one.runtime_min or MINUTES,
                tuple(length or 1 for length in one.seasons),
            )
            for one in file.titles()
        }
