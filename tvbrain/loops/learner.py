"""What the loops work on: the learning plane of one data directory, without any notion of when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tvbrain.clock import Clock
from tvbrain.errors import NewerFormatError
from tvbrain.learning import training
from tvbrain.learning.effects import Outcome, add
from tvbrain.learning.passing import passed_over
from tvbrain.learning.training import Trained, prior_of
from tvbrain.loops import erasing, tuner
from tvbrain.loops.last_good import AskSlates, LastGood
from tvbrain.loops.publisher import KEPT, MOST_PATTERNS, Publisher
from tvbrain.loops.tasting import Taste, Tastes
from tvbrain.memory.consolidation import consolidate
from tvbrain.memory.consumer import MOST, Consumer
from tvbrain.memory.follower import Follower
from tvbrain.memory.showings import WINDOW_MS
from tvbrain.memory.sittings import SILENCE_MS
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.sqlite import causes_named
from tvbrain.store import (
    backups,
    blends,
    consumption,
    database,
    edges,
    erased,
    patterns,
    schedule,
    tastes,
)
from tvbrain.store.consumption import Position
from tvbrain.store.edges import Edge
from tvbrain.store.schedule import Due
from tvbrain.store.together import Together
from tvbrain.store.tunings import Used


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was shown to a profile and is answered: what the blender makes of it, and the edges that it changes."""

    trained: Trained
    edges: Sequence[Edge]


def _answered_ms(now: float) -> int:
    """Whatever was shown before is played or passed over by now."""
    return round(now * 1000) - WINDOW_MS


