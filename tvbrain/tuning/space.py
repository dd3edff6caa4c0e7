"""The configurations that a set may try: a few factors around 1, and what they make of the ranker's weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tvbrain.types import TERMS

TRUST, EXPLORE, DIVERSITY = "trust", "explore", "diversity"

TUNED = ("text", "popularity", "fresh", "daypart", "fatigue", "era", "genre")
"""Terms whose weight has a factor of its own. Co-watching has none: it is what the others are measured by."""

KNOBS = (*TUNED, TRUST, EXPLORE, DIVERSITY)
"""TRUST: how far the learned weights may be from the prior's. EXPLORE: the deviation of sampled weights. DIVERSITY:
what a title loses for being like one that stands before it."""

STEP, WIDE = 1.5, 4.0
LEAST, MOST = 1 / 4, 4.0
"""A knob is a power of STEP within these; DIVERSITY one of WIDE, as less would not be seen in what is played."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Steps from 1 of each of KNOBS, in their order: a factor is STEP (or WIDE) to the power of its steps."""

    steps: tuple[int, ...] = (0,) * len(KNOBS)

    def factor(self, knob: str) -> float:
        return float((WIDE if knob == DIVERSITY else STEP) ** self.steps[KNOBS.index(knob)])

    def named(self) -> Mapping[str, float]:
        """The factors that are not 1."""
        return {
            knob: self.factor(knob) for knob, step in zip(KNOBS, self.steps, strict=True) if step
        }


NEUTRAL = Configuration()


def stepped(configuration: Configuration, knob: str, steps: int) -> Configuration:
    """With one knob so many steps further."""
    at = KNOBS.index(knob)
    before = configuration.steps
    return Configuration((*before[:at], before[at] + steps, *before[at + 1 :]))


def candidates(incumbent: Configuration) -> list[Configuration]:
    """Those one step away, in a fixed order."""
    near = [stepped(incumbent, knob, step) for knob in KNOBS for step in (-1, 1)]
    return [one for one in near if all(LEAST <= one.factor(knob) <= MOST for knob in KNOBS)]


def tuned(
    configuration: Configuration, prior: Sequence[float], mean: Sequence[float]
) -> list[float]:
    """The weights to rank by, one a term, where `mean` was learned around `prior`.

    Each is the prior's, moved by TRUST times what was learned, times its own factor.
    """
    trust = configuration.factor(TRUST)
    return [
        (p + trust * (m - p)) * (configuration.factor(term) if term in TUNED else 1.0)
        for term, p, m in zip(TERMS, prior, mean, strict=True)
    ]
