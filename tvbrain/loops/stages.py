"""Stages that more than one loop has: each takes one transaction, or one profile, a slice."""

from __future__ import annotations

from collections.abc import Iterable

from tvbrain.loops.job import DONE, Slice, Stage
from tvbrain.loops.learner import Learner


def _consume(learner: Learner, now: float, cursor: str) -> Slice:
    """One transaction of records, which stores how far it read; the cursor is where that was before."""
    position = learner.consumer.position
    where = f"{position.journal_id:016x}.{position.seq}"
    if cursor == where or (cursor != DONE and learner.waiting() == 0):
        return Slice()
    return Slice(then=lambda: learner.consume(1), cursor=where)


def _train(learner: Learner, now: float, cursor: str) -> Slice:
    profile = profile_after(learner.to_train(now), cursor)
    if profile is None:
        return Slice()
    lesson = learner.train(profile, now)
    return Slice(apply=lambda: learner.set_trained(profile, lesson), cursor=str(profile))


def _relearn(learner: Learner, now: float, cursor: str) -> Slice:
    """Of the profiles whose memories changed."""
    return _taste(learner, profile_after(learner.consumer.touched, cursor))


def _relearn_all(learner: Learner, now: float, cursor: str) -> Slice:
    return _taste(learner, profile_after(learner.people(), cursor))


def _taste(learner: Learner, profile: int | None) -> Slice:
    if profile is None:
        return Slice()
    taste = learner.taste(profile)
    return Slice(
        apply=lambda: learner.set_taste(profile, taste),
        then=lambda: learner.consumer.touched.discard(profile),
        cursor=str(profile),
    )


def _publish(learner: Learner, now: float, cursor: str) -> Slice:
    """Whether there is something to publish is asked of the files, so progress may be stored before."""
    return Slice(apply=_nothing, then=lambda: learner.publish(now))


def _publish_clean(learner: Learner, now: float, cursor: str) -> Slice:
    """And rid every file of what was erased."""

    def publish() -> None:
        learner.publish(now)
        if learner.unclean:
            learner.clean(now)

    return Slice(apply=_nothing, then=publish)


def _nothing() -> None:
    """What is stored is where the job goes on."""


def profile_after(profiles: Iterable[int], cursor: str) -> int | None:
    """For stages that do one profile a slice and leave its number as the cursor: the first after the one done last."""
    done = int(cursor) if cursor != DONE else 0
    return min((one for one in profiles if one > done), default=None)


CONSUME = Stage("consume", _consume)
TRAIN = Stage("train", _train)
RELEARN = Stage("relearn", _relearn)
RELEARN_ALL = Stage("relearn-all", _relearn_all)
PUBLISH = Stage("publish", _publish)
PUBLISH_CLEAN = Stage("publish", _publish_clean)
