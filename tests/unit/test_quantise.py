"""The int8 space: the rotation is one, scores approach the float's, and the bits never change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.embed.quantise import Float32s, Rotation, Space, similarity_q20

DIMENSIONS = st.integers(1, 32).map(lambda n: 32 * n)
SEEDS = st.integers(0, 2**64 - 1)


def unit_vectors(count: int, dimension: int, seed: int) -> Float32s:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def fnv1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


@given(DIMENSIONS, SEEDS)
def test_the_rotation_is_orthogonal(dimension: int, seed: int) -> None:
    matrix = Rotation(seed, dimension).apply(np.eye(dimension, dtype=np.float32))
    assert np.abs(matrix.astype(np.float64) @ matrix.T - np.eye(dimension)).max() < 1e-6


def test_the_rotation_spreads_every_axis_over_all_numbers() -> None:
    matrix = Rotation(1, 384).apply(np.eye(384, dtype=np.float32))
    assert np.abs(matrix).max() < 0.3


@pytest.mark.parametrize(
    ("dimension", "seed", "row_hash", "scale_q30", "bias_q20"),
    [
        # native/tests/quantise_test.cpp has the same table.
        (32, 0, 0x7E3482B5C6D91609, 774934, -327),
        (96, 7, 0xBA21771A3B423794, 700086, -406),
        (384, 0x5EED, 0xEA62BFF70B8391E7, 776958, 638),
        (640, 2**64 - 1, 0x7E12D55D489F2A8B, 762676, -45),
        (1024, 1, 0x622F155822327E45, 709637, -604),
    ],
)
def test_the_bits_are_those_of_the_native_quantiser(
    dimension: int, seed: int, row_hash: int, scale_q30: int, bias_q20: int
) -> None:
    i = np.arange(dimension)
    mean = ((i * 13 % 29 - 14) / 2048).astype(np.float32)
    vector = ((i * 37 % 101 - 50) / 1024).astype(np.float32)
    got = Space(mean, seed).quantise(vector[None])
    assert fnv1a(got.rows[0].tobytes()) == row_hash
    assert (got.scale_q30[0], got.bias_q20[0]) == (scale_q30, bias_q20)


@given(st.sampled_from([32, 96, 384, 1024]), SEEDS)
def test_integer_scores_approach_the_cosine(dimension: int, seed: int) -> None:
    vectors = unit_vectors(20, dimension, seed % 1000)
    space = Space.fit(vectors[:15], seed)
    quantised = space.quantise(vectors)
    scores = similarity_q20(quantised, quantised) / 2**20
    constant = float(space.mean.astype(np.float64) @ space.mean)
    assert np.abs(scores - constant - vectors @ vectors.T).max() < 0.02


def test_rows_use_the_whole_range_and_never_its_odd_end() -> None:
    quantised = Space.fit(unit_vectors(50, 384, 1), 2).quantise(unit_vectors(50, 384, 3))
    assert (np.abs(quantised.rows.astype(np.int16)).max(axis=1) == 127).all()


def test_the_mean_itself_has_no_row_and_no_scale() -> None:
    mean = np.full(64, 0.125, np.float32)
    got = Space(mean, 1).quantise(mean[None])
    assert not got.rows.any()
    assert (got.scale_q30[0], got.bias_q20[0]) == (0, 2**20)


def test_an_item_alone_gets_the_bits_it_gets_among_others() -> None:
    vectors = unit_vectors(40, 384, 5)
    space = Space.fit(vectors, 6)
    together, alone = space.quantise(vectors), space.quantise(vectors[17:18])
    assert (together.rows[17] == alone.rows[0]).all()
    assert together.scale_q30[17] == alone.scale_q30[0]
    assert together.bias_q20[17] == alone.bias_q20[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30, 100.0])
def test_a_vector_that_is_not_finite_or_far_too_long_is_refused(bad: float) -> None:
    vectors = np.zeros((3, 64), np.float32)
    vectors[1, 5] = bad
    with pytest.raises(ValueError, match=r"not finite|much longer"):
        Space(np.zeros(64, np.float32), 1).quantise(vectors)


@pytest.mark.parametrize(("seed", "dimension"), [(0, 33), (0, 0), (0, 1056), (-1, 32), (2**64, 32)])
def test_an_impossible_space_is_refused(seed: int, dimension: int) -> None:
    with pytest.raises(ValueError, match=r"rotation seed|dimension"):
        Rotation(seed, dimension)
