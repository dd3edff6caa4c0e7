"""A loop's work as a job: stages, each done in slices that are computed first and applied afterwards.

A stage's `step(learner, now, cursor) -> Slice` changes nothing. The engine applies the slice together with where the
job goes on in one transaction, so a job stops between two slices (for playback, for a power cut) and goes on there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tvbrain.loops.learner import Learner

DONE = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one step came to.

    apply: writes it to brain.db, in the transaction that stores the cursor; None: nothing to write. then: what
    follows that commit and has a place of its own for its progress, such as a file or memory; done again if the power
    goes before the next slice is stored. cursor: where the stage goes on; DONE: it is finished.
    """

    apply: Callable[[], object] | None = None
    then: Callable[[], object] | None = None
    cursor: str = DONE


Step = Callable[[Learner, float, str], Slice]
"""`now` is the time at which the job began, also after a power cut; `cursor` is DONE at first."""


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    step: Step


Job = tuple[Stage, ...]


def whole(name: str, run: Callable[[Learner, float], object]) -> Stage:
    """A stage of one slice that keeps its own transactions."""
    return Stage(name, lambda learner, now, cursor: Slice(then=lambda: run(learner, now)))


def place(job: Job, stored: str | None) -> tuple[int, str]:
    """The stage and cursor that `mark` stored; the beginning where the job has no such stage any more."""
    name, _, cursor = (stored or "").partition(":")
    names = [stage.name for stage in job]
    return (names.index(name), cursor) if name in names else (0, DONE)


def mark(job: Job, stage: int, cursor: str) -> str:
    """For `place`."""
    return f"{job[stage].name}:{cursor}"
