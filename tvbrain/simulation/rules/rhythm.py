"""When the set is on: sittings of a day by weekday, season and holidays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

WEEKEND = (5, 6)
"""Saturday and Sunday, Monday being 0."""

AWAY = range(213, 227)
"""Days of the year, from 0, on which nobody is at home: two weeks in August."""

HOLIDAYS = range(358, 366)
"""Everybody is at home: every day is a Sunday."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """`who` as `Household.viewers` names it; `start` in minutes of the local day; for `minutes`. `live`: what is on."""

    who: str
    start: int
    minutes: int
    live: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """A sitting that comes with a chance on weekdays and another at weekends; `start` shifts by up to half an hour."""

    who: str
    weekday: tuple[int, int, float]
    weekend: tuple[int, int, float]
    live: bool = False


HABITS = (
    Habit("children", (7 * 60, 35, 0.8), (7 * 60 + 30, 80, 0.9)),
    Habit("family", (7 * 60 + 45, 25, 0.3), (11 * 60, 60, 0.4), live=True),
    Habit("nils", (16 * 60, 80, 0.8), (14 * 60, 100, 0.7)),
    Habit("children", (17 * 60 + 45, 40, 0.8), (16 * 60 + 30, 50, 0.8)),
    Habit("family", (19 * 60, 30, 0.7), (18 * 60, 60, 0.6), live=True),
    Habit("family", (20 * 60 + 15, 110, 0.9), (20 * 60, 150, 0.95)),
    Habit("anna", (22 * 60 + 15, 60, 0.45), (22 * 60 + 45, 60, 0.4)),
    Habit("ben", (22 * 60 + 30, 70, 0.45), (23 * 60, 80, 0.5)),
)
"""Start in minutes of the day, length in minutes, chance."""


def sittings(day_of_year: int, weekday: int, draw: Random) -> list[Sitting]:
    """Of one day, in order and apart from each other. More in winter than in summer, none while away."""
    if day_of_year in AWAY:
        return []
    season = 1.0 + 0.2 * math.cos(2 * math.pi * (day_of_year - 15) / 365)
    weekend = weekday in WEEKEND or day_of_year in HOLIDAYS
    found: list[Sitting] = []
    free = 0
    for habit in HABITS:
        start, minutes, chance = habit.weekend if weekend else habit.weekday
        start = max(start + draw.randrange(-30, 31), free)
        length = max(15, round(minutes * season * draw.uniform(0.75, 1.25)))
        if draw.random() < chance:
            found.append(Sitting(habit.who, start, length, habit.live))
            free = start + length + 5
    return found
