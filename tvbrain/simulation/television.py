"""The set of the simulated household: a data directory, a Brain on it, a clock that may be wrong, power that may go.

Between what people do, the set does what `tvbrain.brain`'s own thread does: it sleeps until something is due, and runs
it. So loops run when they would on a real set; only the waiting is left out.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.simulation.timetable import Timetable
from tvbrain.store import journal

SHORTEST_WAIT = 0.1
"""Seconds that pass at least between two looks at what is due: the thread's own pause."""

BOOTED = 30.0
"""Seconds since 1970 that a set without a clock shows when the brain is opened."""

OFFSET_MIN = 60


class Television:
    """`now`: the time outside, seconds since the epoch, whatever the set believes."""

    def __init__(self, folder: Path, pack: Path, start: float, seed: int) -> None:
        self.now = start
        self.events = 0
        self.opened = 0
        self._folder, self._pack, self._seed = folder, pack, seed
        self._trusted, self._playing = True, False
        self.timetable = Timetable()
        self._open(start)

    def _open(self, wall: float) -> None:
        self.clock = VirtualClock(wall)
        self.brain = Brain.open(
            self._folder,
            pack=self._pack,
            clock=self.clock,
            clock_trusted=self._trusted,
            seed=self._seed,
        )
        self.opened += 1
        device = journal.info(self._folder).journal_id
        self.timetable.opened(self.clock.monotonic(), self.clock.now(), self._trusted, device)

    def tell(self, event: ViewingEvent) -> None:
        """Observe, at the set's own time."""
        self.brain.observe(event)
        self.events += 1

    def playing(self, playing: bool) -> None:
        """Hint that something plays, or no longer does."""
        self.brain.hint("playback", int(playing))
        self._playing = playing

    def look(self) -> None:
        """Run what is due now."""
        self.timetable.look(self.clock.monotonic(), self.clock.now(), self._trusted, self._playing)
        self.brain.run_due()

    def pass_time(self, seconds: float) -> None:
        """Awake: what falls due on the way is run."""
        until = self.now + seconds
        while (wait := max(self.brain.next_wait(), SHORTEST_WAIT)) < until - self.now:
            self._advance(wait)
            self.look()
        self._advance(until - self.now)

    def sleep(self, seconds: float) -> None:
        """In standby nothing runs; `wake` looks at what has fallen due."""
        self._advance(seconds)

    def _advance(self, seconds: float) -> None:
        self.now += seconds
        self.clock.advance(seconds)

    def set_clock(self, wrong_by: float) -> None:
        """Somebody, or the network, sets the wall clock; 0 sets it right."""
        self.clock.set_now(self.now + wrong_by)
        if not self._trusted:
            self._trusted = True
            self.brain.hint("time_trusted", 1)
        self.look()

    def cut_power(self, seconds: float, *, blind: bool) -> None:
        """The process dies where it stands, and the set starts anew on the files as they were at that moment."""
        image = self._folder.with_name(self._folder.name + ".cut")
        shutil.copytree(self._folder, image)
        self.brain.close()
        shutil.rmtree(self._folder)
        image.rename(self._folder)
        self.now += seconds
        wall = BOOTED if blind else self.clock.now() + seconds
        self._trusted, self._playing = not blind, False
        self._open(wall)
        self.playing(False)
        self.look()

    @property
    def trusted(self) -> bool:
        """Whether the set knows the time."""
        return self._trusted

    def ran(self) -> dict[str, int]:
        """Finished runs by loop, as the brain says; of the two shortest since it was opened."""
        learning = self.brain.health().learning
        return {} if learning is None else {loop.name: loop.runs for loop in learning.loops}

    def close(self) -> None:
        """Store what was consumed."""
        self.brain.close()
