"""Sittings: what was offered and chosen, judged by facts once they are over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.learning.critique import judge
from tvbrain.loops.table import DAY, HOUR
from tvbrain.store import viewings
from tvbrain.store.database import open_database
from tvbrain.store.viewings import Choice, Offer, Viewing


def sitting(offered: list[Offer], chosen: list[Choice], shown: int | None = None) -> Viewing:
    count = len(offered) if shown is None else shown
    return Viewing(1, 1, 0, 0, 3, 4, count, tuple(offered), tuple(chosen), None)


def test_the_line_tells_what_was_offered_and_where_the_chosen_title_stood() -> None:
    thrillers = [Offer(n, 0, n) for n in range(9)]
    genres = {n: ("Thriller",) for n in range(9)} | {9: ("Comedy",)}
    chosen = [Choice(9, 3, 1, 0.95, 0.95)]
    said = judge(sitting([*thrillers, Offer(9, 3, 1)], chosen), genres)
    assert said.critique == (
        "offered 10 titles, 9 of the first 10 Thriller,"
        " chose Comedy in row 4, place 2, watched 95 %"
    )
    assert (said.reward, said.success) == (0.95, True)


def test_a_sitting_without_a_choice_is_no_success() -> None:
    said = judge(sitting([Offer(1, 0, 0)], [], shown=1), {})
    assert (said.reward, said.success) == (0.0, False)
    assert said.critique == "offered 1 title, chose nothing"


def evening(brain: Brain, at: float, place: int, watched: float, session: str) -> str:
    slate = brain.recommend(ViewContext(at=at, k=10))
    brain.observe(
        ViewingEvent(
            kind="impression",
            at=at,
            slate_id=slate.slate_id,
            row=0,
            slot=0,
            slot_count=10,
            session=session,
        )
    )
    item = slate[place].item
    for kind, minutes in (("play_start", 1), ("stop", 60)):
        brain.observe(
            ViewingEvent(
                kind=kind,
                item=item,
                at=at + 60 * minutes,
                session=session,
                watched=watched if kind == "stop" else None,
            )
        )
    return item


def test_a_sitting_is_kept_with_its_context_and_found_by_context_and_by_meaning(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        first = evening(brain, MONDAY_EVENING, 2, 0.8, "one")
        brain.learn_now()
        (going_on,) = brain.episodes()
        assert (going_on.critique, going_on.success) == ("", None)
        clock.advance(2 * HOUR)
        brain.learn_now()
        clock.advance(DAY)
        second = evening(brain, clock.now(), 5, 0.1, "two")
        clock.advance(2 * HOUR)
        brain.learn_now()
        newest, oldest = brain.episodes()
        assert [one.chosen[0].item for one in (oldest, newest)] == [first, second]
        assert (oldest.weekday, newest.weekday, oldest.daypart) == (0, 1, 3)
        assert (oldest.shown, len(oldest.offered), oldest.success) == (10, 10, True)
        assert (oldest.chosen[0].row, oldest.chosen[0].place) == (0, 2)
        assert oldest.reward == pytest.approx(0.8)
        assert "place 3, watched 80 %" in oldest.critique
        assert newest.success is False
        assert brain.episodes(weekday=0) == (oldest,)
        assert brain.episodes(daypart=0) == ()
        alike = brain.episodes(like=second)
        assert alike[0].chosen[0].item == second
        assert alike[0].likeness == pytest.approx(1.0)


def test_what_was_offered_or_chosen_is_forgotten_with_its_title(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        chosen = evening(brain, MONDAY_EVENING, 2, 0.8, "one")
        brain.learn_now()
        offered = brain.episodes()[0].offered
        brain.forget(item=next(item for item in offered if item != chosen))
        brain.learn_now()
        assert brain.episodes() == ()


def test_the_table_is_bounded_by_the_newest_sittings(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        for number in range(viewings.MOST + 20):
            db.execute(
                "INSERT INTO episode VALUES (?, 1, 0, ?, ?, 1)", [number + 1, number, number]
            )
            viewings.put(db, Viewing(number + 1, 1, 0, 0, 0, 0, 0, (), (), None))
    kept = [one.episode for one in viewings.viewings(db, 1)]
    assert kept == list(range(21, viewings.MOST + 21))
    db.close()
