"""Whatever the packs, the household and its life: every answer is the oracle's, and none breaks a rule of safety."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings

from tests.properties.asking import asked
from tests.properties.folders import new_folder
from tests.properties.lives import Life, evenings
from tests.properties.living import Household
from tests.properties.worlds import World
from tests.scale import scaled


@pytest.mark.slow
@settings(max_examples=scaled(1000), suppress_health_check=list(HealthCheck))
@given(evenings())
def test_every_answer_is_the_oracles_and_safe(evening: tuple[World, Life]) -> None:
    world, life = evening
    with new_folder() as folder, closing(Household(world, folder, asked)) as home:
        home.live(life)
