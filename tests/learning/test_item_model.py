"""The item-side model against its definition, its budget, and what it must not depend on."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.learning import dense_model
from tests.pack.making import title
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.histories import Histories
from tvbrain.learning.item_model import pruned, room, train_weights
from tvbrain.learning.item_weights import BYTES_PER_TITLE, ItemWeights
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, write_pack

TITLES = 9
lives = st.lists(
    st.permutations(range(TITLES)).flatmap(lambda p: st.integers(0, TITLES).map(lambda n: p[:n])),
    max_size=12,
)


def _made_up(people: int, titles: int, seed: int, mean: int = 12) -> list[list[int]]:
    """Popular titles more often; within a person in random order."""
    random = np.random.default_rng(seed)
    odds = 1.0 / np.arange(1, titles + 1)
    lengths = np.minimum(random.poisson(mean, people), titles)
    return [random.choice(titles, n, replace=False, p=odds / odds.sum()).tolist() for n in lengths]


def _dense(weights: ItemWeights) -> NDArray[np.float32]:
    dense: NDArray[np.float32] = weights.to_csr().toarray()
    return dense


@given(lives, st.floats(0.5, 500), st.integers(1, TITLES), st.integers(1, 3))
def test_unpruned_weights_are_the_definition_to_half_a_level(
    people: list[list[int]], l2: float, hubs: int, least: int
) -> None:
    weights = train_weights(
        Histories.of(people, TITLES),
        l2=l2,
        top=TITLES,
        max_row=TITLES,
        min_support=least,
        hubs=hubs,
    )
    expected = dense_model.model(people, TITLES, l2, hubs, least)
    half = weights.scale[:, None] / 2
    assert (np.abs(_dense(weights) - expected) <= half * 1.01 + 1e-5).all()


@pytest.mark.parametrize("hubs", [15, 40])
def test_pruned_weights_are_the_definition_to_half_a_level(hubs: int) -> None:
    people = _made_up(80, 40, 4)
    weights = train_weights(Histories.of(people, 40), l2=20.0, top=6, max_row=40, hubs=hubs)
    expected = dense_model.pruned(dense_model.model(people, 40, 20.0, hubs), 6)
    assert (np.abs(_dense(weights) - expected) <= weights.scale[:, None] * 0.505 + 1e-5).all()


def test_the_kept_weights_are_the_strongest_that_lead_to_each_title() -> None:
    weights = np.array(
        [[0.1, -0.5, 0.3, 0.0], [0.0, 0.2, 0.0, 0.0], [0.4, 0.4, -0.4, 0.4]], np.float32
    )
    rows, columns, values = pruned(weights, 7, 2)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        (1, 7),
        (2, 7),
        (1, 8),
        (0, 9),
        (1, 9),
    ]
    assert np.sign(values).tolist() == [-1, 1, 1, 1, 1]


@given(st.integers(0, 99), st.integers(1, 30))
def test_a_pruned_column_keeps_its_norm(seed: int, top: int) -> None:
    full = np.random.default_rng(seed).normal(size=(5, 20)).astype(np.float32)
    _, columns, values = pruned(full, 0, top)
    for c in range(5):
        assert np.linalg.norm(values[columns == c]) == pytest.approx(
            np.linalg.norm(full[c]), rel=1e-5
        )


def test_what_is_watched_next_weighs_more_than_what_was_watched_before() -> None:
    people = [[0, 1]] * 8 + [[1, 0]] * 2
    w = _dense(train_weights(Histories.of(people, 2), l2=1.0))
    assert w[0, 1] > w[1, 0] > 0.3


def test_rows_are_watched_titles_and_columns_recommended_ones() -> None:
    # Everybody who watched 1 watched 0, but not the other way round.
    people = [[0, 1], [1, 0]] + [[0]] * 6
    w = _dense(train_weights(Histories.of(people, 2), l2=1.0))
    expected = dense_model.model(people, 2, 1.0)
    np.testing.assert_allclose([w[1, 0], w[0, 1]], [expected[1, 0], expected[0, 1]], rtol=0.01)
    assert expected[1, 0] != pytest.approx(expected[0, 1])


def test_titles_without_support_have_no_weights_but_lie_between_others() -> None:
    people = [[0, 2, 1], [0, 1]]
    weights = train_weights(Histories.of(people, 3), l2=1.0)
    assert weights.indptr.tolist() == [0, 1, 2, 2]
    assert weights.indices.tolist() == [1, 0]
    assert weights.scale[2] == 0.0
    near = _dense(train_weights(Histories.of([[0, 1], [0, 1]], 2), l2=1.0))
    assert 0 < _dense(weights)[0, 1] < near[0, 1]


@given(lives.flatmap(lambda people: st.tuples(st.just(people), st.permutations(people))))
def test_the_order_of_people_does_not_matter(pair: tuple[list[list[int]], list[list[int]]]) -> None:
    one, two = (_dense(train_weights(Histories.of(people, TITLES), l2=5.0)) for people in pair)
    assert one.tolist() == two.tolist()


def test_the_same_histories_give_the_same_bytes() -> None:
    people = _made_up(50, 40, 3)
    one, two = (train_weights(Histories.of(people, 40)) for _ in range(2))
    for field in ("indptr", "indices", "values", "scale"):
        np.testing.assert_array_equal(getattr(one, field), getattr(two, field))


@pytest.mark.parametrize("titles", [60, 200, 400])
def test_the_weights_in_a_pack_take_at_most_two_megabytes_for_ten_thousand_titles(
    titles: int, tmp_path: Path
) -> None:
    people = _made_up(600, titles, 5, mean=60)
    weights = train_weights(Histories.of(people, titles))
    assert np.count_nonzero(np.bincount(weights.indices, minlength=titles)) > 0.95 * titles
    named = [title(f"a:{at}", str(at)) for at in range(titles)]
    write_pack(tmp_path / "a.tvpack", Contents(named, "a", "1", 0, weights=weights))
    with PackFile(tmp_path / "a.tvpack") as pack:
        stored = sum(
            part.size for part in pack.sections() if part.kind in ("WIND", "WCOL", "WVAL", "WSCL")
        )
    assert stored <= titles * 2_000_000 / 10_000
    assert stored > 0.8 * titles * BYTES_PER_TITLE


@given(st.integers(1, 60_000), st.integers(0, 60_000))
def test_the_budget_gives_each_supported_title_the_same_room(titles: int, supported: int) -> None:
    supported = min(supported, titles)
    each = room(titles, supported)
    assert each >= 1
    assert (
        5 * each * supported + 4 * (titles + 1) + 4 * titles <= BYTES_PER_TITLE * titles
        or each == 1
    )
    assert 5 * (each + 1) * max(supported, 1) + 8 * titles + 4 > BYTES_PER_TITLE * titles


def test_a_large_catalogue_needs_no_square_matrix_of_its_titles() -> None:
    histories = Histories.of(_made_up(1500, 6000, 8, mean=60), 6000)
    supported = int((histories.support() >= 2).sum())
    tracemalloc.start()
    train_weights(histories, hubs=200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert supported > 5000
    assert peak < supported * supported * 4 / 2


def test_progress_runs_from_nothing_to_everything() -> None:
    seen: list[tuple[int, int]] = []
    train_weights(Histories.of(_made_up(40, 300, 6), 300), progress=lambda *at: seen.append(at))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] > 0
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1


def test_nobody_and_nothing() -> None:
    weights = train_weights(Histories.of([], 3))
    assert (weights.items, len(weights.values)) == (3, 0)
    assert train_weights(Histories.of([[], []], 0)).indptr.tolist() == [0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"l2": 0.0},
        {"top": 0},
        {"max_row": 0},
        {"min_support": 0},
        {"hubs": 0},
        {"l2": float("nan")},
    ],
)
def test_bounds(arguments: dict[str, float]) -> None:
    with pytest.raises(InvalidArgumentError):
        train_weights(Histories.of([[0, 1]], 2), **arguments)  # type: ignore[arg-type]
