"""What noise leaves of a fleet's release, by its size."""

from __future__ import annotations

import pytest

pytest.importorskip(
    "dp_accounting", reason="needs dp-accounting: pip install -e '.[constellation]'"
)

from tests.fleet.test_judge import made_up
from tvbrain.fleet.noise import Crowd


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(made_up()[0], seed=1, weeks=6)


def test_a_fleet_that_is_too_small_for_its_noise_has_nothing_to_release(crowd: Crowd) -> None:
    found = crowd.release(500, 1.0)
    assert found.couples == 0
    assert not found.ndcg.any()


def test_a_large_fleet_releases_with_noise_what_it_would_without(crowd: Crowd) -> None:
    plain, noisy = crowd.release(1_000_000, None), crowd.release(1_000_000, 4.0)
    assert noisy.couples == pytest.approx(plain.couples, rel=0.2)
    assert noisy.ndcg.mean() == pytest.approx(plain.ndcg.mean(), abs=0.05)


def test_the_ledger_finds_less_than_the_formula_promises_up_to_an_epsilon_of_one(
    crowd: Crowd,
) -> None:
    found = crowd.release(500, 1.0)
    assert found.by_formula == 1.0
    assert 0.5 < found.by_ledger < 1.0
    assert (crowd.release(500, None).by_ledger, crowd.release(500, None).multiplier) == (0.0, 0.0)
