"""The seven loops as one table. The engine iterates over it and knows no loop by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tvbrain.loops import (
    adaptive,
    deliberative,
    evolutionary,
    reactive,
    reflexive,
    transcendent,
    transformative,
)
from tvbrain.loops.job import Job, whole
from tvbrain.loops.learner import Learner

HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365.25 * DAY
MANY = 10_000
"""So many waiting records are consumed without waiting for the adaptive loop's time."""

Trigger = Callable[[Learner], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """period: seconds between two runs, at most. job: what a run is. budget: seconds of a processor after which a turn
    of it ends (after the slice under way), so that the brain listens. trigger: what must be true beside the time.
    urgent: what makes it run before its time. waits: what makes it wait another period, unless it is urgent or hurried.
    hurries: `learn_now` runs it before its time if the trigger holds.
    persisted: due times survive a restart (long loops); the others never write. pausable: waits while something plays,
    if the host says so. does, catch_up: for people.
    """

    name: str
    period: float
    job: Job
    budget: float
    trigger: Trigger
    urgent: Trigger
    waits: Trigger
    hurries: bool
    persisted: bool
    pausable: bool
    does: str
    catch_up: str


def _always(learner: Learner) -> bool:
    return True


def _never(learner: Learner) -> bool:
    return False


def _events_wait(learner: Learner) -> bool:
    return learner.heard


def _browsed(learner: Learner) -> bool:
    return learner.follower.browsed


def _unlearned(learner: Learner) -> bool:
    return learner.waiting() > 0 or learner.unpublished or learner.answered or learner.unclean


def _pressing(learner: Learner) -> bool:
    return learner.erasing or learner.awaited or learner.waiting() >= MANY


def _plays_on(learner: Learner) -> bool:
    return learner.can_wait


ONCE = "once, however many runs were missed"

LOOPS = (
    Loop(
        name="reflexive",
        period=0.1,
        job=(whole("run", reflexive.run),),
        budget=0.02,
        trigger=_events_wait,
        urgent=_never,
        waits=_never,
        hurries=True,
        persisted=False,
        pausable=True,
        does="what was just played and said, into the sitting",
        catch_up="none: it reads on from what was last seen",
    ),
    Loop(
        name="reactive",
        period=5.0,
        job=(whole("run", reactive.run),),
        budget=0.02,
        trigger=_browsed,
        urgent=_never,
        waits=_never,
        hurries=True,
        persisted=False,
        pausable=True,
        does="what was shown and passed over: patterns offered in vain rest for the sitting",
        catch_up="none: impressions wait in the journal",
    ),
    Loop(
        name="adaptive",
        period=0.5 * HOUR,
        job=adaptive.JOB,
        budget=1.0,
        trigger=_unlearned,
        urgent=_pressing,
        waits=_plays_on,
        hurries=True,
        persisted=True,
        pausable=True,
        does="the session into the tiers, interests, dayparts, snapshot",
        catch_up=ONCE,
    ),
    Loop(
        name="deliberative",
        period=DAY,
        job=deliberative.JOB,
        budget=1.0,
        trigger=_always,
        urgent=_never,
        waits=_never,
        hurries=False,
        persisted=True,
        pausable=True,
        does="daily preferences, blender training, consolidation, upkeep",
        catch_up=ONCE,
    ),
    Loop(
        name="evolutionary",
        period=7 * DAY,
        job=evolutionary.JOB,
        budget=1.0,
        trigger=_always,
        urgent=_never,
        waits=_never,
        hurries=False,
        persisted=True,
        pausable=True,
        does="mine and retire patterns, judge candidate configurations",
        catch_up=ONCE,
    ),
    Loop(
        name="transformative",
        period=YEAR,
        job=transformative.JOB,
        budget=1.0,
        trigger=_always,
        urgent=_never,
        waits=_never,
        hurries=False,
        persisted=True,
        pausable=True,
        does="fold a year into a taste epoch",
        catch_up=ONCE,
    ),
    Loop(
        name="transcendent",
        period=10 * YEAR,
        job=transcendent.JOB,
        budget=1.0,
        trigger=_always,
        urgent=_never,
        waits=_never,
        hurries=False,
        persisted=True,
        pausable=True,
        does="life-stage shifts; the oldest epochs are archived",
        catch_up=ONCE,
    ),
)
