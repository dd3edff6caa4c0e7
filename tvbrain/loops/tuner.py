"""The weekly review of the configuration, on what brain.db has of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.blender import Prior
from tvbrain.learning.training import faded, prior_of
from tvbrain.loops.likeness import likeness
from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import blends, judged, tunings
from tvbrain.store.snapshot import default_diversity
from tvbrain.store.tunings import Used
from tvbrain.tuning.decision import TRIAL_DAYS, WINDOW_DAYS
from tvbrain.tuning.evaluation import Floats, Log
from tvbrain.tuning.review import REFUSED_DAYS, ROLLED_BACK, Standing, review
from tvbrain.tuning.space import DIVERSITY, KNOBS, NEUTRAL, Configuration, tuned
from tvbrain.types import TERMS

DAY_MS = 86_400_000
Q12, Q16 = 4096.0, 65536.0
KEPT_DAYS = 2 * WINDOW_DAYS
"""So far back goes what a trial is compared with."""


def reviewed(db: Database, facts: PackFacts, now: float) -> Used | None:
    """The configuration to be used from now on, None for that in use; nothing is written."""
    now_ms, prior = round(now * 1000), prior_of(facts.weights_q12, facts.precisions)
    log = log_of(judged.columns(db, now_ms - KEPT_DAYS * DAY_MS, len(TERMS)), facts)
    if len(log) == 0:
        return None
    means, loss = _means(db, prior, now), default_diversity() / Q12

    def scores(log: Log, configuration: Configuration) -> Floats:
        found = np.zeros(len(log))
        for profile in np.unique(log.profile):
            weights = tuned(configuration, prior.weights, means.get(int(profile), prior.weights))
            whose = log.profile == profile
            found[whose] = log.values[whose] @ np.array(weights)
        return found - configuration.factor(DIVERSITY) * loss * log.alike

    before = standing(db, now_ms)
    after, verdict = review(before, log, now_ms // DAY_MS, scores)
    if verdict is None:
        return None
    of = verdict.estimate
    steps = {knob: n for knob, n in zip(KNOBS, after.current.steps, strict=True) if n}
    return Used(steps, now_ms, None, verdict.kind, of.gain, of.error)


def keep(db: Database, new: Used | None, now: float) -> None:
    """What `reviewed` came to; showings that no review will look at again go. Inside a transaction."""
    tunings.forget_before(db, round(now * 1000) - KEPT_DAYS * DAY_MS)
    if new is not None:
        tunings.use(db, new)


def current(db: Database) -> Configuration:
    """The configuration in use."""
    history = tunings.used(db)
    return _configuration(history[-1]) if history else NEUTRAL


def standing(db: Database, now_ms: int) -> Standing:
    """How things stand, from the history of configurations."""
    history = tunings.used(db)
    if not history:
        return Standing()
    last = history[-1]
    on_trial = last.why != ROLLED_BACK and now_ms - last.since_ms <= TRIAL_DAYS * DAY_MS
    previous = _configuration(history[-2]) if len(history) > 1 else NEUTRAL
    refused = tuple(
        (_configuration(one), following.since_ms // DAY_MS)
        for one, following in pairwise(history)
        if following.why == ROLLED_BACK and now_ms - following.since_ms <= REFUSED_DAYS * DAY_MS
    )
    return Standing(
        _configuration(last), last.since_ms // DAY_MS, previous if on_trial else None, refused
    )


def log_of(rows: NDArray[np.void], facts: PackFacts) -> Log:
    """Rows of `judged.columns`."""
    propensity = rows["propensity_q16"] / Q16
    return Log(
        rows["profile"],
        rows["values_q12"] / Q12,
        likeness(rows, facts),
        rows["place"],
        rows["row"],
        np.where(propensity > 0, propensity, np.nan),
        rows["played"].astype(np.float64),
        rows["at_ms"] // DAY_MS,
    )


def _means(db: Database, prior: Prior, now: float) -> Mapping[int, tuple[float, ...]]:
    stored = blends.blends(db)
    return {p: faded(one, prior, now).mean[: len(TERMS)] for p, one in stored.items()}


def _configuration(one: Used) -> Configuration:
    """Knobs of a newer version are left out."""
    return Configuration(tuple(one.steps.get(knob, 0) for knob in KNOBS))
