"""When a candidate replaces the incumbent, and when the old one comes back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tvbrain.tuning import evaluation
from tvbrain.tuning.evaluation import Estimate, Log
from tvbrain.tuning.space import EXPLORE, Configuration, candidates

WINDOW_DAYS = 84
"""Showings older than this are not looked at."""

LEAST_DAYS, LEAST_EFFECTIVE = 21, 500.0
"""A judgement rests on at least so many days and so large an effective sample."""

SURE = 4.0
"""Standard errors above 0 that a gain must have. Every week up to 20 candidates are looked at: of 240 independent looks
at nothing in 12 weeks one is 3.5 errors off in 6 of 100 households; errors made of few weeks are a little small."""

WORTH = 0.03
"""Of the incumbent's reward: smaller gains are not worth a change."""

FALLEN = -2.0
"""Standard errors below what was before, since it was adopted: then the old configuration comes back."""

TRIAL_DAYS = 84
"""A configuration that has been in use for longer is no longer on trial."""

LEAST_TRIAL_DAYS = 7

SETTLED_DAYS = 28
"""Before these days of a trial are over nothing else is adopted: what comes then is compared with what was."""

Scores = Callable[[Log, Configuration], evaluation.Floats]
"""Each showing's score under a configuration."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A configuration that is better than the incumbent, as far as the log says."""

    configuration: Configuration
    estimate: Estimate


def better(
    log: Log,
    incumbent: Configuration,
    scores: Scores,
    refused: Collection[Configuration] = (),
) -> Adoption | None:
    """The candidate with the surest gain, if any is sure enough. `log`: showings under the incumbent alone."""
    if len(log) == 0:
        return None
    now = scores(log, incumbent)
    scale = evaluation.spread(now)
    found: list[Adoption] = []
    for one in candidates(incumbent):
        if one in refused:
            continue
        noise = one.factor(EXPLORE) / incumbent.factor(EXPLORE)
        found.append(Adoption(one, evaluation.judge(log, scores(log, one) - now, scale, noise)))
    best = max(found, key=lambda one: one.estimate.sure, default=None)
    return best if best is not None and convinces(best.estimate) else None


def convinces(estimate: Estimate) -> bool:
    """Whether a gain is past the gate."""
    return (
        estimate.days >= LEAST_DAYS
        and estimate.effective >= LEAST_EFFECTIVE
        and estimate.sure >= SURE
        and estimate.gain >= WORTH * estimate.reward
    )


def fallen(before: Log, since: Log) -> Estimate | None:
    """What was lost since the incumbent was adopted, if that is sure; `before`: under the configuration before it."""
    if len(before) == 0 or len(since) == 0:
        return None
    found = evaluation.realised(before, since)
    enough = found.days >= LEAST_TRIAL_DAYS and found.showings >= LEAST_EFFECTIVE
    return found if enough and found.sure <= FALLEN else None
