"""What a life of years has to show: loops that ran as often as their rule says, and sizes that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from tvbrain.simulation.changes import FOLLOWED, false_alarms, seen
from tvbrain.simulation.diary import Entry
from tvbrain.simulation.rules.household import CHANGES
from tvbrain.simulation.run import DAYS_A_YEAR, Report

MOST_DATABASE = 32 << 20
MOST_GROWTH = 0.05
"""Of resident memory, from the second year to the last."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A bar: what was found, what it must be at most (exactly; at least, of a change), and whether it is."""

    name: str
    found: float
    bar: float
    kept: bool


def findings(report: Report) -> list[Finding]:
    """Of a whole life; memory only where it has more than two years."""
    found = [
        Finding(f"runs of {name}", report.runs[name], due, report.runs[name] == due)
        for name, due in report.due.items()
    ]
    largest = max(entry.database for entry in report.entries)
    found.append(Finding("largest database, B", largest, MOST_DATABASE, largest <= MOST_DATABASE))
    growth = grown(report.entries, report.days)
    if growth is not None:
        kept = abs(growth) <= MOST_GROWTH
        found.append(Finding("memory, last year beside the second", growth, MOST_GROWTH, kept))
    return found + changes_seen(report)


def changes_seen(report: Report) -> list[Finding]:
    """Of the planted changes in this life: seen by the next yearly run, and recommended for in two weeks; and no other
    year is said to be of another taste.
    """
    found = []
    for one in seen(report, CHANGES):
        gained = one.after - one.before
        name = f"{one.change}, more of a slate after two weeks"
        found.append(Finding(name, gained, FOLLOWED, gained >= FOLLOWED))
        if one.epoch is not None:
            name = f"{one.change}, seen by the next yearly run"
            found.append(Finding(name, float(one.epoch), 1.0, one.epoch))
    alarms = false_alarms(report, CHANGES)
    return [*found, Finding("epochs of another taste without a change", alarms, 0, alarms == 0)]


def grown(entries: Sequence[Entry], days: int) -> float | None:
    """By which share the mean resident memory of the last year is above that of the second; None in short lives."""
    if days <= 2 * DAYS_A_YEAR:
        return None
    second = [e.resident for e in entries if DAYS_A_YEAR < e.day <= 2 * DAYS_A_YEAR]
    last = [e.resident for e in entries if e.day > days - DAYS_A_YEAR]
    return mean(last) / mean(second) - 1
