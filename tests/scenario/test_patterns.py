"""A habit of the week becomes a pattern, and the pattern changes the slate of its time and of no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.learner.viewing import open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY, HOUR
from tvbrain.pack import demo_pack_path
from tvbrain.pack.reader import PackFile
from tvbrain.types import Slate

MONDAY = 1_700_438_400.0  # 2023-11-20 00:00 UTC
FRIDAY = 4


def of_genre(genre: str, but: Sequence[str] = ()) -> list[str]:
    with PackFile(demo_pack_path()) as pack:
        titles = [pack.title(row) for row in range(pack.meta["rows"])]
    return [t.id for t in titles if genre in t.genres and not set(but) & set(t.genres)]


def live(brain: Brain, clock: VirtualClock, weeks: int, friday: str) -> None:
    """Every evening a comedy, on Fridays one of the genre, learned from every day."""
    usual, special = of_genre("Comedy", [friday]), of_genre(friday, ["Comedy"])
    usual_at, special_at = iter(usual * 9), iter(special * 9)
    for day in range(7 * weeks):
        start = MONDAY + day * DAY + 19 * HOUR
        clock.advance(max(start - clock.now(), 0.0))
        item = next(special_at if day % 7 == FRIDAY else usual_at)
        for kind, later, watched in (("play_start", 0.0, None), ("complete", 2 * HOUR, 1.0)):
            brain.observe(
                ViewingEvent(
                    kind=kind, item=item, at=start + later, watched=watched, session=f"day {day}"
                )
            )
        clock.advance(4 * HOUR)
        brain.learn_now()


def asked(weeks: int, day: int) -> ViewContext:
    return ViewContext(at=MONDAY + (7 * weeks + day) * DAY + 19 * HOUR, k=20)


def by_pattern(slate: Slate) -> list[str]:
    return [one.item for one in slate if one.reason_code == "pattern"]


WEEKS = 9


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brain]:
    clock = VirtualClock(MONDAY)
    with open_brain(tmp_path_factory.mktemp("patterns"), clock) as opened:
        live(opened, clock, WEEKS, "Sci-Fi")
        clock.advance(MONDAY + 7 * WEEKS * DAY + 8 * HOUR - clock.now())
        opened.learn_now()
        yield opened


def test_the_habit_has_a_name_an_interval_and_its_titles(brain: Brain) -> None:
    (friday,) = (one for one in brain.patterns() if one.genre == "Sci-Fi")
    assert friday.name == "Friday evening, Sci-Fi"
    assert (friday.weekdays, friday.dayparts) == ((FRIDAY,), (3,))
    assert WEEKS - 1 <= friday.successes == friday.trials <= WEEKS  # as of the last week's run
    assert 0 < friday.usual < friday.low < 1.0 == friday.high
    assert set(friday.items) <= set(of_genre("Sci-Fi"))


def test_it_changes_the_slate_of_its_time_and_of_no_other(brain: Brain) -> None:
    friday, other = asked(WEEKS, FRIDAY), asked(WEEKS, FRIDAY - 1)
    shown = by_pattern(brain.recommend(friday))
    assert shown
    for item in shown:
        why = brain.explain(item, friday)
        assert why.terms["pattern"] == max(why.terms.values()) > 0
        assert brain.explain(item, other).terms["pattern"] == 0.0
    assert by_pattern(brain.recommend(other)) == []
    morning = replace(friday, at=(friday.at or 0.0) - 10 * HOUR)
    assert by_pattern(brain.recommend(morning)) == []
    genre = set(of_genre("Sci-Fi"))
    then = {one.item for one in brain.recommend(friday)} & genre
    else_ = {one.item for one in brain.recommend(other)} & genre
    assert len(then) > len(else_)


def test_a_habit_that_ends_is_retired_and_its_slate_is_as_any_other(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(MONDAY)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock, 5, "Sci-Fi")
        clock.advance(7 * DAY)
        brain.learn_now()
        assert [one.name for one in brain.patterns()] == ["Friday evening, Sci-Fi"]
        clock.advance(120 * DAY)
        brain.learn_now()
        clock.advance(8 * DAY)
        brain.learn_now()
        (gone,) = brain.patterns()
        assert gone.retired is not None
        now = ViewContext(at=MONDAY + FRIDAY * DAY + 19 * HOUR + 7 * 30 * DAY, k=20)
        assert by_pattern(brain.recommend(now)) == []


def test_without_the_evolutionary_loop_there_is_no_pattern(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("evolutionary")
    clock = VirtualClock(MONDAY)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock, 5, "Sci-Fi")
        clock.advance(8 * DAY)
        brain.learn_now()
        assert brain.patterns() == ()
        assert by_pattern(brain.recommend(asked(7, FRIDAY))) == []


def test_what_is_shown_in_vain_on_its_evening_is_shown_less(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock, WEEKS, "Sci-Fi")
        before = {one.name: one.weight for one in brain.patterns()}["Friday evening, Sci-Fi"]
        genre = set(of_genre("Sci-Fi"))
        for day in range(5):
            at = clock.now() + DAY
            clock.advance(DAY)
            slate = brain.recommend(ViewContext(at=MONDAY + day * DAY + 19 * HOUR, k=40))
            at = MONDAY + (7 * WEEKS + day) * DAY + 19 * HOUR
            clock.set_now(max(at, clock.now()))
            brain.observe(
                ViewingEvent(
                    kind="impression", at=at, slate_id=slate.slate_id, row=0, slot=0, slot_count=40
                )
            )
            for entry in [one for one in slate if one.item not in genre][:12]:
                brain.observe(ViewingEvent(kind="play_start", item=entry.item, at=at + 60))
            clock.advance(2 * HOUR)
            brain.learn_now()
        clock.advance(8 * DAY)
        brain.learn_now()
        told = {one.genre: one for one in brain.effects() if one.daypart == 3}
        scifi, everything = told["Sci-Fi"], told[""]
        assert scifi.shown >= 20
        assert scifi.chance is not None
        assert everything.chance is not None
        assert scifi.chance < everything.chance / 2
        after = {one.name: one.weight for one in brain.patterns()}["Friday evening, Sci-Fi"]
        assert after < before / 2
