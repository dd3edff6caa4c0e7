from __future__ import annotations

import math

import pytest

from tvbrain.brain.marshal import milliseconds
from tvbrain.errors import InvalidArgumentError


@pytest.mark.parametrize("at", [math.nan, math.inf, -math.inf, 1e300, -1e17])
def test_what_no_clock_shows_is_refused_by_name(at: float) -> None:
    with pytest.raises(InvalidArgumentError, match="at: "):
        milliseconds(at)


def test_a_time_is_whole_milliseconds_and_never_the_number_for_now() -> None:
    assert [milliseconds(at) for at in (1.5, -0.25, 0.0, 9e15)] == [1500, -250, 1, 9 * 10**18]
