"""An evening of television that is not on demand: what is on now, what starts soon, on whose channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.pack.catalogue import Airing, Offer, Title
from tvbrain.pack.writer import Contents, write_pack
from tvbrain.types import Row

EVENING = 1_700_506_800
"""Monday, 19:00 UTC."""
HOUR, DAY = 3600, 86_400


def title(number: int, name: str, airing: Airing, age: int = 0) -> Title:
    identity = f"tv:{number}"
    return Title(identity, name, 1990, "movie", (Offer(identity, age),), airings=(airing,))


TITLES = (
    title(1, "News", Airing(EVENING - HOUR, EVENING + HOUR, "One")),
    title(2, "Match", Airing(EVENING - HOUR, EVENING + HOUR, "Two")),
    title(3, "Late film", Airing(EVENING + HOUR, EVENING + 3 * HOUR, "Two"), age=16),
    title(4, "Over", Airing(EVENING - 3 * HOUR, EVENING, "One")),
    title(5, "Tomorrow", Airing(EVENING + DAY, EVENING + DAY + HOUR, "One")),
)
FILMS = tuple(
    Title(f"tv:{number}", f"Film {number}", 1990, "movie", (Offer(f"tv:{number}", 0),))
    for number in range(10, 30)
)
"""On demand, and more popular than all that is on air: they fill the other rows."""


@pytest.fixture
def brain(tmp_path: Path) -> Brain:
    popularity = np.array([0] * len(TITLES) + [100] * len(FILMS), np.uint32)
    contents = Contents((*TITLES, *FILMS), "tv", "1", EVENING, popularity=popularity)
    write_pack(tmp_path / "tv.tvpack", contents)
    return Brain.open(tmp_path / "tv", pack=tmp_path / "tv.tvpack", clock=VirtualClock(EVENING))


def row(brain: Brain, kind: str, profile: str = "household") -> Row | None:
    screen = brain.rows(ViewContext(profile=profile, at=EVENING, utc_offset_min=0, k=2))
    return next((row for row in screen.rows if row.kind == kind), None)


def test_live_now_ends_when_the_programme_does_and_soon_begins_after_it(brain: Brain) -> None:
    with brain:
        now, soon = row(brain, "live_now"), row(brain, "starting_soon")
    assert now is not None
    assert soon is not None
    assert {item.title for item in now.items} == {"News", "Match"}
    assert [item.title for item in soon.items] == ["Late film"]
    late = soon.items[0]
    assert (late.channel, late.start, late.end) == ("Two", EVENING + HOUR, EVENING + 3 * HOUR)
    assert late.reason == "Soon on Two"


def test_a_child_is_not_told_what_starts_soon_for_others(brain: Brain) -> None:
    with brain:
        brain.create_profile("kids", max_age=7)
        assert row(brain, "starting_soon", "kids") is None


@pytest.mark.parametrize("channel", ["One", "Two"])
def test_the_channel_that_is_watched_at_this_time_comes_first(brain: Brain, channel: str) -> None:
    with brain:
        for days in (3, 2, 1):
            begin = EVENING - days * DAY
            brain.observe(
                ViewingEvent(kind="channel_change", text=channel, at=begin, utc_offset_min=0)
            )
            brain.observe(ViewingEvent(kind="standby", at=begin + 2 * HOUR, utc_offset_min=0))
        brain.learn_now()
        now = row(brain, "live_now")
    assert now is not None
    assert now.items[0].channel == channel
    assert now.items[0].terms["channel"] > 0 == now.items[1].terms["channel"]
