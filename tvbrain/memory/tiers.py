"""The twelve tiers of memory, as data. A tier is a row here and a value of `memory.tier`, never a class.

Numbers are a first choice and nothing measured yet rests on them.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0
YEAR = 365.25 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """retention: seconds an entry stays, None for ever. capacity: entries a profile (0: none kept in
    the table `memory`). half_life: seconds in which an entry's strength halves, None: it does not.
    promotes_to: the tier that entries leave for when their retention ends; None: they are dropped.
    keeps: what the tier is, and where, if not in `memory`.
    """

    name: str
    retention: float | None
    capacity: int
    half_life: float | None
    promotes_to: str | None
    keeps: str


TIERS = (
    Tier(
        name="instant",
        retention=0.0,
        capacity=0,
        half_life=None,
        promotes_to="session",
        keeps="the event being folded: native live state",
    ),
    Tier(
        name="session",
        retention=4 * 3600.0,
        capacity=0,
        half_life=3600.0,
        promotes_to="episodic",
        keeps="this sitting: in memory, and in the journal",
    ),
    Tier(
        name="episodic",
        retention=90 * DAY,
        capacity=2000,
        half_life=60 * DAY,
        promotes_to="semantic",
        keeps="each piece of evidence about a title, with its sitting",
    ),
    Tier(
        name="semantic",
        retention=None,
        capacity=1000,
        half_life=180 * DAY,
        promotes_to=None,
        keeps="what many sittings said about a title",
    ),
    Tier(
        name="collective",
        retention=180 * DAY,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="patterns from other sets: nothing yet",
    ),
    Tier(
        name="evolutionary",
        retention=10 * YEAR,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="taste epochs, one a year: nothing yet",
    ),
    Tier(
        name="architectural",
        retention=None,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="blender weights, versioned: the table `blender`",
    ),
    Tier(
        name="substrate",
        retention=None,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="this device's calibration: nothing yet",
    ),
    Tier(
        name="civilizational",
        retention=None,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="regional priors: popularity in the pack",
    ),
    Tier(
        name="temporal",
        retention=None,
        capacity=0,
        half_life=60 * DAY,
        promotes_to=None,
        keeps="rhythms of the week: the table `preference`",
    ),
    Tier(
        name="physical",
        retention=None,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="hard facts, catalogue, maturity, windows: the packs",
    ),
    Tier(
        name="omega",
        retention=None,
        capacity=0,
        half_life=None,
        promotes_to=None,
        keeps="fleet-wide priors: item-item weights in the pack",
    ),
)

BY_NAME = {tier.name: tier for tier in TIERS}


def decay(tier: str, age: float) -> float:
    """What is left of a strength in `tier` after `age` seconds, 0 to 1; time that ran back counts as none."""
    half_life = BY_NAME[tier].half_life
    return 1.0 if half_life is None else 0.5 ** (max(age, 0.0) / half_life)
