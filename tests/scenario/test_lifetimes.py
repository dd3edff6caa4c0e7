"""Years become epochs; a life that changes shows in them at once, and what is recommended follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.learner.viewing import open_brain
from tests.scenario.test_patterns import of_genre
from tvbrain import Brain, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY, YEAR

START = 1_700_000_000.0
EVERY = 8 * DAY


def watch(
    brain: Brain, clock: VirtualClock, years: float, titles: Sequence[str], every: float = EVERY
) -> list[str]:
    """Something every eight days; the titles."""
    seen: list[str] = []
    end = clock.now() + years * YEAR
    while clock.now() < end:
        item = titles[len(seen) % len(titles)]
        brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0, at=clock.now()))
        seen.append(item)
        clock.advance(every)
        if len(seen) % 8 == 0:
            brain.learn_now()
    brain.learn_now()
    return seen


def interests(brain: Brain) -> set[str]:
    found = brain.export()["interests"]
    assert isinstance(found, list)
    return {one["item"] for one in found}


CRIME = of_genre("Crime", ["Comedy", "Family", "Animation"])[:50]
FAMILY = of_genre("Family", ["Crime", "Drama"])[:50]


def changed(folder: Path) -> Brain:
    """A year of crime, then a year in which there are children."""
    clock = VirtualClock(START)
    brain = open_brain(folder, clock)
    watch(brain, clock, 1.0, CRIME)
    watch(brain, clock, 1.02, FAMILY)
    return brain


def test_children_show_in_the_next_epoch_and_old_tastes_leave_the_interests(tmp_path: Path) -> None:
    brain = changed(tmp_path)
    first, second = brain.epochs()
    assert first.shift == 0.0
    assert max(first.genres, key=lambda name: first.genres[name]) == "Crime"
    assert second.shift > 0.5
    assert second.genres["Family"] > 0.2
    assert "much more Family than before" in second.name
    assert set(second.items) <= set(FAMILY)
    assert interests(brain) <= set(FAMILY)
    brain.close()


def test_without_the_transformative_loop_there_is_no_epoch(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("transformative")
    brain = changed(tmp_path)
    assert brain.epochs() == ()
    brain.close()


def test_a_life_without_change_has_epochs_alike(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    with open_brain(tmp_path, clock) as brain:
        watch(brain, clock, 2.05, CRIME)
        assert [one.changed for one in brain.epochs()] == [False, False]


def lived(folder: Path, years: int) -> Brain:
    """A few years of crime and comedy, then as many of family films and comedy."""
    clock = VirtualClock(START)
    brain = open_brain(folder, clock)
    comedy = of_genre("Comedy", ["Crime", "Family"])[:50]
    for other in (CRIME, FAMILY):
        of_three = zip(other[::2], other[1::2], comedy, strict=False)
        both = [item for three in of_three for item in three]
        watch(brain, clock, float(years), both)
    watch(brain, clock, 0.5, both)
    return brain


def test_ten_years_become_two_stages_of_life_and_what_lasts_through_both(tmp_path: Path) -> None:
    brain = lived(tmp_path, 5)
    before, after = brain.life_stages()
    assert before.genres["Crime"] > 0.1 > before.genres.get("Family", 0.0)
    assert after.genres["Family"] > 0.1 > after.genres.get("Crime", 0.0)
    assert "Comedy" in before.lasting == after.lasting
    assert "Crime" not in before.lasting
    brain.close()


def test_without_the_transcendent_loop_nothing_is_known_to_last(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("transcendent")
    brain = lived(tmp_path, 5)
    assert len(brain.epochs()) >= 9
    assert brain.life_stages() == ()
    brain.close()


def turned(folder: Path) -> Brain:
    """A year in whose last three months there are children."""
    clock = VirtualClock(START)
    brain = open_brain(folder, clock)
    watch(brain, clock, 0.75, CRIME, 4 * DAY)
    watch(brain, clock, 0.27, FAMILY, 4 * DAY)
    return brain


def test_a_change_within_the_year_divides_it_and_old_tastes_leave_at_once(tmp_path: Path) -> None:
    brain = turned(tmp_path)
    before, after = brain.epochs()
    assert (before.changed, after.changed) == (False, True)
    assert abs(after.begun - (START + 0.75 * YEAR)) < 30 * DAY
    assert after.genres.get("Crime", 0.0) < 0.05 < 0.2 < after.genres["Family"]
    assert interests(brain) <= set(FAMILY)
    brain.close()


def test_without_the_transformative_loop_old_tastes_stay(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("transformative")
    brain = turned(tmp_path)
    assert interests(brain) & set(CRIME)
    brain.close()
