"""Training a profile's blender with the showings whose outcome is known: first computed, then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tvbrain.learning import blender
from tvbrain.learning.blender import Belief, Prior
from tvbrain.memory.showings import WINDOW_MS
from tvbrain.sqlite import Database
from tvbrain.store import blends, tunings
from tvbrain.store.blends import Blend, Showing
from tvbrain.store.snapshot import default_weights
from tvbrain.store.tunings import Judged
from tvbrain.types import TERMS

DAY_MS = 86_400_000
ONE_Q12 = 4096
CF, EXPLORE = TERMS.index("cf"), TERMS.index("explore")

SD, SD_CF, LEAST_CF = 0.03, 0.3, 1 / 16
"""How far weights may be from the prior's: beyond three of these only after much evidence. Co-watching is the largest
term and the one that the person's own history speaks through: its weight stays above 0.
"""

Slots = Callable[[Sequence[int]], Sequence[int | None]]
"""The title that each key names now, None where no pack knows one."""


def prior_of(weights_q12: Iterable[int], precisions: Iterable[float] = ()) -> Prior:
    """Around these weights, one a term; `precisions` (1 / variance) one a term too, 0 for the built-in one."""
    sds, least = [SD] * len(TERMS), [-blender.MOST] * len(TERMS)
    sds[CF], sds[EXPLORE], least[CF] = SD_CF, 0.0, LEAST_CF
    for term, precision in enumerate(precisions):
        if precision > 0.0:
            sds[term] = precision**-0.5
    weights = tuple(int(weight) / ONE_Q12 for weight in weights_q12)
    return Prior(weights, tuple(sds), tuple(least))


@dataclass(frozen=True, slots=True)
class Trained:
    """What the showings up to `upto_ms` come to: each with whether its title was played, and the belief after them
    (None: as it was).
    """

    upto_ms: int
    seen: Sequence[tuple[Showing, bool]]
    blend: Blend | None


def train(db: Database, profile: int, prior: Prior, slots: Slots, upto_ms: int) -> Trained:
    """Learn from the showings up to `upto_ms`; nothing is written. Those of other terms than today's are left out."""
    waiting = blends.showings(db, profile)
    reactions = _reactions(waiting, slots)
    stored = blends.blends(db).get(profile)
    belief, trained_ms = belief_of(stored, prior), stored.trained_ms if stored else 0
    updates = belief.updates
    seen: list[tuple[Showing, bool]] = []
    for one in waiting:
        if one.values is None or len(one.values) != len(TERMS) or one.at_ms > upto_ms:
            continue
        if trained_ms:
            belief = blender.rest(belief, prior, (one.at_ms - trained_ms) / DAY_MS)
        trained_ms = max(trained_ms, one.at_ms)
        played = one.played or _reacted(one, reactions)
        seen.append((one, played))
        x = blender.features(one.values, one.place, one.row)
        belief = blender.learn(belief, prior, x, played)
    if belief.updates == updates:
        return Trained(upto_ms, seen, None)
    version = stored.version + 1 if stored else 1
    return Trained(upto_ms, seen, _stored(belief, prior, version, trained_ms))


def keep(db: Database, profile: int, trained: Trained) -> None:
    """Inside a transaction, in which the showings that were learned are dropped: each is learned once."""
    blends.drop(db, profile, trained.upto_ms)
    tunings.keep(db, [_judged(profile, one, played) for one, played in trained.seen])
    if trained.blend is not None:
        blends.set_blend(db, profile, trained.blend)


def _judged(profile: int, one: Showing, played: bool) -> Judged:
    values_q12 = tuple(round(value * ONE_Q12) for value in one.values or ())
    place = one.at_ms, one.row, one.place, one.propensity_q16
    return Judged(profile, one.item, *place, played, values_q12)


def belief_of(stored: Blend | None, prior: Prior) -> Belief:
    """What is believed: the prior where nothing was learned, or of other terms than today's.

    What was learned around another prior is moved to this one: the evidence stays.
    """
    if stored is None or stored.terms != len(TERMS):
        return blender.fresh(prior)
    size = len(TERMS) + blender.OTHERS
    mean, triangle = stored.numbers[:size], stored.numbers[size:]
    lower = [triangle[i * (i + 1) // 2 : (i + 1) * (i + 2) // 2] for i in range(size)]
    rows = tuple((*lower[i], *[lower[j][i] for j in range(i + 1, size)]) for i in range(size))
    return blender.rebased(Belief(mean, rows, stored.updates), _around(stored), prior)


def faded(stored: Blend, prior: Prior, now: float) -> Belief:
    """What is believed at `now`, seconds since the epoch."""
    days = (now * 1000 - stored.trained_ms) / DAY_MS
    return blender.rest(belief_of(stored, prior), prior, days)


def _around(stored: Blend) -> Prior:
    """What a stored belief was learned around: the built-in prior, where it does not tell."""
    built_in = prior_of(default_weights())
    terms = len(TERMS)
    if not stored.prior:
        return built_in
    return Prior(stored.prior[:terms], stored.prior[terms:], built_in.least)


def _stored(belief: Belief, prior: Prior, version: int, trained_ms: int) -> Blend:
    triangle = (c for i, row in enumerate(belief.covariance) for c in row[: i + 1])
    numbers = (*belief.mean, *triangle)
    around = (*prior.weights, *prior.sds)
    return Blend(len(TERMS), version, belief.updates, trained_ms, numbers, around)


Reactions = tuple[Mapping[int, int], Sequence[tuple[int, int]]]
"""The slot that each shown key names; (slot, time) of each time that a title was played under another id of it."""


def _reactions(waiting: Sequence[Showing], slots: Slots) -> Reactions:
    played = [one for one in waiting if one.values is None and one.played]
    if not played:
        return {}, []
    keys = sorted({one.item for one in waiting})
    named = {k: s for k, s in zip(keys, slots(keys), strict=True) if s is not None}
    return named, [(named[one.item], one.at_ms) for one in played if one.item in named]


def _reacted(one: Showing, reactions: Reactions) -> bool:
    named, played = reactions
    return any(
        slot == named.get(one.item) and 0 <= at - one.at_ms <= WINDOW_MS for slot, at in played
    )