class Learner:
    """Holds brain.db, the position in the journal and the sessions. One thread at a time.

    Its owner holds the learning lock. Errors are those of the files it touches; each method leaves
    what is stored whole.
    """

    def __init__(
        self,
        data_dir: Path,
        facts: Callable[[], PackFacts],
        clock: Clock,
        *,
        report: Callable[[str], None] = lambda text: None,
        slates: AskSlates = lambda known: {},
    ) -> None:
        """`facts` opens the packs in use; `slates` is asked what serving would show now, for the snapshot.

        CorruptFileError, and the other errors of open_database. A database that a newer brain wrote
        (the firmware was rolled back) is kept under another name and a new one is begun.
        """
        self.report = report
        self._clock = clock
        self._dir = data_dir
        self.path = data_dir / database.FILE
        self.facts = facts
        self._last_good = LastGood(slates)
        try:
            self.db = database.open_database(self.path)
        except NewerFormatError as error:
            report(f"{error}; kept as {database.set_aside(self.path, 'newer')}")
            self.db = database.open_database(self.path)
        with causes_named(self.path):
            self._refuse_erased(data_dir)
            self.consumer = Consumer(self.db, data_dir, clock)
            self._erased = erased.read(data_dir / erased.BY_LEARNING)
            where = self.consumer.position
            self.follower = Follower(data_dir, where.journal_id, where.seq)
            self.publisher = Publisher(self.db, data_dir)
            self._tastes = Tastes(self.db)
            self._oldest_shown_ms = blends.oldest_ms(self.db)
            self._together = Together(self.db, self.path)
            self._lost = 0
            self._active = patterns.active(self.db, MOST_PATTERNS)
        self.unpublished = not self.publisher.holds(where)
        """Whether the tables know more than the newest snapshot."""
        if self.unpublished:  # a learner died, or was closed, between the two
            self.consumer.touched |= set(tastes.profiles(self.db))
        self.heard = False
        """Whether something was heard that no loop has looked at."""
        self.awaited = self.unpublished and self.publisher.found is None
        """Whether serving waits for a snapshot: it can read none, or other patterns rest than the newest leaves out."""

    def _refuse_erased(self, data_dir: Path) -> None:
        """A database of before an erasure that is complete was put there by hand: it knows what is forgotten."""
        where = consumption.position(self.db)
        if where == Position() or where.erasure_epoch >= erased.complete_epoch(data_dir):
            return
        self.report(f"{self.path} is of erasure epoch {where.erasure_epoch}: it is not used")
        self.db.close()
        database.remove(self.path)
        self.db = database.open_database(self.path)

    def close(self) -> None:
        """Close the database; nothing is learned any more."""
        self.db.close()

    # What the loops' triggers ask

    def hear(self) -> None:
        """Read what is new; nothing is written. Triggers are asked afterwards and read nothing."""
        self.heard = self.follower.follow() > 0 or self.heard

    def waiting(self) -> int:
        """Records heard that are not learned yet; gaps in the sequence count."""
        where = self.consumer.position
        learned = where.seq if where.journal_id == self.follower.journal_id else 0
        return max(self.follower.seq - learned, 0)

    @property
    def answered(self) -> bool:
        """Whether something was shown long enough ago for its outcome to be learned."""
        oldest = self._oldest_shown_ms
        return oldest is not None and oldest + WINDOW_MS <= self._clock.now() * 1000

    @property
    def erasing(self) -> bool:
        """Whether something was erased that the newest snapshot may still hold."""
        unheeded = self.follower.erase_seq > self.consumer.position.seq
        return unheeded or self.unclean or (self.unpublished and self.follower.erase_seq > 0)

    @property
    def unclean(self) -> bool:
        """Whether files of the learning plane may still hold what was erased."""
        where, done = self.consumer.position, self._erased
        upto = done.seq if done.journal_id == where.journal_id else 0
        return self.consumer.erase_seq > upto or where.erasure_epoch > done.epoch

    @property
    def can_wait(self) -> bool:
        """Whether a title plays and nothing else was said since the tables were written: nobody looks at a slate, and
        what was shown is better understood when the title has ended.
        """
        heard, learned = self.follower, self.consumer.position
        since = learned.seq if learned.journal_id == heard.journal_id else 0
        silence = abs(self._clock.now() - heard.last_at)
        return heard.playing and heard.said_seq <= since and silence * 1000 < SILENCE_MS

    # What the loops do

    def react(self) -> None:
        """What was heard of titles is in the sittings."""
        for sitting in self.follower.sessions.values():
            sitting.react()
        self.heard = False

    def look(self) -> None:
        """What was shown is in the sittings; a pattern that one passes over rests until another begins."""
        self.follower.browsed = False
        genres_of = self._genres_now()
        for profile, sitting in self.follower.sessions.items():
            sitting.look()
            resting = passed_over(
                [
                    one
                    for one in self._active
                    if one.profile == profile and one.at(sitting.daypart, sitting.weekday)
                ],
                shown=sitting.shown,
                played=sitting.played,
                places=sitting.places,
                genres_of=genres_of,
            )
            if resting != sitting.resting:
                sitting.resting = resting
                self.awaited = self.unpublished = True

    def _genres_now(self) -> Callable[[Sequence[int]], list[tuple[str, ...]]]:
        """Genres of titles by the packs in use at the first question, which are looked for then alone."""
        facts = cache(self.facts)
        return lambda keys: facts().find(keys)[1]

    @property
    def resting(self) -> frozenset[int]:
        """Patterns, by id, that the sittings going on have passed over."""
        return frozenset().union(*(one.resting for one in self.follower.sessions.values()))

    def consume(self, most: int = MOST) -> int:
        """What was acknowledged so far goes into the tables, in at most so many transactions; how many records."""
        with self._together.around():
            count = self.consumer.consume(most)
            if count:
                self._oldest_shown_ms = blends.oldest_ms(self.db)
        self.unpublished = self.unpublished or count > 0
        self.hear()  # what was consumed may be more than was heard
        return count

    def people(self) -> list[int]:
        """Profiles of whom anything is known, ascending."""
        with causes_named(self.path):
            return tastes.profiles(self.db)

    def taste(self, profile: int) -> Taste:
        """Preferences and interests as the memories have them now; nothing is written."""
        with causes_named(self.path):
            return self._tastes.of(self.consumer.fold, self.facts(), profile)

    def set_taste(self, profile: int, taste: Taste) -> None:
        """Inside a transaction."""
        tastes.set_preferences(self.db, profile, taste.preferences)
        tastes.set_interests(self.db, profile, taste.interests)

    def to_train(self, now: float) -> list[int]:
        """Profiles to whom something was shown long enough ago to be known as played or passed over, ascending."""
        with causes_named(self.path):
            return blends.due(self.db, _answered_ms(now))

    def train(self, profile: int, now: float) -> Lesson:
        """What the blender learns from what was shown to one profile; nothing is written."""
        facts = self.facts()
        prior = prior_of(facts.weights_q12, facts.precisions)

        def slots(keys: Sequence[int]) -> list[int | None]:
            found, _ = facts.find(keys)
            return [None if slot == NO_SLOT else slot for slot in found]

        with causes_named(self.path):
            trained = training.train(self.db, profile, prior, slots, _answered_ms(now))
            known = edges.edges(self.db, profile)
        _, genres = facts.find([one.item for one, _ in trained.seen])
        outcomes = (
            Outcome(one.at_ms, one.daypart, names, one.propensity_q16, played)
            for (one, played), names in zip(trained.seen, genres, strict=True)
        )
        return Lesson(trained, add(profile, known, outcomes))

    def set_trained(self, profile: int, lesson: Lesson) -> None:
        """Inside a transaction."""
        training.keep(self.db, profile, lesson.trained)
        edges.set_edges(self.db, profile, lesson.edges)
        self._oldest_shown_ms = blends.oldest_ms(self.db)
        self.unpublished = self.unpublished or lesson.trained.blend is not None

    def review(self, now: float) -> Used | None:
        """The configuration of the ranking that is to be used from now on, None for that in use; nothing is written."""
        with causes_named(self.path):
            return tuner.reviewed(self.db, self.facts(), now)

    def set_configuration(self, new: Used | None, now: float) -> None:
        """Inside a transaction."""
        tuner.keep(self.db, new, now)
        self.unpublished = self.unpublished or new is not None

    def publish(self, now: float) -> None:
        """A new snapshot, if something was learned since the last."""
        where = self.consumer.position
        if not self.unpublished or not where.journal_id:
            return
        self.settle()
        with causes_named(self.path):
            self._publish(now)
            self._active = patterns.active(self.db, MOST_PATTERNS)
        self.unpublished = self.awaited = False

    def _publish(self, now: float) -> None:
        facts = self.facts()
        slates = self._last_good.slates(self.consumer.states, facts, now)
        self.publisher.publish(self.consumer, facts, now, slates, self.resting)

    def back_up(self, now: float) -> None:
        """At most monthly."""
        if backups.is_due(self._dir, now):
            self.settle()
            with causes_named(self.path):
                backups.make(self.db, self._dir, now)

    def clean(self, now: float) -> None:
        """After an erasure: every file of the learning plane is made anew, and the serving plane is told."""
        self.settle()
        folder, where = self.publisher.folder, self.consumer.position
        self._tastes.clear()
        self._last_good.clear()
        with causes_named(self.path):
            for _ in range(KEPT):
                if erasing.is_behind(folder, where, self.consumer.erase_seq):
                    self._publish(now)
            erasing.clean_files(self.db, self._dir, now)
        erasing.say(self._dir, where)
        self._erased = erased.read(self._dir / erased.BY_LEARNING)

    def consolidate(self, now: float) -> None:
        """Apply the table of tiers. Inside a transaction; tastes are to be made anew afterwards."""
        moved = consolidate(self.db, now)
        self.unpublished = self.unpublished or moved > 0

    def upkeep(self) -> None:
        """Let SQLite look after its indexes, and empty its log."""
        self.settle()
        with causes_named(self.path):
            # Not `PRAGMA optimize`: what it looks at depends on what this connection happened to ask before.
            self.db.execute("PRAGMA analysis_limit = 1000")
            self.db.execute("ANALYZE")
            database.checkpoint(self.db)

    def give_back(self) -> None:
        """Pages of the database that were read for a run, which the next one reads again."""
        with causes_named(self.path):
            self.db.execute("PRAGMA shrink_memory")

    # When

    def schedule(self) -> dict[str, Due]:
        with causes_named(self.path):
            return schedule.schedule(self.db)

    def keep_schedule(self, due: Due) -> None:
        with self.transaction():
            schedule.set_due(self.db, due)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is committed together, or none of it; may be nested."""
        with self._together.transaction():
            yield

    def together(self) -> AbstractContextManager[None]:
        """Transactions inside are committed at its end, or before a file is written that follows from them.

        If the power goes before, what they did is done again.
        """
        return self._together.hold()

    def settle(self) -> None:
        """What was written so far is committed: a file that follows from it may be written."""
        self._together.settle()

    def found_lost(self) -> bool:
        """Whether transactions that were to be committed together are gone, since this was asked: then all is as it was
        before them, and so are the position and the fold.
        """
        lost, self._lost = self._together.lost != self._lost, self._together.lost
        if lost:
            with causes_named(self.path):
                self.consumer.reload()
                self._oldest_shown_ms = blends.oldest_ms(self.db)
            self.unpublished = True
        return lost

    @property
    def device(self) -> int:
        """What tells this set's schedule from another's: the journal's id, 0 before there is one."""
        return self.consumer.position.journal_id or self.follower.journal_id
