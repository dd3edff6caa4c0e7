"""An evening of viewing, as a household would notice it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.errors import BusyError, ReadOnlyError, UnknownProfileError
from tvbrain.types import Slate


def names(slate: Slate) -> list[str]:
    return [entry.item for entry in slate]


def finish(brain: Brain, item: str, *, profile: str = "household") -> None:
    brain.observe(ViewingEvent(kind="complete", item=item, profile=profile, watched=1.0))


def test_a_finished_film_leaves_the_slate_and_speaks_for_its_kind(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        first = brain.recommend(ViewContext(k=20))
        film = next(e for e in first if brain.item(e.item).type == "movie")
        finish(brain, film.item)
        second = brain.recommend(ViewContext(k=20))
        assert film.item not in names(second)
        assert film.item in [entry.reason_item for entry in second]
        assert f"Because you watched {film.title}" in [entry.reason for entry in second]


def test_not_interested_hides_a_title_and_undo_brings_it_back(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        item = brain.recommend(ViewContext(k=5))[0].item
        brain.observe(ViewingEvent(kind="not_interested", item=item))
        assert item not in names(brain.recommend(ViewContext(k=50)))
        brain.observe(ViewingEvent(kind="undo", item=item))
        assert item in names(brain.recommend(ViewContext(k=50)))


def test_a_childs_screen_never_shows_what_is_not_for_children(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.create_profile("kids", max_age=7)
        adult = next(e for e in brain.recommend(ViewContext(k=200)) if brain.item(e.item).age > 7)
        finish(brain, adult.item, profile="kids")
        brain.learn_now()
        slate = brain.recommend(ViewContext(profile="kids", k=100))
        assert len(slate) == 100
        assert all(brain.item(entry.item).age <= 7 for entry in slate)
        assert adult.item not in [entry.reason_item for entry in slate]


def test_what_was_learned_is_in_the_next_slate_and_survives_closing(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        liked = [e.item for e in brain.recommend(ViewContext(k=6))]
        for item in liked:
            finish(brain, item)
        assert brain.learn_now() == ["reflexive", "adaptive"]
        health = brain.health()
        assert health.mode == "full"
        assert health.serving["learned_seq"] == 6
        taught = brain.recommend(ViewContext(k=30, screen_token=1))
        assert any(entry.terms["text"] > 0 for entry in taught)
    with open_brain(tmp_path, clock) as brain:
        assert brain.recommend(ViewContext(k=30, screen_token=1)).items == taught.items


def test_a_genre_watched_at_one_time_of_the_week_is_liked_more_then_than_else(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        evenings = [e.item for e in brain.recommend(ViewContext(genre="Crime", k=20))]
        mornings = [e.item for e in brain.recommend(ViewContext(genre="Family", k=20))]
        for day in range(20):
            for hour, items in ((0, evenings), (13, mornings)):
                at = MONDAY_EVENING + 7 * 86_400 * day + 3600 * hour
                brain.observe(ViewingEvent(kind="complete", item=items[day], watched=1.0, at=at))
        clock.set_now(MONDAY_EVENING + 7 * 86_400 * 20)
        brain.learn_now()
        crime = next(e.item for e in brain.recommend(ViewContext(genre="Crime")))
        now = brain.explain(crime, ViewContext(utc_offset_min=0))
        morning = clock.now() + 13 * 3600
        later = brain.explain(crime, ViewContext(at=morning, utc_offset_min=0))
        assert now.terms["daypart"] > 0 > later.terms["daypart"]


def test_forgetting_a_title_leaves_no_trace_of_it(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        film, other = (e.item for e in brain.recommend(ViewContext(k=2)))
        finish(brain, film)
        finish(brain, other)
        brain.learn_now()
        assert brain.forget(item=film)
        assert brain.explain(film).eligible
        brain.learn_now()
        kept = brain.export()
        for section in ("memories", "history", "interests"):
            assert film not in str(kept[section])
            assert other in str(kept[section])
        only_other = kept["preferences"]
    with open_brain(tmp_path / "beside") as brain:
        finish(brain, other)
        brain.learn_now()
        assert brain.export()["preferences"] == only_other


def test_forgetting_everything_leaves_a_brain_as_new(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        new = brain.recommend(ViewContext(k=20, screen_token=3)).items
        for item in [e.item for e in brain.recommend(ViewContext(k=9))]:
            finish(brain, item)
        brain.learn_now()
        brain.forget(everything=True)
        brain.learn_now()
        assert brain.recommend(ViewContext(k=20, screen_token=3)).items == new
        kept = brain.export()
        assert [
            kept[s] for s in ("memories", "history", "preferences", "interests", "sittings")
        ] == [
            [],
            [],
            [],
            [],
            [],
        ]


def test_a_deleted_profile_is_gone_with_what_was_learned_of_it(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        guest = brain.create_profile("guest")
        finish(brain, brain.recommend(ViewContext(profile="guest"))[0].item, profile="guest")
        brain.learn_now()
        brain.delete_profile("guest")
        brain.learn_now()
        with pytest.raises(UnknownProfileError):
            brain.export("guest")
        with brain._learning().looking() as learner:
            for table in ("fold", "memory", "episode", "preference", "interest", "tally"):
                rows = learner.db.execute(
                    f"SELECT count(*) FROM {table} WHERE profile = ?", [guest.id]
                )
                assert rows.fetchone() == (0,), table


def test_a_second_brain_is_told_who_has_the_directory(tmp_path: Path) -> None:
    with open_brain(tmp_path), pytest.raises(BusyError, match=r"\d+"):
        open_brain(tmp_path)


def test_a_read_only_brain_shows_but_neither_records_nor_learns(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        item = brain.recommend()[0].item
        with Brain.open(tmp_path / "tv", clock=VirtualClock(), read_only=True) as reader:
            assert len(reader.recommend()) == 20
            with pytest.raises(ReadOnlyError):
                finish(reader, item)
            with pytest.raises(ReadOnlyError):
                reader.learn_now()


def test_a_damaged_database_stops_learning_only_and_recover_goes_on_from_the_snapshot(
    tmp_path: Path,
) -> None:
    with open_brain(tmp_path) as brain:
        for item in [e.item for e in brain.recommend(ViewContext(k=5))]:
            finish(brain, item)
        brain.learn_now()
    database = tmp_path / "tv" / "brain.db"
    database.write_bytes(b"\xff" * database.stat().st_size)
    with open_brain(tmp_path) as brain:
        assert brain.health().mode == "no_learning"
        assert "learning" in brain.health().faults
        assert len(brain.recommend()) == 20
        assert "brain.db.damaged" in brain.recover()
        brain.learn_now()
        assert brain.health().mode == "full"
        assert len(brain.export()["history"]) == 5  # type: ignore[arg-type]
        assert brain.recover() == ""
