"""A household lives through its steps on a real brain, and the oracles with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.oracle.ranking.terms import genre_hash
from tests.properties.believed import Believed, Places, believe
from tests.properties.lives import Ask, Forget, Learn, Life, Observe, Reopen, Step, Teach, Wait
from tests.properties.worlds import NOW, World, vectors, write
from tvbrain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import InvalidArgumentError
from tvbrain.pack.native import key_of
from tvbrain.store import snapshot
from tvbrain.types import Profile, SlateItem

SEED = 7


@dataclass(frozen=True)
class Shown:
    """Rows of one answer, as impressions of it would name them."""

    slate_id: int
    rows: dict[int, tuple[SlateItem, ...]]

    def places(self) -> Places:
        return {row: [key_of(item.item) for item in items] for row, items in self.rows.items()}


class Household:
    """Owns the folder's brain. `ask` answers and judges a question: see tests.properties.asking."""

    def __init__(
        self, world: World, folder: Path, ask: Callable[[Household, Ask], list[Shown]]
    ) -> None:
        self.world, self.folder = world, folder
        self.factory = write(world, folder)
        self.clock = VirtualClock(NOW)
        self._ask = ask
        self.brain = self._open()
        self.believed: Believed = believe(world, folder, [])

    def _open(self) -> Brain:
        return Brain.open(self.folder / "data", pack=self.factory, clock=self.clock, seed=SEED)

    @property
    def snapshots(self) -> Path:
        return self.folder / "data" / "snapshot"

    def close(self) -> None:
        self.brain.close()

    def live(self, life: Life) -> None:
        self.move_in(life.profiles)
        for step in (*life.steps, *life.last):
            self.take(step)

    def move_in(self, profiles: tuple[Profile, ...]) -> None:
        for number, wanted in enumerate(profiles, start=1):
            name = f"person {number}"
            if number == 1:
                self.brain.update_profile(
                    1,
                    max_age=wanted.max_age,
                    region=wanted.region,
                    entitlements=wanted.entitlements,
                )
            else:
                created = self.brain.create_profile(
                    name,
                    max_age=wanted.max_age,
                    region=wanted.region,
                    entitlements=wanted.entitlements,
                )
                assert created.id == number
            self.believed.profiles[number] = replace(wanted, id=number)

    def take(self, step: Step) -> None:
        if isinstance(step, Observe):
            self._observe(step)
        elif isinstance(step, Ask):
            for shown in self._ask(self, step):
                self.believed.shown.appendleft((shown.slate_id, shown.places()))
        elif isinstance(step, Learn):
            self.learn()
        elif isinstance(step, Reopen):
            self.reopen()
        elif isinstance(step, Teach):
            self.teach(step)
        elif isinstance(step, Forget):
            self.forget(step)
        elif isinstance(step, Wait):
            self.clock.advance(step.seconds)

    def _observe(self, step: Observe) -> None:
        event = step.event
        if step.shown is not None and len(self.believed.shown) >= step.shown:
            event = replace(event, slate_id=self.believed.shown[step.shown - 1][0])
        if self.believed.observe(event, self.clock.now()):
            self.brain.observe(event)
        else:
            with pytest.raises(InvalidArgumentError):
                self.brain.observe(event)

    def forget(self, what: Forget) -> None:
        pending = self.brain.forget(
            item=what.item or None, profile=what.profile or None, everything=what.profile == 0
        )
        assert pending
        self.believed.forget(what.profile, what.item)

    def learn(self) -> None:
        self.brain.learn_now()
        self.believed.take_snapshot(self.snapshots)
        known = snapshot.generations(self.snapshots) if self.snapshots.is_dir() else ()
        served = self.brain.health().serving["snapshot_generation"]
        assert served == max(known, default=0)

    def reopen(self) -> None:
        self.brain.close()
        self.brain = self._open()
        self.believed.shown.clear()
        self.believed.take_snapshot(self.snapshots)

    def teach(self, what: Teach) -> None:
        """Publish what the newest snapshot folded with other things learned, and open on it."""
        self.learn()
        self.brain.close()
        newest = snapshot.load(self.snapshots).snapshot if self.snapshots.is_dir() else None
        if newest is not None:
            snapshot.publish(self.snapshots, self.taught(what, newest))
        self.brain = self._open()
        self.believed.shown.clear()
        self.believed.take_snapshot(self.snapshots)

    def _with_patterns(self, what: Teach, taught: snapshot.Snapshot) -> snapshot.Snapshot:
        asked = vectors(self.world, [one[-1] for one in what.patterns])
        rows = np.zeros(len(what.patterns), snapshot.PATTERN)
        numbers = np.zeros((len(rows), snapshot.stride_of(self.world.dimension)), np.int8)
        numbers[:, : self.world.dimension] = asked.rows
        for at, (profile, dayparts, weekdays, weight, _) in enumerate(what.patterns):
            rows[at]["id"], rows[at]["profile"] = at + 1, profile
            rows[at]["dayparts"], rows[at]["weekdays"] = dayparts, weekdays
            rows[at]["weight_q12"] = weight
            rows[at]["scale_q30"], rows[at]["bias_q20"] = asked.scale_q30[at], asked.bias_q20[at]
        return replace(
            taught,
            space_id=self.believed.stack.space_id,
            dimension=self.world.dimension,
            patterns=rows,
            pattern_rows=numbers,
        )

    def taught(self, what: Teach, newest: snapshot.Snapshot) -> snapshot.Snapshot:
        people = sorted(self.believed.profiles)
        affinities = np.zeros(len(people) * len(what.affinities), snapshot.AFFINITY)
        rows = [(who, *one) for who in people for one in what.affinities]
        for at, (who, part, q12, genre) in enumerate(rows):
            affinities[at] = (who, part, q12, genre_hash(genre))
        channels = np.zeros(len(people) * len(what.channels), snapshot.CHANNEL)
        for at, (who, part, q12, name) in enumerate(
            (who, *one) for who in people for one in what.channels
        ):
            channels[at] = (who, part, q12, genre_hash(name))
        row_use = np.zeros(len(people) * len(what.row_use), snapshot.ROW_USE)
        for at, used in enumerate((who, *one) for who in people for one in what.row_use):
            row_use[at] = used
        weights = np.zeros(int(what.weights is not None), snapshot.WEIGHTS)
        if what.weights is not None:
            weights["profile"] = 0 if what.of_all else people[-1]
            weights["weights_q12"] = what.weights
        taught = snapshot.Snapshot(
            generation=newest.generation + 1,
            journal_id=newest.journal_id,
            learned_seq=newest.learned_seq,
            created_ms=newest.created_ms,
            erasure_epoch=newest.erasure_epoch,
            diversity_q12=what.diversity,
            folds=newest.folds,
            affinities=affinities,
            row_use=row_use,
            channels=channels,
            weights=weights,
        )
        if self.world.space is None or not (what.interests or what.patterns):
            return taught
        taught = self._with_patterns(what, taught)
        if not what.interests:
            return taught
        stride, count = snapshot.stride_of(self.world.dimension), len(what.interests)
        asked = vectors(self.world, what.interests)
        interests = np.zeros(len(people) * count, snapshot.INTEREST)
        numbers = np.zeros((len(interests), stride), np.int8)
        for at, who in enumerate(people):
            own = slice(at * count, (at + 1) * count)
            interests["profile"][own] = who
            interests["scale_q30"][own] = asked.scale_q30
            interests["bias_q20"][own] = asked.bias_q20
            numbers[own, : self.world.dimension] = asked.rows
        return replace(
            taught,
            space_id=self.believed.stack.space_id,
            dimension=self.world.dimension,
            interests=interests,
            interest_rows=numbers,
        )
