"""The reflexive and the reactive loop: what a person sees within seconds with them, and not without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain, titles
from tests.scenario.test_patterns import FRIDAY, MONDAY, by_pattern, live, of_genre
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY, HOUR

TONIGHT = MONDAY + (7 * 6 + FRIDAY) * DAY + 19 * HOUR


def just_watched(folder: Path) -> list[str]:
    """What the tier session knows a tenth of a second after a film."""
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(folder, clock) as brain:
        brain.observe(ViewingEvent(kind="complete", item=titles(1)[0], watched=1.0))
        clock.advance(0.1)
        brain.run_due()
        return [one.item for one in brain.recall(tiers=["session"])]


def test_the_reflexive_loop_knows_at_once_what_was_watched(tmp_path: Path) -> None:
    assert just_watched(tmp_path) == titles(1)


def test_without_the_reflexive_loop_the_sitting_does_not_know_what_was_watched(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("reflexive")
    assert just_watched(tmp_path) == []


def friday_evening(folder: Path) -> tuple[Brain, VirtualClock]:
    """On Fridays it was science fiction, else comedies; this Friday evening begins."""
    clock = VirtualClock(MONDAY)
    brain = open_brain(folder, clock)
    live(brain, clock, 5, "Sci-Fi")
    clock.advance(TONIGHT - clock.now())
    brain.learn_now()
    assert by_pattern(brain.recommend(asked()))
    return brain, clock


def asked(later: float = 0.0) -> ViewContext:
    return ViewContext(at=TONIGHT + later, k=20)


def show(brain: Brain, items: list[str], later: float, session: str) -> None:
    for item in items:
        brain.observe(
            ViewingEvent(kind="impression", item=item, at=TONIGHT + later, session=session)
        )


def browse(brain: Brain, clock: VirtualClock, choice: str) -> None:
    """Twelve titles of science fiction are scrolled past; something is chosen; seconds pass."""
    show(brain, of_genre("Sci-Fi", ["Comedy"])[-12:], 10.0, "tonight")
    if choice:
        brain.observe(
            ViewingEvent(kind="play_start", item=choice, at=TONIGHT + 60.0, session="tonight")
        )
    clock.advance(65.0)
    brain.run_due()


COMEDY = of_genre("Comedy", ["Sci-Fi"])[-1]
WANTED = of_genre("Sci-Fi", ["Comedy"])[-1]


def test_the_reactive_loop_takes_what_is_passed_over_off_the_evening_until_the_next_one(
    tmp_path: Path,
) -> None:
    brain, clock = friday_evening(tmp_path)
    browse(brain, clock, COMEDY)
    assert by_pattern(brain.recommend(asked(70.0))) == []
    said = [one.what for one in brain.recall(tiers=["session"])]
    assert "Friday evening, Sci-Fi: passed over" in said
    clock.advance(7 * DAY)
    show(brain, titles(1), 7 * DAY, "a week later")
    brain.learn_now()
    assert by_pattern(brain.recommend(asked(7 * DAY + 60.0)))
    brain.close()


def test_without_the_reactive_loop_it_is_offered_all_evening(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("reactive")
    brain, clock = friday_evening(tmp_path)
    browse(brain, clock, COMEDY)
    assert by_pattern(brain.recommend(asked(70.0)))
    brain.close()


@pytest.mark.parametrize("choice", ["", WANTED])
def test_what_is_shown_for_a_minute_or_chosen_from_is_not_passed_over(
    tmp_path: Path, choice: str
) -> None:
    brain, clock = friday_evening(tmp_path)
    browse(brain, clock, choice)
    assert by_pattern(brain.recommend(asked(70.0)))
    brain.close()
