"""The erasure drill: kill -9 in the middle of forgetting, open again, go on until it is complete, search every file.

Forms and planes in turns, a `forget` of an item, of profiles, of all; killed at an operation on the data directory that
is drawn from all that the victim does from the first deed on, or at a random time; half of the runs are killed a second
time after everything was started anew. What was acknowledged must be hidden at the next opening before anything is
learned; without a learner files stay as they are, and forgetting stays pending.
"""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.brain.meaning import Meaning
from tvbrain.brain.plane import LearningPlane
from tvbrain.brain.serving import Serving
from tvbrain.clock import VirtualClock
from tvbrain.errors import UnknownProfileError
from tvbrain.health.drill.kill import Progress, Report
from tvbrain.health.drill.share import Action, Role
from tvbrain.health.drill.stage import Tools
from tvbrain.pack import demo_pack_path
from tvbrain.simulation.forgetting import canary
from tvbrain.simulation.forgetting.run import ALONE, SPLIT, UNLEARNED, Plan, Run
from tvbrain.types import HOUSEHOLD, ViewContext

WHAT = ("item", "profile", "all")
VICTIMS = (
    *((ALONE, Role.HOST), (SPLIT, Role.HOST), (SPLIT, Role.LEARNER)),
    (UNLEARNED, Role.HOST),
)
OPERATIONS = {
    (ALONE, Role.HOST): 660,
    (SPLIT, Role.HOST): 320,
    (SPLIT, Role.LEARNER): 320,
    (UNLEARNED, Role.HOST): 40,
}
"""Of a victim from the first deed until forgetting is complete, about: one that does fewer dies when it is done."""

AIMED, AGAIN = 0.75, 0.4
"""Parts of the runs that die at a chosen operation, and that die a second time."""

LONGEST_S = 1.5
"""Within which the others die."""

TURNS = 8
"""Of both planes, by which forgetting is complete when nobody dies."""


def drill(tools: Tools, folder: Path, *, count: int, seed: int, progress: Progress) -> Report:
    """Kill `count` times. A loss: a trace of a canary, something forgotten that is shown again, or that is gone and was
    not forgotten.
    """
    report, chance = Report("erase", seed), random.Random(seed)
    template = folder / "template"
    canary.live(template, time.time())
    for number in itertools.count():
        if report.runs >= count:
            break
        form, victim = VICTIMS[number % len(VICTIMS)]
        what = WHAT[number // len(VICTIMS) % len(WHAT)]
        plan = Plan(
            form,
            what,
            victim,
            chance.choice([Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_HALF]),
            chance.randint(1, OPERATIONS[form, victim]) if chance.random() < AIMED else None,
            chance.uniform(0.0, LONGEST_S),
            chance.random() < AGAIN,
        )
        place = folder / f"run-{number}"
        place.mkdir()
        run = Run(place, template, tools.shim, plan)
        try:
            wrong = _play(run, report)
        finally:
            run.close()
            run.share.close()
        progress(min(report.runs, count), count)
        if wrong:
            report.losses += [f"{plan}: {one}" for one in wrong]
            report.losses.append(f"the directory is kept: {place}")
            break
        shutil.rmtree(place)
    return report


def _play(run: Run, report: Report) -> list[str]:
    """Kill once or twice, and judge."""
    plan, wrong = run.plan, []
    for _ in range(1 + plan.again):
        phase, complete = run.kill()
        report.runs += 1
        report.kills[f"{plan.form}, {plan.victim.name.lower()} {phase}"] += 1
        acknowledged = run.done()
        figure = "complete" if complete else "pending" if acknowledged else "not acknowledged"
        _count(report, f"killed when {figure}")
        wrong += judge_hidden(run.data, plan.what, acknowledged)
        if plan.form == UNLEARNED:
            wrong += [f"deed {n} was not pending" for n, on in acknowledged.items() if not on]
        if wrong or complete:
            break
    report.acknowledged += len(run.done())
    return wrong or settle(run.data, plan.form, plan.what, len(run.done()), [run.scratch])


def _count(report: Report, figure: str) -> None:
    report.figures[figure] = report.figures.get(figure, 0.0) + 1


def opened(data: Path, *, read_only: bool = False) -> tuple[Brain, VirtualClock]:
    """The serving plane, without a thread."""
    clock, pack = VirtualClock(time.time() + 5), demo_pack_path()
    serving = Serving(data, pack, clock=clock, read_only=read_only, thread=False)
    return Brain(serving, None, clock, Meaning(data, pack, None)), clock


def judge_hidden(data: Path, what: str, acknowledged: dict[int, bool]) -> list[str]:
    """What a reader sees of the deeds that were acknowledged, and of what nobody forgot."""
    brain, clock = opened(data, read_only=True)
    with brain:
        wrong = []
        for number in acknowledged:
            deed = canary.deeds(what)[number]
            gone = deed.profile or HOUSEHOLD
            if deed.delete:
                if gone in [one.name for one in brain.profiles()]:
                    wrong.append(f"deleted, and still there: {gone}")
            elif deed.item != canary.CANARY and _finished(brain, gone, canary.known(), clock):
                wrong.append(f"forgotten, and still finished: {canary.known()} of {gone}")
        if what == "item":
            wrong += [
                f"lost: {item} of {who}, which nobody forgot"
                for who in (HOUSEHOLD, canary.NAME)
                for item in canary.titles()[: canary.KEPT]
                if not _finished(brain, who, item, clock)
            ]
        return wrong


def _finished(brain: Brain, profile: str, item: str, clock: VirtualClock) -> bool:
    try:
        context = ViewContext(profile=profile, at=clock.now())
        return "finished" in brain.explain(item, context).why_not
    except UnknownProfileError:
        return False


def settle(data: Path, form: str, what: str, done: int, others: list[Path]) -> list[str]:
    """Open again, do the deeds from number `done` on, go on until it is complete, and search."""
    needles = canary.traces(what)
    wrong = _alone(data, what, done) if form == ALONE else _split(data, form, what, done)
    wrong += [
        f"holds what was forgotten: {one}" for one in canary.holding([data, *others], needles)
    ]
    everything = {number: True for number in range(len(canary.deeds(what)))}
    return wrong + judge_hidden(data, what, everything)


def _alone(data: Path, what: str, done: int) -> list[str]:
    clock = VirtualClock(time.time() + 5)
    with Brain.open(data, clock=clock) as brain:
        _rest_of(brain, what, done)

        def turn() -> None:
            brain.learn_now()
            clock.advance(1)

        return _until_complete(brain, turn)


def _split(data: Path, form: str, what: str, done: int) -> list[str]:
    brain, clock = opened(data)
    with brain:
        _rest_of(brain, what, done)
        brain._serving.pump()
        if form == UNLEARNED and (
            canary.complete(brain) or not canary.holding([data], canary.traces(what))
        ):
            return ["complete without a learner"]
        plane = LearningPlane(data, demo_pack_path(), clock)
        try:

            def turn() -> None:
                plane.step()
                brain._serving.pump()
                clock.advance(1)

            return _until_complete(brain, turn)
        finally:
            plane.close()


def _rest_of(brain: Brain, what: str, done: int) -> None:
    """The deeds that were not acknowledged."""
    for deed in canary.deeds(what)[done:]:
        canary.do(brain, deed)


def _until_complete(brain: Brain, turn: Callable[[], None]) -> list[str]:
    for _ in range(TURNS):
        turn()
        if canary.complete(brain):
            return []
    return [f"not complete after {TURNS} turns: {brain.health().serving}"]
