"""The learning plane of one data directory: the lock, the learner, the loops, and at most one thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tvbrain.brain.last_good import shown_beside
from tvbrain.clock import Clock, cpu_seconds
from tvbrain.errors import (
    CorruptFileError,
    DataDirectoryError,
    ForkedError,
    MissingFileError,
    PermissionRefusedError,
    StorageError,
    TvbrainError,
)
from tvbrain.loops.engine import Engine
from tvbrain.loops.last_good import AskSlates
from tvbrain.loops.learner import Learner
from tvbrain.loops.publisher import Slates
from tvbrain.loops.report import LoopHealth, report
from tvbrain.pack.facts import PackFacts
from tvbrain.store import blends, consumption, database, recovery, syncing
from tvbrain.store.backups import Backup
from tvbrain.store.consumption import Gap
from tvbrain.store.journal import folder_of
from tvbrain.store.native import FolderWatch, LearningLock, give_back_memory

HINT_PLAYBACK, HINT_TIME_TRUSTED = 1, 3
"""TVB_HINT_* that learning heeds."""

COALESCE = 0.1
"""Seconds that the thread lets pass after it was woken: the reflexive loop's period."""

LONGEST_SLEEP = 3600.0
NICE = 10


@dataclass(frozen=True, slots=True)
class BlenderHealth:
    """One profile's blender: `updates` showings went in, in `version` trainings, the last of something shown at
    `trained`, seconds since the epoch; `waiting` showings whose outcome is not known or not learned yet.
    """

    profile: int
    version: int
    updates: int
    trained: float
    waiting: int


@dataclass(frozen=True, slots=True)
class LearningHealth:
    """`journal_id` and `seq`: learned up to here; `waiting` records seen after it. `generation` of the
    newest snapshot. `fault`: why nothing is learned, empty if all is well.
    """

    journal_id: int
    seq: int
    waiting: int
    generation: int
    erasure_epoch: int
    gaps: tuple[Gap, ...]
    loops: tuple[LoopHealth, ...]
    playing: bool
    clock_trusted: bool
    blenders: tuple[BlenderHealth, ...] = ()
    fault: str = ""

    @property
    def stuck(self) -> bool:
        """Whether the loop that consumes and publishes fails."""
        return any(loop.name == "adaptive" and loop.failures > 0 for loop in self.loops)


