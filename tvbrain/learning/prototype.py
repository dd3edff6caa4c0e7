"""One vector for several titles, quantised as a snapshot has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tvbrain.pack.facts import NO_SLOT, PackFacts, Vectors

SCALE_LIMIT = 2**25 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Prototype:
    """`row` int8 [stride], in the rotated space less its mean; times `scale_q30` / 2^30 its length is 1."""

    row: npt.NDArray[np.int8]
    scale_q30: int


def prototype(facts: PackFacts, keys: Sequence[int]) -> Prototype | None:
    """The mean direction of the titles that have a vector; None if none has."""
    slots, _ = facts.find(keys)
    vectors: Vectors = facts.vectors([slot for slot in slots if slot != NO_SLOT])
    real = vectors.real().astype(np.float64)
    lengths = np.linalg.norm(real, axis=1)
    mean = (real[lengths > 0] / lengths[lengths > 0, None]).sum(axis=0)
    length = float(np.linalg.norm(mean))
    if length == 0.0:
        return None
    unit = mean / length
    step = float(np.abs(unit).max()) / 127
    return Prototype(np.rint(unit / step).astype(np.int8), min(round(step * 2**30), SCALE_LIMIT))


class Prototypes:
    """Prototypes of the sets of titles that were asked for last: each is made once, while the packs stay the same."""

    def __init__(self) -> None:
        self._facts: PackFacts | None = None
        self._made: dict[tuple[int, ...], Prototype | None] = {}

    def of(self, facts: PackFacts, keys: Sequence[tuple[int, ...]]) -> list[Prototype | None]:
        """Of each set, in order."""
        known = self._made if facts is self._facts else {}
        self._facts = facts
        self._made = {
            titles: known[titles] if titles in known else prototype(facts, titles)
            for titles in keys
        }
        return [self._made[titles] for titles in keys]
