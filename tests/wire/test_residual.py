"""Few bits a number, and no bias: many sets' roundings average to the number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale import scaled
from tvbrain.wire import residual
from tvbrain.wire.residual import BITS, EIGHT_BIT, FOUR_BIT, TWO_BIT, Residual

SEEDS = st.integers(0, 2**32 - 1)


def some(seed: int, dimension: int = 384) -> np.ndarray:
    rest = np.random.default_rng(seed).normal(0, 0.04, dimension)
    return rest.astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@given(SEEDS, st.sampled_from(sorted(BITS)), st.sampled_from((32, 64, 384)))
def test_it_takes_as_many_bits_as_its_name_says_and_is_valid(
    seed: int, quantiser: int, dimension: int
) -> None:
    made = residual.quantise(some(seed, dimension), quantiser, np.random.default_rng(seed))
    assert len(made.data) == dimension * BITS[quantiser] // 8
    assert residual.is_valid(made, quantiser)
    assert residual.dequantise(made, quantiser, dimension).shape == (dimension,)


@pytest.mark.parametrize(
    ("quantiser", "least"), [(TWO_BIT, 0.75), (FOUR_BIT, 0.97), (EIGHT_BIT, 0.999)]
)
def test_one_rounding_keeps_the_direction(quantiser: int, least: float) -> None:
    for seed in range(scaled(200)):
        rest = some(seed)
        made = residual.quantise(rest, quantiser, np.random.default_rng(seed))
        assert cosine(residual.dequantise(made, quantiser, 384), rest) > least


@pytest.mark.parametrize("quantiser", sorted(BITS))
def test_many_roundings_average_to_the_number_within_the_range(quantiser: int) -> None:
    rest = np.clip(some(1), -0.07, 0.07)
    random = np.random.default_rng(2)
    total = np.zeros(384)
    for _ in range(1000):
        made = residual.quantise(rest, quantiser, random)
        total += residual.dequantise(made, quantiser, 384)
    step = made.step / residual.STEP_ONE
    assert np.abs(total / 1000 - rest).max() <= 4.5 * 0.5 * step / 1000**0.5 + 1e-6


def test_nothing_left_is_nothing() -> None:
    made = residual.quantise(np.zeros(32, np.float32), TWO_BIT, np.random.default_rng(0))
    assert made == Residual(0, bytes(8))
    assert not residual.dequantise(made, TWO_BIT, 32).any()


def test_what_nobody_writes_is_not_valid() -> None:
    assert not residual.is_valid(Residual(0, b"\1" + bytes(7)), TWO_BIT)
    assert not residual.is_valid(Residual(1, b"\x80" * 32), EIGHT_BIT)
    assert residual.is_valid(Residual(1, b"\x80" * 8), TWO_BIT)
