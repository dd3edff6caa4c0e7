"""How the fleet's weights are judged: as protocol (a) judges, and where a title stands."""

from __future__ import annotations

import numpy as np
import pytest

from tests.learning import protocol_a
from tvbrain.fleet.judge import Judge, present
from tvbrain.learning.histories import Histories
from tvbrain.learning.item_model import train_weights
from tvbrain.quality.split import Person, Split, Watch


def made_up(seed: int = 3, titles: int = 60) -> tuple[Split, list[protocol_a.Person]]:
    random = np.random.default_rng(seed)
    odds = 1.0 / np.arange(1, titles + 1)
    odds /= odds.sum()
    rows = [random.choice(titles, 15, replace=False, p=odds).tolist() for _ in range(60)]
    people, peers = [], []
    for number, row in enumerate(rows[40:]):
        stars = random.choice([3.5, 4.0, 4.5, 5.0], 12)
        history = tuple(
            Watch(title, at, float(s))
            for at, (title, s) in enumerate(zip(row, stars, strict=False))
        )
        people.append(Person(number, history, (), frozenset(row[12:])))
        liking = ((stars - 3) / 2).astype(np.float32)
        peers.append(protocol_a.Person(np.array(row[:12]), liking, frozenset(row[12:])))
    return Split("made up", Histories.of(rows[:40], titles), tuple(people)), peers


def test_ndcg_is_that_of_protocol_a() -> None:
    split, peers = made_up()
    weights = train_weights(split.histories)
    judge = Judge.of(split)
    found = judge.ndcg(judge.by_weights(weights))
    since = np.arange(12)[::-1]
    decay = 0.85 * 2.0 ** (-since / 5) + 0.15 * 2.0 ** (-since / 100)
    matrix = weights.to_csr()
    expected = [
        protocol_a.ndcg(
            np.asarray(matrix[one.history].T @ (one.liking * decay), np.float32).ravel(), one
        )
        for one in peers
    ]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)
    assert np.mean(expected) > 0.05


def test_a_title_that_nothing_leads_to_stands_behind_all_others() -> None:
    split, _ = made_up()
    judge = Judge.of(split)
    scores = np.zeros((20, 60), np.float32)
    scores[:, 5], scores[:, 6] = 2.0, 1.0
    assert set(judge.places(scores, 5).tolist()) == {1}
    assert set(judge.places(scores, 6).tolist()) == {2}
    assert set(judge.places(scores, 9).tolist()) == {60}
    assert not present(judge.places(scores, 9)).any()
