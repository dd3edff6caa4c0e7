"""Judges what the learning plane has counted, in brain.db, against the ledger.

Consuming is exactly once: at the stored sequence P the folds and the tallies hold every recorded
event up to P, once. Records that serving had to fold before the learner read them (the table `gap`)
are in the folds, by way of the checkpoint, and not in the tallies.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvbrain.health.drill.judge import LAST_HOST_KIND, State, compare, read_state
from tvbrain.health.drill.ledger import ACKNOWLEDGED, BEGUN, DURABLE_MS, Counters
from tvbrain.health.drill.stage import Stage

_TOUCH_AT = 16
_NO_SEQ = -1


@dataclass(frozen=True, slots=True)
class Learned:
    """What brain.db says."""

    journal_id: int
    seq: int
    touch: dict[int, int]  # by profile
    tally: dict[tuple[int, int], int]  # by profile and kind
    gaps: int


def read_database(data: Path) -> Learned | str:
    """From a copy of brain.db and its log, as after a crash; a text if it is damaged."""
    with tempfile.TemporaryDirectory(prefix="tvbrain-drill-") as folder:
        for name in ("brain.db", "brain.db-wal"):
            if (data / name).is_file():
                shutil.copyfile(data / name, Path(folder, name))
        if not Path(folder, "brain.db").is_file():
            return Learned(0, 0, {}, {}, 0)
        try:
            with closing(sqlite3.connect(Path(folder, "brain.db"))) as database:
                return _read(database)
        except sqlite3.DatabaseError as error:
            return f"brain.db: {error}"


def _read(database: sqlite3.Connection) -> Learned | str:
    (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        return f"brain.db: {verdict}"
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master").fetchall()}
    if not {"consumption", "fold", "tally", "gap"} <= tables:
        return Learned(0, 0, {}, {}, 0)  # killed before its first migration was committed
    journal_id, seq = database.execute("SELECT journal_id, seq FROM consumption").fetchone()
    folds = database.execute("SELECT profile, state FROM fold").fetchall()
    tallies = database.execute("SELECT profile, kind, n FROM tally").fetchall()
    (gaps,) = database.execute("SELECT count(*) FROM gap").fetchone()
    return Learned(
        journal_id % 2**64,
        seq,
        {profile: struct.unpack_from("<I", state, _TOUCH_AT)[0] for profile, state in folds},
        {(profile, kind): n for profile, kind, n in tallies},
        gaps,
    )


class LearnerJudge:
    """Judges the learner of one stage again and again. The learner must be dead, the host may run."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._ledger = stage, stage.ledger
        self._known = Learned(0, 0, {}, {}, 0)
        self._upto = 0  # counters from here on are new
        self._open: Counters = np.zeros(0, dtype=np.int64)  # begun, and not known to be recorded
        shape = (stage.ledger.viewers + 1, max(DURABLE_MS) + 1)
        self._recorded = np.zeros(shape, dtype=np.int64)  # by profile and kind
        self._doubtful = np.zeros(shape, dtype=np.int64)  # begun, and nobody knows any more

    def judge(self) -> list[str]:
        """What the learner has lost, doubled or damaged."""
        learned = read_database(self._stage.data)
        if isinstance(learned, str):
            return [learned]
        end = self._ledger.get("next")
        states = self._ledger.states(0, end)
        state = read_state(
            self._stage.tools,
            self._stage.data,
            self._stage.pack,
            self._ledger.items,
            self._known.seq,
        )
        if isinstance(state, str):
            return [f"does not open: {state}"]
        wrong = self._position(learned, state)
        counters = np.concatenate([self._open, np.arange(self._upto, end, dtype=np.int64)])
        there = _sequences(counters, state) != _NO_SEQ
        recorded = there | (states[counters] == ACKNOWLEDGED)
        self._recorded += self._table(counters[recorded])
        begun = ~recorded & (states[counters] == BEGUN)
        # One that was in doubt before is out of the journal by now, or was never in it.
        self._doubtful += self._table(counters[begun & (counters < self._upto)])
        self._open = counters[begun & (counters >= self._upto)]
        doubtful = self._doubtful + self._table(self._open)
        wrong += self._counts(learned, state, doubtful, end)
        self._upto, self._known = end, learned
        return wrong

    def _table(self, counters: Counters) -> Counters:
        """How many of these events each profile and kind has."""
        events = self._ledger.stream(counters)
        table = np.zeros_like(self._recorded)
        np.add.at(table, (events.profile, events.kind), 1)
        return table

    def _position(self, learned: Learned, state: State) -> list[str]:
        wrong = []
        if learned.seq < self._known.seq:
            wrong.append(f"the learner is back at {learned.seq} from {self._known.seq}")
        if learned.journal_id not in (0, state["journal_id"]):
            wrong.append("the learner has consumed another journal")
        newest = max(state["last_seq"], state["checkpoint_seq"])
        if learned.seq > newest:
            wrong.append(f"the learner is at {learned.seq}, the journal at {newest}")
        for name in ("floor", "learned_seq"):
            if state[name] > learned.seq:
                wrong.append(f"{name} is {state[name]}, and brain.db only at {learned.seq}")
        return wrong

    def _counts(self, learned: Learned, state: State, doubtful: Counters, end: int) -> list[str]:
        """At position P: everything recorded but what stands in the journal after P."""
        later = np.array(
            [e[3] for e in state["events"] if e[1] <= LAST_HOST_KIND and e[0] > learned.seq],
            dtype=np.int64,
        )
        low = self._recorded - self._table(later[later < end])  # the host may have gone on since
        high = low + doubtful
        # Serving has dropped records that were not yet read: their fold comes with the next reading.
        behind = state["checkpoint_seq"] > learned.seq
        wrong = []
        for profile in range(1, self._ledger.viewers + 1):
            least = self._known.touch.get(profile, 0) if behind else int(low[profile].sum())
            have = learned.touch.get(profile, 0)
            what = f"learned records of profile {profile}"
            wrong += compare(what, have, least, int(high[profile].sum()))
            for kind in DURABLE_MS:
                before = self._known.tally.get((profile, kind), 0)
                least = before if behind or learned.gaps else int(low[profile, kind])
                have = learned.tally.get((profile, kind), 0)
                what = f"tally of profile {profile}, kind {kind}"
                wrong += compare(what, have, least, int(high[profile, kind]))
        return wrong

    def caught_up(self) -> bool:
        """Whether the newest snapshot knows the whole journal."""
        state = read_state(
            self._stage.tools, self._stage.data, self._stage.pack, self._ledger.items, 2**62
        )
        return not isinstance(state, str) and state["learned_seq"] >= state["last_seq"]


def _sequences(counters: Counters, state: State) -> Counters:
    """Where each event stands in the journal, _NO_SEQ where it does not."""
    found = np.array(
        [(event[3], event[0]) for event in state["events"] if event[1] <= LAST_HOST_KIND],
        dtype=np.int64,
    ).reshape(-1, 2)
    found = found[np.argsort(found[:, 0])]
    at = np.searchsorted(found[:, 0], counters)
    at = np.minimum(at, max(0, len(found) - 1))
    if len(found) == 0:
        return np.full(len(counters), _NO_SEQ, dtype=np.int64)
    return np.where(found[at, 0] == counters, found[at, 1], _NO_SEQ)
