"""What one set, or a few, can do to what is released."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale import scaled
from tvbrain.constellation import privacy, staleness
from tvbrain.constellation.errors import BudgetSpentError
from tvbrain.constellation.privacy import Influence
from tvbrain.constellation.records import Counts, Dense
from tvbrain.constellation.trimmed import released, trimmed_mean
from tvbrain.errors import InvalidArgumentError

pytest.importorskip(
    "dp_accounting", reason="needs dp-accounting: pip install -e '.[constellation]'"
)

_NUMBERS = st.floats(-1, 1)


@given(
    honest=st.lists(_NUMBERS, min_size=9, max_size=30),
    hostile=st.floats(-1e9, 1e9),
    seed=st.integers(0, 9),
)
def test_fewer_hostile_groups_than_are_trimmed_cannot_leave_what_honest_ones_say(
    honest: list[float], hostile: float, seed: int
) -> None:
    groups = np.array([*honest, hostile])[:, None]
    np.random.default_rng(seed).shuffle(groups)
    assert min(honest) - 1e-12 <= trimmed_mean(groups)[0] <= max(honest) + 1e-12


@given(st.lists(_NUMBERS, min_size=1, max_size=40))
def test_the_trimmed_mean_is_that_of_the_middle(values: list[float]) -> None:
    cut = max(1, round(len(values) * 0.1)) if len(values) >= 3 else 0
    middle = sorted(values)[cut : len(values) - cut]
    assert trimmed_mean(np.array(values)[:, None])[0] == pytest.approx(sum(middle) / len(middle))


def test_a_statistic_of_few_groups_is_not_released() -> None:
    def said(key: str, group: int, value: int) -> Dense:
        return Dense("north", "blender", key, group, 2, np.array([2 * value], np.int64))

    addends = [said("many", group, value) for group, value in enumerate((1, 5, 90))]
    addends += [said("few", group, 7) for group in range(2)]
    found = released(addends, minimum=3)
    assert {key: mean.tolist() for key, mean in found.items()} == {"many": [5.0]}


def test_late_contributions_count_less_and_never_more_than_the_newest() -> None:
    assert [staleness.weight(behind) for behind in (-2, 0, 3, 8)] == [
        staleness.ONE,
        staleness.ONE,
        staleness.ONE // 2,
        round(staleness.ONE / 3),
    ]


def test_the_ledgers_figure_is_that_of_the_closed_formula_within_its_bound() -> None:
    """Of one Gaussian release: between the exact epsilon and the classical bound sqrt(2 ln(1.25 / delta)) / z."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    delta, multiplier = privacy.DELTA / 2, 8.0

    def loss(epsilon: float) -> float:
        shift = epsilon * multiplier
        below = norm.cdf(0.5 / multiplier - shift)
        above = norm.cdf(-0.5 / multiplier - shift)
        return float(below - np.exp(epsilon) * above - delta)

    exact = brentq(loss, 1e-6, 10.0)
    classical = np.sqrt(2 * np.log(1.25 / delta)) / multiplier
    assert exact <= privacy.spent([{privacy.NOISE: multiplier}]) <= classical


def test_releases_compose_as_their_variances_do() -> None:
    four = privacy.spent([{privacy.NOISE: 8.0}] * 4)
    assert four == pytest.approx(privacy.spent([{privacy.NOISE: 4.0}]), rel=1e-9)
    assert privacy.spent([{}, {}]) == 0.0


def test_a_release_past_the_budget_is_refused() -> None:
    before: list[dict[str, float]] = []
    while privacy.spent([*before, {privacy.NOISE: 8.0}]) <= 2.0:
        before.append(dict(privacy.charge(2.0, before, 8.0)))
    assert len(before) > 3
    with pytest.raises(BudgetSpentError, match="the budget is 2"):
        privacy.charge(2.0, before, 8.0)


@pytest.mark.parametrize(("budget", "noise"), [(0.0, 1.0), (1.0, 0.0), (1.0, float("nan"))])
def test_a_budget_and_a_noise_that_protect_nobody_are_refused(budget: float, noise: float) -> None:
    with pytest.raises(InvalidArgumentError):
        privacy.charge(budget, [], noise)


def counts(*values: int) -> Counts:
    cells = np.arange(len(values), dtype=np.int64)
    return Counts(cells, np.array(values, np.int64), np.array(values, np.int64))


def test_what_one_set_alone_said_is_not_released_under_a_budget() -> None:
    influence = Influence(cells=200)
    alone = counts(*[1] * scaled(200_000))
    random = np.random.default_rng(1)
    assert len(privacy.noisy(alone, influence, 1.0, random).cells) == 0


def test_the_noise_of_what_is_released_has_the_deviation_that_was_charged() -> None:
    influence, random = Influence(cells=50, cap=2), np.random.default_rng(2)
    assert influence.sensitivity == 10.0
    found = privacy.noisy(counts(*[10_000] * 4000), influence, 3.0, random)
    assert len(found.cells) == 4000
    for values, deviation in ((found.contributors, 30.0), (found.counts, 60.0)):
        assert np.std(values) == pytest.approx(deviation, rel=0.05)
        assert np.mean(values) == pytest.approx(10_000, abs=4.0)
