"""What health says of the loops."""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.loops.engine import Engine


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """One loop. `next_due` is in seconds from now, None for loops that wait for events; `overdue` by
    how many seconds its time has passed; `held`: until playback ends. `runs` it finished;
    `at`: where the job under way goes on, None if none is. `slowest` slice of the last job and `budget` of a turn, in
    seconds of a processor.
    """

    name: str
    period: float
    does: str
    last_run: float | None
    duration: float | None
    next_due: float | None
    overdue: float
    failures: int
    error: str | None
    held: bool
    runs: int
    at: str | None
    slowest: float
    budget: float


def report(engine: Engine) -> tuple[LoopHealth, ...]:
    """All loops in the order of the table."""
    rows = []
    for loop in engine.loops:
        state, wait = engine.state(loop.name), engine.wait(loop)
        rows.append(
            LoopHealth(
                loop.name,
                loop.period,
                loop.does,
                state.last_run,
                state.duration,
                max(wait, 0.0) if loop.persisted else None,
                max(-wait, 0.0) if loop.persisted else 0.0,
                state.failures,
                state.error,
                engine.held(loop),
                state.runs,
                state.cursor,
                state.slowest,
                loop.budget,
            )
        )
    return tuple(rows)
