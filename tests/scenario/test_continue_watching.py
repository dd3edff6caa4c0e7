"""Continue watching and Next episode, by the minute: what is under way, what is over, and what one took off the row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learner.viewing import open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.types import SlateItem

FILM, SERIES = "demo:the-matrix-1999", "demo:stranger-things-2016"
LONG = 8000
"""Seconds: a film of over two hours, of which 5 % are more than 3 minutes."""
HOUR = 3600


@pytest.fixture
def brain(tmp_path: Path) -> Iterator[Brain]:
    with open_brain(tmp_path) as opened:
        yield opened


def row(brain: Brain, kind: str) -> list[SlateItem]:
    rows = [row for row in brain.rows(ViewContext(k=20)).rows if row.kind == kind]
    return list(rows[0].items) if rows else []


def going_on(brain: Brain) -> list[str]:
    return [entry.item for entry in row(brain, "continue")]


def play(brain: Brain, item: str, seconds: int, length: int, episode: int | None = None) -> None:
    season = None if episode is None else 1
    which = {"item": item, "season": season, "episode": episode}
    brain.observe(ViewingEvent(kind="play_start", **which))  # type: ignore[arg-type]
    brain.observe(
        ViewingEvent(kind="stop", position_s=seconds, duration_s=length, **which)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("seconds", "length", "is_begun"),
    [
        (119, LONG, False),
        (120, LONG, True),
        (29, 1000, False),
        (30, 1000, True),
        (LONG - 401, LONG, True),
        (LONG - 400, LONG, False),  # 95 %: its credits
        (820 - 181, 820, True),
        (820 - 180, 820, False),  # 3 minutes left, though it is only 78 %
    ],
)
def test_a_film_is_under_way_from_two_minutes_or_three_percent_to_its_credits_or_three_minutes_before_the_end(
    brain: Brain, seconds: int, length: int, is_begun: bool
) -> None:
    play(brain, FILM, seconds, length)
    assert going_on(brain) == [FILM] * is_begun


@pytest.mark.parametrize(("seconds", "is_begun"), [(119, False), (120, True), (HOUR - 180, False)])
def test_an_episode_is_under_way_from_two_minutes_on_however_short(
    brain: Brain, seconds: int, is_begun: bool
) -> None:
    play(brain, SERIES, seconds, HOUR, episode=1)
    assert going_on(brain) == [SERIES] * is_begun
    if is_begun:
        entry = row(brain, "continue")[0]
        assert (entry.position_s, entry.season, entry.episode) == (120, 1, 1)


def test_a_series_has_one_entry_and_goes_on_with_the_episode_after(brain: Brain) -> None:
    play(brain, SERIES, 600, HOUR, episode=1)
    play(brain, SERIES, 700, HOUR, episode=2)
    assert [(e.item, e.episode) for e in row(brain, "continue")] == [(SERIES, 2)]
    play(brain, SERIES, HOUR, HOUR, episode=2)
    assert going_on(brain) == []
    assert [(e.item, e.season, e.episode) for e in row(brain, "next_episode")] == [(SERIES, 1, 3)]


def test_what_is_taken_off_the_row_stays_watched_and_comes_back_when_it_is_played_again(
    brain: Brain,
) -> None:
    play(brain, FILM, 1000, LONG)
    before = brain.explain(FILM).terms, brain.recommend(ViewContext(k=50)).items
    brain.observe(ViewingEvent(kind="remove_from_continue", item=FILM))
    assert going_on(brain) == []
    assert (brain.explain(FILM).terms, brain.recommend(ViewContext(k=50)).items) == before
    play(brain, FILM, 1200, LONG)
    assert going_on(brain) == [FILM]
    assert row(brain, "continue")[0].position_s == 1200


def test_what_is_watched_once_more_is_under_way_and_nowhere_else(brain: Brain) -> None:
    play(brain, FILM, LONG, LONG)
    assert going_on(brain) == []
    brain.observe(ViewingEvent(kind="play_start", item=FILM))
    assert going_on(brain) == []
    play(brain, FILM, 1000, LONG)
    assert going_on(brain) == [FILM]
    screen = brain.rows(ViewContext(k=50))
    assert sum(entry.item == FILM for row in screen.rows for entry in row.items) == 1
    assert FILM not in [entry.item for entry in brain.recommend(ViewContext(k=200))]
    play(brain, FILM, LONG, LONG)
    assert going_on(brain) == []


def test_what_a_host_says_after_the_end_of_a_film_of_unknown_length_begins_nothing(
    brain: Brain,
) -> None:
    brain.observe(ViewingEvent(kind="complete", item=FILM))
    brain.observe(ViewingEvent(kind="stop", item=FILM, position_s=LONG))
    assert going_on(brain) == []
