"""The judge: compares a data directory with the ledger, event by event.

Every acknowledged event must be in the folded live state exactly once (`touch` counts a profile's
records, `plays` an item's starts) and, while its segment exists, in the journal exactly once. An
event that was begun and not acknowledged may be there or not, but not twice. The live state is read
as an opening would make it: snapshot or checkpoint plus the journal's tail.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from tvbrain.health.drill.ledger import (
    ACKNOWLEDGED,
    BEGUN,
    DURABLE_MS,
    PLAY_START,
    REFUSED,
    Ledger,
)
from tvbrain.health.drill.stage import Stage, Tools

State = dict[str, Any]
LAST_HOST_KIND = 21
FAULT_PROFILES_LOST = 1


def read_state(tools: Tools, data: Path, pack: Path, items: int, after: int) -> State | str:
    """What the directory holds; a text if it cannot even be opened."""
    words = [str(tools.state), str(data), str(pack), str(items), str(after)]
    ran = subprocess.run(words, capture_output=True, check=False)
    if ran.returncode != 0:
        return f"exit code {ran.returncode}: {ran.stderr.decode(errors='replace').strip()}"
    state: State = json.loads(ran.stdout)
    return state


class Judge:
    """Judges one stage again and again, each time what has come since.

    With `refusals` events may be refused, as on a full disk. What is refused is not recorded, but
    for kinds that sync at once: there the record may stand although it is not safe yet.
    """

    def __init__(self, stage: Stage, *, refusals: bool = False) -> None:
        self._stage, self._ledger, self._refusals = stage, stage.ledger, refusals
        self.upto = 0  # counters below are judged
        self._last_seq = 0
        self._journal_id = 0
        self._touch = np.zeros(stage.ledger.viewers + 1, dtype=np.int64)
        self._plays = np.zeros((stage.ledger.viewers + 1, stage.ledger.items), dtype=np.int64)
        self.acknowledged = self.refused = 0

    def judge(self) -> list[str]:
        """What is lost, doubled or otherwise wrong now; nothing may be running that writes."""
        ledger = self._ledger
        state = read_state(
            self._stage.tools, self._stage.data, self._stage.pack, ledger.items, self._last_seq
        )
        if isinstance(state, str):
            return [f"does not open: {state}"]
        wrong = self._journal(state)
        wrong += self._events(state)
        wrong += profile_faults(state, ledger)
        if ledger.get("slate_faults"):
            wrong.append(f"the host could not recommend: {ledger.error}")
        self._last_seq = max(self._last_seq, state["last_seq"])
        return wrong

    def _journal(self, state: State) -> list[str]:
        wrong = []
        if not state["ordered"]:
            wrong.append("the journal's sequence does not increase")
        if state["set_aside"]:
            wrong.append(f"segments set aside: {state['set_aside']}")
        if self._journal_id not in (0, state["journal_id"]):
            wrong.append("the journal's id has changed")
        # Everything that has records may be checkpointed and deleted, if writing fails meanwhile.
        newest = max(state["last_seq"], state["checkpoint_seq"])
        if newest < self._last_seq:
            wrong.append(f"the journal ends at {newest}, before {self._last_seq}")
        if state["learned_seq"] > newest:
            wrong.append(f"learned {state['learned_seq']} of {newest} events")
        self._journal_id = state["journal_id"] or self._journal_id
        return wrong

    def _events(self, state: State) -> list[str]:
        ledger = self._ledger
        end = ledger.get("next")
        states = ledger.states(self.upto, end)
        counters = np.arange(self.upto, self.upto + len(states), dtype=np.int64)
        acknowledged, begun, refused = states == ACKNOWLEDGED, states == BEGUN, states >= REFUSED
        self.acknowledged += int(acknowledged.sum())
        self.refused += int(refused.sum())
        if self._refusals:
            kinds = ledger.stream(counters).kind
            begun = begun | (
                refused & np.isin(kinds, [k for k, ms in DURABLE_MS.items() if not ms])
            )
        found = np.array(
            [event[3] for event in state["events"] if event[1] <= LAST_HOST_KIND], dtype=np.int64
        )
        wrong = []
        unique, times = np.unique(found, return_counts=True)
        if (times > 1).any():
            wrong.append(f"twice in the journal: events {some(unique[times > 1])}")
        in_journal = np.isin(counters, unique)
        invented = unique[~np.isin(unique, counters[acknowledged | begun])]
        if len(invented):
            wrong.append(f"in the journal, but refused or never observed: {some(invented)}")
        whole = state["first_seq"] <= self._last_seq + 1
        lost = counters[acknowledged & ~in_journal]
        if whole and len(lost):
            wrong.append(f"acknowledged, and not in the journal: events {some(lost)}")
        sure = acknowledged | (begun & in_journal)
        unknown = begun & ~in_journal if not whole else np.zeros_like(begun)
        wrong += self._folds(state, counters, sure, unknown)
        if refused.any() and not self._refusals:
            wrong.append(f"refused: {some(counters[refused])}: {ledger.error}")
        self.upto = end
        return wrong

    def _folds(self, state: State, counters: Any, sure: Any, unknown: Any) -> list[str]:
        """Compare the live state's counts with those of the last time plus what has come since."""
        wrong = []
        events = self._ledger.stream(counters)
        for profile in range(1, self._ledger.viewers + 1):
            live = state["live"].get(str(profile), {"touch": 0, "plays": [0] * self._ledger.items})
            mine = events.profile == profile
            low = int(self._touch[profile] + (mine & sure).sum())
            high = low + int((mine & unknown).sum())
            wrong += compare(f"records of profile {profile}", live["touch"], low, high)
            plays = np.array(live["plays"], dtype=np.int64)
            started = mine & (events.kind == PLAY_START)
            lows = self._plays[profile] + np.bincount(
                events.item[started & sure], minlength=self._ledger.items
            )
            highs = lows + np.bincount(events.item[started & unknown], minlength=self._ledger.items)
            for item in np.flatnonzero((plays < lows) | (plays > highs))[:3]:
                what = f"plays of drill:{item} by profile {profile}"
                wrong += compare(what, int(plays[item]), int(lows[item]), int(highs[item]))
            self._touch[profile], self._plays[profile] = live["touch"], plays
        return wrong


def profile_faults(state: State, ledger: Ledger) -> list[str]:
    """The profile change that was acknowledged last must be in force, or the one begun after it."""
    wrong = []
    if state["faults"] & FAULT_PROFILES_LOST:
        wrong.append(f"profiles lost: {state['detail']}")
    done, begun = ledger.get("change_done"), ledger.get("change_begun")
    name, max_age = state["profiles"].get("2", ["", 0])
    allowed = [(f"viewer-{n}", n % 19) for n in range(max(done, 1), begun + 1)]
    if done == 0:
        allowed += [("viewer 2", 18), ("", 0)]
    if (name, max_age) not in allowed:
        wrong.append(f"profile 2 is {name!r} up to {max_age}, not as changed {done} times")
    return wrong


def compare(what: str, have: int, low: int, high: int) -> list[str]:
    if low <= have <= high:
        return []
    verb = "lost" if have < low else "doubled"
    return [f"{verb}: {what}: {have}, and should be {low}" + (f" to {high}" if high > low else "")]


def some(counters: Any) -> str:
    """A few of them, and how many there are."""
    shown = ", ".join(str(int(c)) for c in counters[:5])
    return shown if len(counters) <= 5 else f"{shown} and {len(counters) - 5} more"
