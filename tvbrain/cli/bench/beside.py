"""The learner of a heavy day: a learning plane of this process, at the measuring program's time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tvbrain.brain.plane import LearningPlane
from tvbrain.clock import VirtualClock
from tvbrain.store import journal


class Beside:
    """Opened when it is first asked: then the data directory is there. `ran`: loops that had their time, by name."""

    def __init__(self, data: Path, pack: Path) -> None:
        self.ran: Counter[str] = Counter()
        self._data, self._pack = data, pack
        self._clock = VirtualClock(0.0)
        self._plane: LearningPlane | None = None

    def learn(self, at_ms: int) -> None:
        """It is this late now: do what is due."""
        if self._plane is None:
            self._clock = VirtualClock(at_ms / 1000)
            self._plane = LearningPlane(self._data, self._pack, self._clock, budgets=False)
        self._clock.advance(at_ms / 1000 - self._clock.now())
        self.ran.update(self._plane.step())

    def close(self) -> None:
        """Store what was consumed."""
        if self._plane is not None:
            self._plane.close()


def last_ms(data: Path) -> int:
    """The newest record's time in a journal, milliseconds since the epoch; 0 if it has none."""
    return max(
        (int(batch.events["at_ms"].max()) for batch in journal.read_after(data, 0, 0)), default=0
    )
