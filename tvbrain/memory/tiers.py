"""The twelve tiers of memory, as data: docs/memory.md has the same table for people.

A tier is a row here and a value of `memory.tier`, never a class. Halving times and thresholds are a first choice.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0
YEAR = 365.25 * DAY

MEMORY, PACKS = "memory", "packs"
"""Places: the table of evidence, which consolidation works on; what ships with the catalogue and is never changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """retention: seconds an entry stays, None for ever. capacity: entries a profile, None where `place` is not ours to
    bound. half_life: seconds in which an entry's strength halves, None: it does not. promotes_to: the tier that an
    entry leaves for when its retention ends or the tier is full, if its strength is at least `threshold` (either
    sign); weaker ones, and all where it is None, are dropped. place: the table, or what else, that holds it.
    """

    name: str
    retention: float | None
    capacity: int | None
    half_life: float | None
    threshold: float
    promotes_to: str | None
    place: str
    keeps: str


TIERS = (
    Tier(
        name="instant",
        retention=0.5 * 3600.0,
        capacity=10_000,
        half_life=None,
        threshold=0.0,
        promotes_to="session",
        place="journal",
        keeps="records that no loop has learned yet; serving has folded them already",
    ),
    Tier(
        name="session",
        retention=4 * 3600.0,
        capacity=32,
        half_life=3600.0,
        threshold=0.05,
        promotes_to="episodic",
        place="session",
        keeps="titles of the sitting that goes on now; in memory alone",
    ),
    Tier(
        name="episodic",
        retention=90 * DAY,
        capacity=2000,
        half_life=60 * DAY,
        threshold=0.25,
        promotes_to="semantic",
        place=MEMORY,
        keeps="each piece of evidence about a title, with its sitting",
    ),
    Tier(
        name="semantic",
        retention=None,
        capacity=1000,
        half_life=180 * DAY,
        threshold=0.0,
        promotes_to=None,
        place=MEMORY,
        keeps="what many sittings said about a title, the strongest",
    ),
    Tier(
        name="collective",
        retention=180 * DAY,
        capacity=48,
        half_life=60 * DAY,
        threshold=0.0,
        promotes_to=None,
        place="pattern",
        keeps="patterns that came from other sets",
    ),
    Tier(
        name="evolutionary",
        retention=None,
        capacity=12,
        half_life=None,
        threshold=0.0,
        promotes_to=None,
        place="epoch",
        keeps="taste epochs, one a year, the oldest folded together",
    ),
    Tier(
        name="architectural",
        retention=None,
        capacity=1,
        half_life=180 * DAY,
        threshold=0.0,
        promotes_to=None,
        place="blender",
        keeps="what each term of a score counts for, versioned",
    ),
    Tier(
        name="substrate",
        retention=None,
        capacity=7,
        half_life=None,
        threshold=0.0,
        promotes_to=None,
        place="loop",
        keeps="how long each loop takes on this device",
    ),
    Tier(
        name="civilizational",
        retention=None,
        capacity=None,
        half_life=None,
        threshold=0.0,
        promotes_to=None,
        place=PACKS,
        keeps="what a region watches, and when",
    ),
    Tier(
        name="temporal",
        retention=None,
        capacity=1072,
        half_life=60 * DAY,
        threshold=0.0,
        promotes_to=None,
        place="preference",
        keeps="rhythms: genres by daypart, habits, and this household's own patterns",
    ),
    Tier(
        name="physical",
        retention=None,
        capacity=None,
        half_life=None,
        threshold=0.0,
        promotes_to=None,
        place=PACKS,
        keeps="hard facts: titles, ages, offers and their windows",
    ),
    Tier(
        name="omega",
        retention=None,
        capacity=None,
        half_life=None,
        threshold=0.0,
        promotes_to=None,
        place=PACKS,
        keeps="item-item weights learned from many people",
    ),
)

BY_NAME = {tier.name: tier for tier in TIERS}


def decay(tier: str, age: float) -> float:
    """What is left of a strength in `tier` after `age` seconds, 0 to 1; time that ran back counts as none."""
    half_life = BY_NAME[tier].half_life
    return 1.0 if half_life is None else 0.5 ** (max(age, 0.0) / half_life)