class LearningPlane:
    """Holds `learning.lock` from the constructor to `close`. Methods may be called from any thread, and are
    ForkedError in a child of the process.
    """

    def __init__(
        self,
        data_dir: Path,
        pack: Path,
        clock: Clock,
        *,
        clock_trusted: bool = True,
        log: Callable[[str], None] = lambda text: None,
        slates: AskSlates | None = None,
        heard: Callable[[float], object] = lambda at: None,
        since: int = 0,
        budgets: bool = True,
    ) -> None:
        """`heard` is called with the newest event's time, `slates` and `log` are as of Learner; without `slates` the
        files are asked, as they are served. `since`: the journal's last record when this process began to serve; what
        another hinted at before is over (nothing plays after a power cut). `budgets`: loops keep to their CPU budgets
        (not on a clock that stands still meanwhile).

        BusyError, NoLocksError, and what a factory pack that cannot be used raises. A damaged
        brain.db is no error here: `fault` says so, and `recover` begins a new one.
        """
        self.fault = ""
        self._dir, self._pack, self._clock = data_dir, pack, clock
        self._trusted, self._log = clock_trusted, log
        self._slates = self._beside if slates is None else slates
        self._heard, self._since = heard, since
        self._process = os.getpid()
        self._cpu = cpu_seconds if budgets else lambda: 0.0
        self._mutex = threading.RLock()
        self._stopping = self._closed = False
        self._pause = threading.Event()
        """Set at the end: nobody rests any more."""
        self._thread: threading.Thread | None = None
        self._facts: tuple[_Files, PackFacts] | None = None
        self._learner: Learner | None = None
        self._engine: Engine | None = None
        with ExitStack() as opening:
            _make_folder(data_dir)
            self._lock = LearningLock(data_dir)
            opening.callback(self._lock.release)
            self.facts()
            _make_folder(folder_of(data_dir))
            self.watch = FolderWatch(folder_of(data_dir))
            opening.callback(self.watch.close)
            self._open()
            opening.pop_all()

    def _open(self) -> None:
        try:
            self._learner = Learner(
                self._dir, self.facts, self._clock, report=self._log, slates=self._slates
            )
        except CorruptFileError as error:
            self.fault = str(error)
            self._log(f"nothing is learned: {error}")
            return
        self._learner.follower.hints_after = self._since
        self._learner.hear()
        self._heard(self._learner.follower.last_at)
        self._engine = Engine(
            self._learner,
            self._clock,
            trusted=self._trusted,
            cpu=self._cpu,
            listen=self._listen,
        )
        self.fault = ""

    def _beside(self, known: Collection[int]) -> Slates:
        try:
            return shown_beside(self._dir, self._pack, self._clock, known)
        except TvbrainError as error:  # a snapshot without last good slates is worth more than none
            self._log(f"the snapshot has no last good slates: {error}")
            return {}

    def facts(self) -> PackFacts:
        """The packs in use now: opened again only when one of their files is another."""
        files = _files(self._pack, self._dir / "packs")
        if self._facts is None or self._facts[0] != files:
            self._facts = files, PackFacts(self._pack, self._dir / "packs")
        return self._facts[1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread at a time."""
        self._check_process()  # before the lock: another thread of the parent may have held it
        with self._mutex:
            yield

    def _check_process(self) -> None:
        """ForkedError in a child: what is open here is the parent's database."""
        if os.getpid() != self._process:
            raise ForkedError(f"{self._dir} was opened in process {self._process}, before fork()")

    def step(self, *, hurry: bool = False) -> list[str]:
        """Hear what is new and run what is due; the names of the loops that ran."""
        with self._alone():
            engine, learner = self._engine, self._learner
            if engine is None or learner is None:
                return []
            self._hear(engine, learner)
            ran = engine.run_due(hurry=hurry)
            if any(loop.persisted for loop in engine.loops if loop.name in ran):
                learner.give_back()
                give_back_memory()
            return ran

    def _listen(self) -> None:
        """Between two slices of a loop's work."""
        if self._engine is not None and self._learner is not None:
            self._hear(self._engine, self._learner)

    def _hear(self, engine: Engine, learner: Learner) -> None:
        """What is new in the journal, and what the host hinted at there."""
        try:
            learner.hear()
        except TvbrainError as error:  # a loop that reads will fail and be tried again
            self._log(f"the journal cannot be read: {error}")
        self._heard(learner.follower.last_at)
        hints = learner.follower.hints
        if HINT_PLAYBACK in hints:
            engine.playing = bool(hints[HINT_PLAYBACK])
        if HINT_TIME_TRUSTED in hints:
            self._trusted = bool(hints[HINT_TIME_TRUSTED])
            engine.set_trusted(self._trusted)
        hints.clear()

    def next_wait(self) -> float:
        """Seconds until something is due if nothing happens before."""
        with self._alone():
            wait = LONGEST_SLEEP if self._engine is None else self._engine.next_wait()
        return min(wait, LONGEST_SLEEP)

    def sleep(self) -> None:
        """Until the journal grows, a loop is due, or `watch.wake` is called."""
        self.watch.wait(self.next_wait())

    def rest(self) -> None:
        """Let what comes in the next moment come before it is looked at together."""
        self._pause.wait(COALESCE)

    def start(self) -> None:
        """Run the loops on a thread of low priority until `close`."""
        self._thread = threading.Thread(target=self._live, name="tvbrain-loops", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while not self._stopping:
            self.step()
            self.rest()
            if not self._stopping:
                self.sleep()

    def recover(self) -> str:
        """Put a damaged brain.db aside; go on from the newest sound backup, the newest snapshot and the journal.

        What was done and what is lost, or "" if the database is sound.
        """
        with self._alone():
            self._check_open()
            if self._learner is not None:
                try:
                    database.check(self._learner.db, self._learner.path)
                except CorruptFileError as error:
                    self.fault = str(error)
                    self._learner.close()
                    self._learner = self._engine = None
            if self._learner is not None:
                return ""
            kept = database.set_aside(self._dir / database.FILE, "damaged")
            backup = recovery.restore(self._dir)
            self._open()
            return f"{kept} was damaged; {self._from_where(backup)}"

    def _from_where(self, backup: Backup | None) -> str:
        """After `recover`: what learning goes on from, and what it will never know."""
        if self._learner is None:
            return f"nothing is learned: {self.fault}"
        lost = consumption.gaps(self._learner.db)
        text = "learning goes on from the newest snapshot"
        if backup is not None:
            text = f"learning goes on from {backup.path.name}, and from the journal after it"
        if lost and lost[-1].last == self._learner.consumer.position.seq:
            gap = lost[-1]
            text += f"; of records {gap.first} to {gap.last} the folded histories alone are left"
        return text

    def trouble(self) -> str:
        """Why nothing is learned, or which loops fail; empty if all is well."""
        with self._alone():
            if self._engine is None:
                return self.fault
            failing = ((loop.name, self._engine.state(loop.name)) for loop in self._engine.loops)
            return "; ".join(f"loop {name}: {one.error}" for name, one in failing if one.error)

    def health(self) -> LearningHealth:
        with self._alone():
            self._check_open()
            if self._learner is None or self._engine is None:
                return LearningHealth(0, 0, 0, 0, 0, (), (), False, self._trusted, fault=self.fault)
            where = self._learner.consumer.position
            return LearningHealth(
                where.journal_id,
                where.seq,
                self._learner.waiting(),
                self._learner.publisher.generation,
                where.erasure_epoch,
                tuple(consumption.gaps(self._learner.db)),
                report(self._engine),
                self._engine.playing,
                self._engine.trusted,
                _blenders(self._learner),
            )

    @property
    def enrolled(self) -> bool:
        """Whether this set belongs to a constellation; False while brain.db is damaged."""
        with self._alone():
            return self._learner is not None and syncing.enrolled(self._learner.db) is not None

    def publish(self) -> None:
        """A new snapshot of what was learned, at once: after something came from elsewhere."""
        with self.looking() as learner:
            learner.unpublished = True
            learner.publish(self._clock.now())

    @contextmanager
    def looking(self) -> Iterator[Learner]:
        """The learner, standing still. CorruptFileError while brain.db is damaged, DataDirectoryError once closed."""
        with self._alone():
            self._check_open()
            if self._learner is None:
                raise CorruptFileError(self.fault)
            yield self._learner

    def close(self) -> None:
        """Stop the thread, store what was consumed, let the directory go. A second call does nothing."""
        if self._stopping:
            return
        self._check_process()
        self._stopping = True
        if self._engine is not None:
            self._engine.stop()
        self._pause.set()
        self.watch.wake()
        if self._thread is not None:
            self._thread.join()
        with ExitStack() as closing:
            closing.callback(self._lock.release)
            closing.callback(self.watch.close)
            closing.callback(self._let_go)
            if self._learner is not None:
                closing.callback(self._learner.close)
                self._learner.consume()

    def _let_go(self) -> None:
        """What was learned from is no longer held, in cycles, until the collector comes."""
        with self._mutex:
            self._learner = self._engine = self._facts = None
            self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise DataDirectoryError(f"{self._dir}: learning is closed")


def _blenders(learner: Learner) -> tuple[BlenderHealth, ...]:
    stored, waiting = blends.blends(learner.db), blends.waiting(learner.db)
    found = []
    for profile in sorted({*stored, *waiting}):
        one = stored.get(profile, blends.NOTHING)
        of = (one.version, one.updates, one.trained_ms / 1000)
        found.append(BlenderHealth(profile, *of, waiting.get(profile, 0)))
    return tuple(found)


_Files = list[tuple[str, int, int, int]]
"""Name, inode, size and time of change, of each file."""


def _files(factory: Path, folder: Path) -> _Files:
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        (str(path), at.st_ino, at.st_size, at.st_mtime_ns)
        for path in (factory, *names)
        if path.exists() and (at := path.stat())
    ]


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError as error:
        raise MissingFileError(f"{path.parent}: no such folder") from error
    except PermissionError as error:
        raise PermissionRefusedError(f"{path}: {error.strerror}") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
