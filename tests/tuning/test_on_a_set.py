"""The tuning on a set: impressions through the journal, a review by the evolutionary loop, weights in the slate."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.learner.viewing import open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.loops import tuner
from tvbrain.loops.likeness import likeness
from tvbrain.pack.native import key_of
from tvbrain.sqlite import Database, connect
from tvbrain.store import schema, snapshot, tunings
from tvbrain.store.tunings import Judged, Used
from tvbrain.store.u64 import signed
from tvbrain.tuning.review import ADOPTED, ROLLED_BACK
from tvbrain.tuning.space import NEUTRAL, stepped

DAY = 86_400.0
START = 1_700_506_800.0
SHOWN = 10


def live(brain: Brain, clock: VirtualClock, days: int) -> None:
    """Somebody who plays, of what is shown, what is most like what was watched."""
    draw = Random(1)
    for _ in range(days):
        for _ in range(7):
            slate = brain.recommend(ViewContext(k=SHOWN, screen_token=draw.getrandbits(60)))
            brain.observe(
                ViewingEvent(
                    kind="impression",
                    item=slate[0].item,
                    slate_id=slate.slate_id,
                    row=0,
                    slot=0,
                    slot_count=len(slate),
                )
            )
            middle = sorted(entry.terms["text"] for entry in slate)[len(slate) // 2]
            for entry in slate:
                if draw.random() < (0.4 if entry.terms["text"] > middle else 0.04):
                    brain.observe(ViewingEvent(kind="play_start", item=entry.item))
            clock.advance(2400)
            brain.run_due()
        clock.advance(DAY - 7 * 2400)
        brain.run_due()


@pytest.fixture
def db(tmp_path: Path) -> Database:
    found = connect(tmp_path / "brain.db")
    schema.migrations.apply(found)
    return found


def test_a_household_that_plays_what_a_term_speaks_for_is_ranked_by_another_configuration(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(START)
    with open_brain(tmp_path, clock) as brain:
        for entry in brain.recommend(ViewContext(k=6)):
            brain.observe(ViewingEvent(kind="complete", item=entry.item, watched=1.0))
        live(brain, clock, 36)
        exported = brain.export()
    found = exported["configurations"]
    assert isinstance(found, list)
    assert found
    assert found[0]["why"] == "adopted"
    assert found[0]["gain"] > 4 * found[0]["error"]
    answered = exported["answered"]
    assert isinstance(answered, list)
    assert len(answered) > 500


def test_a_new_configuration_changes_what_a_slate_is_scored_by(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    with open_brain(tmp_path, clock) as brain:
        item = brain.recommend(ViewContext(k=1))[0].item
        brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0))
        brain.learn_now()
        shown = brain.recommend(ViewContext(k=5))[-1].item
        before = brain.explain(shown).terms["era"]
        with brain._learning().looking() as learner, learner.transaction():
            tunings.use(learner.db, Used({"era": 2}, 1, None, ADOPTED, 0.1, 0.01))
        brain.observe(ViewingEvent(kind="wake"))
        brain.learn_now()
        assert before > 0
        assert brain.explain(shown).terms["era"] == pytest.approx(before * 1.5**2, rel=0.02)


def test_what_was_rolled_back_and_what_is_on_trial_is_read_from_the_history(db: Database) -> None:
    day = tuner.DAY_MS
    tunings.use(db, Used({"era": 1}, 10 * day, None, ADOPTED, 0.1, 0.01))
    first = tuner.standing(db, 12 * day)
    assert (first.current, first.since, first.previous) == (stepped(NEUTRAL, "era", 1), 10, NEUTRAL)
    tunings.use(db, Used({}, 20 * day, None, ROLLED_BACK, -0.1, 0.01))
    back = tuner.standing(db, 21 * day)
    assert (back.current, back.previous) == (NEUTRAL, None)
    assert back.refused == ((stepped(NEUTRAL, "era", 1), 20),)
    assert tuner.standing(db, 300 * day).refused == ()


def test_an_erasure_takes_the_log_and_the_configurations_that_rest_on_it(db: Database) -> None:
    for profile in (1, 2):
        tunings.keep(db, [Judged(profile, 7, 5, 0, 0, 0, True, (1,) * 12)])
    tunings.use(db, Used({"era": 1}, 10, None, ADOPTED, 0.1, 0.01))
    tunings.reset(db, 1)
    assert [one.profile for one in tunings.judged(db, 0)] == [2]
    assert tunings.used(db) == []


def test_the_log_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunings, "MOST", 10)
    tunings.keep(db, [Judged(1, 7, at, 0, 0, 0, False, ()) for at in range(50)])
    assert [one.at_ms for one in tunings.judged(db, 0)] == list(range(40, 50))


def test_another_diversity_reaches_the_slates_and_a_likeness_is_told_place_by_place(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(START)
    with open_brain(tmp_path, clock) as brain:
        liked = brain.recommend(ViewContext(k=8))
        for entry in liked:
            brain.observe(ViewingEvent(kind="complete", item=entry.item, watched=1.0))
        brain.learn_now()
        before = [one.item for one in brain.recommend(ViewContext(k=20))]
        with brain._learning().looking() as learner, learner.transaction():
            tunings.use(learner.db, Used({"diversity": 1}, 1, None, ADOPTED, 0.1, 0.01))
        brain.observe(ViewingEvent(kind="wake"))
        brain.learn_now()
        after = [one.item for one in brain.recommend(ViewContext(k=20))]
        newest = snapshot.load(tmp_path / "tv" / "snapshot").snapshot
        assert newest is not None
        assert newest.diversity_q12 == 4 * snapshot.default_diversity()
        facts = brain._learning().facts()

        def shown(items: list[str]) -> NDArray[np.void]:
            fields = [(name, "<i8") for name in ("profile", "at_ms", "row", "place", "item")]
            keys = [signed(key_of(item)) for item in items]
            return np.array([(1, 5, 0, place, key) for place, key in enumerate(keys)], fields)

        assert before != after
        assert likeness(shown(after), facts).sum() < likeness(shown(before), facts).sum()
        twice = likeness(shown([before[0], before[1], before[0]]), facts)
        assert twice[0] == 0.0
        assert twice[2] == pytest.approx(1.0, abs=0.02)
