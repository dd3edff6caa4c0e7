"""Runs the loops of a table when they are due. It has no thread: whoever calls `run_due` is it.

Time. Long loops are due by the wall clock, and their due times are kept with a flag that says whether
the clock which set them could be trusted. A due time and a clock of which one is untrusted say nothing
about each other, so such a loop waits by the monotonic clock: its period, or an hour if that is
shorter. A wall clock that was set back moves no loop further away than its period. Short loops
live on the monotonic clock alone. Missed runs are made up for by one run.

A loop that fails is tried again after a minute, then two, four, … up to its period (a short one after
twice its period, up to a minute); the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tvbrain.clock import Clock
from tvbrain.errors import TvbrainError
from tvbrain.loops.learner import Learner
from tvbrain.loops.table import LOOPS, Loop
from tvbrain.store.schedule import Due

UNKNOWN_WAIT = 3600.0
MINUTE = 60.0
PLAUSIBLE = 1_577_836_800.0
"""2020-01-01: a clock before it has never been set."""


@dataclass(slots=True)
class State:
    """One loop: its next time on both clocks, and how it went."""

    due: float
    wait_until: float
    last_run: float | None = None
    duration: float | None = None
    failures: int = 0
    error: str | None = None


class Engine:
    """The loops over one learner. Not thread safe: its caller serialises."""

    def __init__(
        self,
        learner: Learner,
        clock: Clock,
        *,
        trusted: bool = True,
        loops: Sequence[Loop] = LOOPS,
    ) -> None:
        self.loops = tuple(loops)
        self.playing = False
        self._learner = learner
        self._clock = clock
        self._told_trusted = trusted
        self._anchored_trusted = self.trusted
        kept = learner.schedule()
        self._states = {loop.name: self._opened(loop, kept.get(loop.name)) for loop in loops}

    @property
    def trusted(self) -> bool:
        """Whether wall times mean anything now."""
        return self._told_trusted and self._clock.now() >= PLAUSIBLE

    def set_trusted(self, trusted: bool) -> None:
        """The host says whether its clock is right. Waits that were running go on as they were."""
        self._told_trusted = trusted
        self._anchor()

    def state(self, name: str) -> State:
        """For health and tests; not to be changed."""
        return self._states[name]

    def _opened(self, loop: Loop, kept: Due | None) -> State:
        now, mono = self._clock.now(), self._clock.monotonic()
        if not loop.persisted:
            return State(now, mono)
        if kept is None:
            state = State(now + loop.period, mono + loop.period)
            self._keep(loop, state)
            return state
        known = kept.trusted and self.trusted
        wait = min(kept.due - now if known else UNKNOWN_WAIT, loop.period)
        return State(
            now + wait, mono + wait, kept.last_run, kept.duration, kept.failures, kept.error
        )

    def _anchor(self) -> None:
        """After trust in the wall clock changed: what was left to wait on one clock is on the other."""
        if self.trusted == self._anchored_trusted:
            return
        now, mono = self._clock.now(), self._clock.monotonic()
        for state in self._states.values():
            if self.trusted:
                state.due = now + state.wait_until - mono
            else:
                state.wait_until = mono + state.due - now
        self._anchored_trusted = self.trusted

    def wait(self, loop: Loop) -> float:
        """Seconds until this loop's time has come; not positive if it has."""
        state = self._states[loop.name]
        if loop.persisted and self._anchored_trusted:
            return min(state.due - self._clock.now(), loop.period)
        return state.wait_until - self._clock.monotonic()

    def held(self, loop: Loop) -> bool:
        """Whether it waits for the end of playback."""
        return self.playing and loop.pausable

    def next_wait(self) -> float:
        """Seconds until a loop is to run if nothing happens: how long a thread may sleep."""
        waits = [
            self.wait(loop)
            for loop in self.loops
            if not self.held(loop) and (loop.persisted or loop.trigger(self._learner))
        ]
        return max(min(waits, default=MINUTE * 60), 0.0)

    def run_due(self, *, hurry: bool = False) -> list[str]:
        """Run each loop whose time has come and whose trigger holds, once; the names of those.

        With `hurry`, loops that hurry need not wait for their time, and none waits for playback.
        """
        self._anchor()
        return [loop.name for loop in self.loops if self._step(loop, hurry)]

    def _step(self, loop: Loop, hurry: bool) -> bool:
        if self.held(loop) and not hurry:
            return False
        in_time = self.wait(loop) <= 0
        failing = self._states[loop.name].failures > 0
        early = (hurry and loop.hurries) or (not failing and loop.urgent(self._learner))
        if not in_time and not early:
            return False
        if loop.trigger(self._learner):
            self._run(loop)
            return True
        if loop.persisted:  # nothing to do is no run: nothing is written
            self._after(loop, loop.period)
        return False

    def _run(self, loop: Loop) -> None:
        state = self._states[loop.name]
        begun = self._clock.monotonic()
        try:
            loop.run(self._learner, self._clock.now())
        except Exception as error:  # whatever it is, the other loops go on, and health says it
            state.failures += 1
            state.error = f"{type(error).__name__}: {error}"
            self._learner.report(f"loop {loop.name} failed: {state.error}")
            first = MINUTE if loop.persisted else 2 * loop.period
            most = loop.period if loop.persisted else MINUTE
            self._after(loop, min(first * 2.0 ** min(state.failures - 1, 30), most))
        else:
            state.failures, state.error = 0, None
            self._after(loop, loop.period)
        state.last_run = self._clock.now()
        state.duration = self._clock.monotonic() - begun
        if loop.persisted:
            try:
                self._keep(loop, state)
            except TvbrainError as error:  # a restart will make up for one run too many
                self._learner.report(f"loop {loop.name}: its next time is not stored: {error}")

    def _after(self, loop: Loop, seconds: float) -> None:
        state = self._states[loop.name]
        state.due = self._clock.now() + seconds
        state.wait_until = self._clock.monotonic() + seconds

    def _keep(self, loop: Loop, state: State) -> None:
        self._learner.keep_schedule(
            Due(
                loop.name,
                state.due,
                self.trusted,
                state.last_run,
                state.duration,
                state.failures,
                state.error,
            )
        )
