from __future__ import annotations

import pytest

from tests.scale import scale, scaled


@pytest.mark.parametrize(
    ("text", "factor"), [("", 0.1), ("reduced", 0.1), ("full", 1.0), ("0.5", 0.5)]
)
def test_the_scale_is_a_name_or_a_factor(text: str, factor: float) -> None:
    assert scale({"TVBRAIN_TEST_SCALE": text}) == factor


@pytest.mark.parametrize("text", ["huge", "-1", "nan"])
def test_any_other_scale_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"TVBRAIN_TEST_SCALE|huge"):
        scale({"TVBRAIN_TEST_SCALE": text})


def test_a_scaled_count_is_never_zero() -> None:
    assert scaled(1) == 1
