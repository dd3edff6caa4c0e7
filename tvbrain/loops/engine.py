"""Runs the loops of a table when they are due. It has no thread: whoever calls `run_due` is it.

Time (docs/loops.md has the rule). While the process lives, every loop waits by the clock that only passes, and
that counts time asleep; so setting the wall clock runs nothing and delays nothing. Over a restart long loops wait by
the wall clock: their due times are stored with whether it could be trusted, and again when it was set. A set that is
opened without knowing the time waits for what was left, and by those due times once it knows it.
Missed runs are made up for by one.

A turn of a job ends when its CPU budget is spent, when playback begins or the engine is stopped; the next goes on
there. A loop that fails is tried again after a minute, then two, four, … up to its period; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from tvbrain.clock import Clock, cpu_seconds
from tvbrain.errors import TvbrainError
from tvbrain.loops import job, timing
from tvbrain.loops.job import DONE
from tvbrain.loops.learner import Learner
from tvbrain.loops.table import DAY, LOOPS, Loop
from tvbrain.store.schedule import Due


@dataclass(slots=True)
class State:
    """One loop: when it is next due on the clock that only passes, where its job is, and how it went.

    `begun`: when the job under way began, None if none is. `slowest`: CPU seconds of its longest slice. `owed`: the due
    time that a trusted clock set before a restart, while no clock has said what time it is since.
    """

    wait_until: float
    last_run: float | None = None
    duration: float | None = None
    failures: int = 0
    error: str | None = None
    runs: int = 0
    begun: float | None = None
    cursor: str | None = None
    slowest: float = 0.0
    owed: float | None = None


class Engine:
    """The loops over one learner. Not thread safe, but for `stop`: its caller serialises."""

    def __init__(
        self,
        learner: Learner,
        clock: Clock,
        *,
        trusted: bool = True,
        loops: Sequence[Loop] = LOOPS,
        cpu: Callable[[], float] = cpu_seconds,
        listen: Callable[[], None] = lambda: None,
    ) -> None:
        """`cpu` measures slices. `listen` is called after each that had anything to do: it may set `playing`."""
        self.loops = tuple(loops)
        self.playing = False
        self._learner, self._clock = learner, clock
        self._cpu, self._listen = cpu, listen
        self._told_trusted = trusted
        self._stopped = False
        self._kept_trusted, self._kept_lead = self.trusted, self._lead()
        kept = learner.schedule()
        with learner.transaction():
            self._states = {loop.name: self._opened(loop, kept.get(loop.name)) for loop in loops}

    @property
    def trusted(self) -> bool:
        """Whether wall times mean anything now."""
        return self._told_trusted and self._clock.now() >= timing.PLAUSIBLE

    def set_trusted(self, trusted: bool) -> None:
        """The host says whether its clock is right. Waits go on as they were."""
        self._told_trusted = trusted

    def stop(self) -> None:
        """End the turn under way after its slice, and begin none. From any thread."""
        self._stopped = True

    def state(self, name: str) -> State:
        """For health and tests; not to be changed."""
        return self._states[name]

    def _opened(self, loop: Loop, kept: Due | None) -> State:
        now, mono = self._clock.now(), self._clock.monotonic()
        if not loop.persisted:
            return State(mono)
        if kept is None:
            state = State(mono + timing.interval(loop, self._learner.device, 0))
            self._keep(loop, state)
            return state
        known = kept.due - now if kept.trusted and self.trusted else None
        wait = timing.reopened(loop, known, loop.period if kept.left is None else kept.left)
        return State(
            mono + wait, kept.last_run, kept.duration, kept.failures, kept.error,
            kept.runs, kept.begun, kept.cursor,
            owed=kept.due if kept.trusted and not self.trusted else None,
        )  # fmt: skip

    def _lead(self) -> float:
        return self._clock.now() - self._clock.monotonic()

    def _follow_clock(self) -> None:
        """Stored due times are of the wall clock: if that was set, or is trusted now, they are stored again."""
        jumped = abs(self._lead() - self._kept_lead) > timing.JUMP
        if not jumped and self.trusted == self._kept_trusted:
            return
        self._kept_trusted, self._kept_lead = self.trusted, self._lead()
        if self.trusted:
            self._pay()
        try:
            with self._learner.transaction():
                self._keep_all()
        except TvbrainError as error:  # after a power cut a loop may come early or late, once
            self._learner.report(f"the loops' times are not stored: {error}")

    def _pay(self) -> None:
        """The time is known now: what was due by a trusted clock before the restart is due then."""
        for loop in self.loops:
            state = self._states[loop.name]
            if state.owed is not None:
                wait = timing.reopened(loop, state.owed - self._clock.now(), 0.0)
                state.wait_until, state.owed = self._clock.monotonic() + wait, None

    def wait(self, loop: Loop) -> float:
        """Seconds until this loop's time has come; not positive if it has."""
        return self._states[loop.name].wait_until - self._clock.monotonic()

    def held(self, loop: Loop) -> bool:
        """Whether it waits for the end of playback."""
        return self.playing and loop.pausable

    def next_wait(self) -> float:
        """Seconds until a loop is to run if nothing happens: how long a thread may sleep."""
        waits = [
            0.0 if self._is_wanted(loop) else self.wait(loop)
            for loop in self.loops
            if not self.held(loop) and (loop.persisted or loop.trigger(self._learner))
        ]
        return max(min(waits, default=timing.MINUTE * 60), 0.0)

    def _is_wanted(self, loop: Loop) -> bool:
        """Whether the next turn is to come at once: a job is under way, or what is urgent was heard by another loop."""
        if self._failing(loop):
            return False
        urgent = loop.urgent(self._learner) and loop.trigger(self._learner)
        return urgent or self._states[loop.name].begun is not None

    def _failing(self, loop: Loop) -> bool:
        return self._states[loop.name].failures > 0

    def run_due(self, *, hurry: bool = False) -> list[str]:
        """Give each loop whose time has come and whose trigger holds a turn; the names of those.

        With `hurry`, loops that hurry need not wait for their time, none waits for playback, and jobs are done to their
        end.
        """
        self._follow_clock()
        return [loop.name for loop in self.loops if not self._stopped and self._step(loop, hurry)]

    def _step(self, loop: Loop, hurry: bool) -> bool:
        if self.held(loop) and not hurry:
            return False
        state, failing = self._states[loop.name], self._failing(loop)
        in_time = self.wait(loop) <= 0
        early = (hurry and loop.hurries) or (not failing and loop.urgent(self._learner))
        under_way = state.begun is not None and (not failing or in_time)
        wanted = early or (in_time and not loop.waits(self._learner))
        if under_way or (wanted and loop.trigger(self._learner)):
            self._turn(loop, hurry)
            if under_way and hurry and loop.hurries and loop.trigger(self._learner):
                self._turn(loop, hurry)  # what came after that job had begun
            return True
        if in_time and loop.persisted:  # nothing to do is no run: nothing is written
            state.wait_until, state.owed = self._clock.monotonic() + loop.period, None
        return False

    def _turn(self, loop: Loop, hurry: bool) -> None:
        state, began = self._states[loop.name], self._clock.monotonic()
        if state.begun is None or state.failures:
            state.begun = self._clock.now()
            state.slowest = 0.0
        at_first = replace(state)
        left = loop.budget
        try:
            with nullcontext() if hurry else self._learner.together():
                while state.begun is not None:
                    at_first = replace(state)
                    spent, worked = self._slice(loop, state, began)
                    left -= spent
                    if worked:
                        self._listen()
                    over = left <= 0 or self.held(loop) or self._stopped
                    if over and not hurry:
                        return
        except Exception as error:  # whatever it is, the other loops go on, and health says it
            if self._learner.found_lost():
                at_first.cursor = None  # the job begins anew
            self._failed(loop, at_first, began, error)

    def _slice(self, loop: Loop, state: State, began: float) -> tuple[float, bool]:
        """One slice of the job under way: what it used of a processor, and whether there was anything to do."""
        before = self._cpu()
        at, cursor = job.place(loop.job, state.cursor)
        assert state.begun is not None
        one = loop.job[at].step(self._learner, state.begun, cursor)
        at, cursor = (at, one.cursor) if one.cursor != DONE else (at + 1, DONE)
        if at == len(loop.job):
            self._finished(loop, state, began)
        else:
            state.cursor = job.mark(loop.job, at, cursor)
        if one.apply is not None:
            with self._learner.transaction():
                one.apply()
                self._keep_after(loop, state)
        if one.then is not None:
            one.then()
        spent = self._cpu() - before
        state.slowest = max(state.slowest, spent)
        if state.begun is None and one.apply is None:
            self._try_to_keep(loop, state)
        return spent, one.apply is not None or one.then is not None

    def _finished(self, loop: Loop, state: State, began: float) -> None:
        state.failures, state.error, state.begun, state.cursor = 0, None, None, None
        state.runs += 1
        self._rest(state, began, timing.interval(loop, self._learner.device, state.runs))

    def _failed(self, loop: Loop, before: State, began: float, error: Exception) -> None:
        """The slice that failed is done again; the job is as it was before it."""
        state = self._states[loop.name] = before
        state.failures += 1
        state.error = f"{type(error).__name__}: {error}"
        self._learner.report(f"loop {loop.name} failed: {state.error}")
        self._rest(state, began, timing.backoff(loop, state.failures))
        self._try_to_keep(loop, state)

    def _rest(self, state: State, began: float, wait: float) -> None:
        state.last_run = self._clock.now()
        state.duration = self._clock.monotonic() - began
        state.wait_until, state.owed = self._clock.monotonic() + wait, None

    def _try_to_keep(self, loop: Loop, state: State) -> None:
        if not loop.persisted:
            return
        try:
            with self._learner.transaction():
                self._keep_after(loop, state)
        except TvbrainError as error:  # a restart will make up for one run too many
            self._learner.report(f"loop {loop.name}: its next time is not stored: {error}")

    def _keep_after(self, loop: Loop, state: State) -> None:
        """After a slice; with the end of a daily or longer run all loops, so that what is left of each is known."""
        if loop.period >= DAY and state.begun is None and not state.failures:
            self._keep_all()
        elif loop.persisted:
            self._keep(loop, state)

    def _keep_all(self) -> None:
        for loop in self.loops:
            if loop.persisted:
                self._keep(loop, self._states[loop.name])

    def _keep(self, loop: Loop, state: State) -> None:
        self._learner.keep_schedule(
            Due(
                loop.name,
                state.wait_until + self._lead() if state.owed is None else state.owed,
                self.trusted or state.owed is not None,
                state.last_run,
                state.duration,
                state.failures,
                state.error,
                state.runs,
                state.begun,
                state.cursor,
                state.wait_until - self._clock.monotonic(),
            )
        )
