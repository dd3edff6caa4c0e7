"""What a snapshot has of the blender: always that of the newest belief, as of the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tvbrain.learning.training import belief_of, faded, prior_of
from tvbrain.loops.blended import DAY, Blended
from tvbrain.pack import demo_pack_path
from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import blends, database
from tvbrain.store.blends import Blend
from tvbrain.types import TERMS

NOON = 20_000.5 * DAY
"""Of some day, seconds since the epoch."""


@pytest.fixture
def facts(tmp_path: Path) -> PackFacts:
    return PackFacts(demo_pack_path(), tmp_path / "packs")


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return database.open_database(tmp_path / "brain.db")


def trained(facts: PackFacts, first: float, days_ago: float) -> Blend:
    """A belief that is surer of its first weight than the prior, and moved it to `first`."""
    prior = prior_of(facts.weights_q12, facts.precisions)
    fresh = belief_of(None, prior)
    mean = (first, *fresh.mean[1:])
    triangle = [c / 2 for i, row in enumerate(fresh.covariance) for c in row[: i + 1]]
    around = (*prior.weights, *prior.sds)
    at = round((NOON - days_ago * DAY) * 1000)
    return Blend(len(TERMS), 3, 7, at, (*mean, *triangle), around)


def store(db: Database, blend: Blend, profile: int = 1) -> None:
    with db.atomic():
        blends.set_blend(db, profile, blend)


def first_weight(found: tuple[np.ndarray, np.ndarray]) -> int:
    return int(found[0]["weights_q12"][0][0])


def test_rows_asked_for_twice_are_those_of_one_who_never_asked_before(
    db: Database, facts: PackFacts
) -> None:
    store(db, trained(facts, 0.5, 100))
    kept = Blended(db)
    for now in (NOON, NOON + 3600, NOON + DAY, NOON + 30 * DAY, NOON):
        for mine, fresh in zip(kept.rows(facts, now), Blended(db).rows(facts, now), strict=True):
            assert mine.tobytes() == fresh.tobytes()


def test_training_shows_at_once(db: Database, facts: PackFacts) -> None:
    blended = Blended(db)
    store(db, trained(facts, 0.5, 1))
    before = first_weight(blended.rows(facts, NOON))
    store(db, trained(facts, 0.25, 1))
    assert first_weight(blended.rows(facts, NOON)) < before
    store(db, trained(facts, 0.25, 1), profile=2)
    assert blended.rows(facts, NOON)[0]["profile"].tolist() == [1, 2]


def test_what_was_learned_fades_from_day_to_day(db: Database, facts: PackFacts) -> None:
    blend = trained(facts, 0.5, 100)
    store(db, blend)
    blended = Blended(db)
    prior = prior_of(facts.weights_q12, facts.precisions)
    for days in (0, 1, 90):
        begun = (NOON + days * DAY) // DAY * DAY
        wanted = round(faded(blend, prior, begun).mean[0] * 4096)
        assert first_weight(blended.rows(facts, NOON + days * DAY)) == wanted
