"""The weekly review: roll back what did worse, adopt what would do better, or leave things as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tvbrain.tuning.decision import (
    SETTLED_DAYS,
    TRIAL_DAYS,
    WINDOW_DAYS,
    Scores,
    better,
    fallen,
)
from tvbrain.tuning.evaluation import Estimate, Log
from tvbrain.tuning.space import NEUTRAL, Configuration

ADOPTED, ROLLED_BACK = "adopted", "rolled back"

REFUSED_DAYS = 182
"""What was rolled back is not tried again for so long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The configuration in use since day `since`, the one before it during a trial, and what was rolled back when."""

    current: Configuration = NEUTRAL
    since: int = 0
    previous: Configuration | None = None
    refused: tuple[tuple[Configuration, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What changed, and what it rests on."""

    kind: str
    estimate: Estimate


def review(
    standing: Standing, log: Log, today: int, scores: Scores
) -> tuple[Standing, Verdict | None]:
    """`log`: showings of the last WINDOW_DAYS days and, on trial, of as many before it began."""
    on_trial = standing.previous is not None and today - standing.since <= TRIAL_DAYS
    since = log.where((log.day >= standing.since) & (log.day > today - WINDOW_DAYS))
    if on_trial and standing.previous is not None:
        before = log.where((log.day < standing.since) & (log.day >= standing.since - WINDOW_DAYS))
        lost = fallen(before, since)
        if lost is not None:
            refused = (*standing.refused, (standing.current, today))
            back = Standing(standing.previous, today, None, refused)
            return back, Verdict(ROLLED_BACK, lost)
        if today - standing.since < SETTLED_DAYS:
            return standing, None
    refused = tuple(one for one in standing.refused if today - one[1] <= REFUSED_DAYS)
    standing = replace(standing, refused=refused, previous=standing.previous if on_trial else None)
    found = better(since, standing.current, scores, [one for one, _ in refused])
    if found is None:
        return standing, None
    new = Standing(found.configuration, today, standing.current, refused)
    return new, Verdict(ADOPTED, found.estimate)
