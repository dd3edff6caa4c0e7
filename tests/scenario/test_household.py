"""People before one set: children, newcomers, opinions, a shared profile, a profile that begins anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.learner.viewing import open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.quality.metrics import diversity
from tvbrain.store import snapshot
from tvbrain.types import Slate

HOUSEHOLD = "household"


def names(slate: Slate) -> list[str]:
    return [entry.item for entry in slate]


def tell(
    brain: Brain, kind: str, items: Sequence[str], profile: str = HOUSEHOLD, **more: float
) -> None:
    for item in items:
        brain.observe(ViewingEvent(kind=kind, item=item, profile=profile, **more))  # type: ignore[arg-type]


def finish(brain: Brain, items: Sequence[str], profile: str = HOUSEHOLD) -> None:
    tell(brain, "complete", items, profile, watched=1.0)


def of_genre(brain: Brain, genre: str, k: int, profile: str = HOUSEHOLD) -> list[str]:
    return names(brain.recommend(ViewContext(profile=profile, genre=genre, k=k)))


def score(brain: Brain, item: str, profile: str = HOUSEHOLD) -> float:
    return brain.explain(item, ViewContext(profile=profile)).score


# Children


def test_nothing_a_child_is_shown_is_above_the_age_whatever_was_watched(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.create_profile("kids", max_age=7)
        finish(brain, of_genre(brain, "Horror", 6), "kids")
        finish(brain, of_genre(brain, "Family", 4, "kids"), "kids")
        brain.learn_now()
        asked = ViewContext(profile="kids", k=50)
        screen = brain.rows(asked)
        shown = [entry.item for row in screen.rows for entry in row.items]
        shown += [row.reason_item for row in screen.rows if row.reason_item]
        for slate in (brain.recommend(asked), brain.search("night", asked)):
            shown += [*names(slate), *(e.reason_item for e in slate if e.reason_item)]
        shown += names(brain.similar(names(brain.recommend(asked))[0], asked))
        assert len(shown) > 100
        assert max(brain.item(item).age for item in shown) <= 7


def test_what_adults_watch_changes_nothing_on_a_childs_screen(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.create_profile("kids", max_age=7)
        asked = ViewContext(profile="kids", k=50, screen_token=1)
        before = brain.recommend(asked).items
        finish(brain, names(brain.recommend(ViewContext(k=30))))
        brain.learn_now()
        assert brain.recommend(asked).items == before


# Newcomers


def test_whoever_has_watched_nothing_is_shown_what_many_like_of_many_kinds(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        slate = brain.recommend(ViewContext(k=20))
        assert {entry.reason_code for entry in slate} <= {"popular", "new", "explore"}
        pool = brain.recommend(ViewContext(k=200))
        most = sorted(pool, key=lambda e: -brain.item(e.item).popularity)[:20]
        genres = sorted({g for e in pool for g in brain.item(e.item).genres})

        def varied(items: Sequence[str]) -> float:
            of = [brain.item(item).genres for item in items]
            return diversity(np.array([[float(g in some) for g in genres] for some in of]))

        assert varied(names(slate)) > varied([entry.item for entry in most])
        everybody = sorted(brain.item(e.item).popularity for e in pool)
        shown = sorted(brain.item(e.item).popularity for e in slate)
        assert shown[len(shown) // 2] > everybody[len(everybody) // 2]


def test_a_few_picks_make_the_first_slate_ones_own(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        cold = brain.recommend(ViewContext(k=20))
        picked = of_genre(brain, "Documentary", 3)
        tell(brain, "pick", picked)
        own = brain.recommend(ViewContext(k=20))
        assert {entry.reason_item for entry in own} & set(picked)

        def documentaries(slate: Slate) -> int:
            return sum("Documentary" in brain.item(item).genres for item in names(slate))

        assert documentaries(own) > documentaries(cold)
        brain.learn_now()
        assert {one["item"] for one in brain.export()["interests"]} <= set(picked)  # type: ignore[attr-defined]


def test_what_was_chosen_and_not_watched_is_not_said_to_have_been_watched(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        seen, *chosen = of_genre(brain, "Crime", 4)
        tell(brain, "pick", chosen[:1])
        tell(brain, "list_add", chosen[1:2])
        tell(brain, "rate", chosen[2:], rating=1.0)
        own = brain.recommend(ViewContext(k=50))
        assert {e.reason_code for e in own if e.reason_item in chosen} <= {"chosen", "similar"}
        spoken = next(e for e in own if e.reason_code == "chosen")
        assert spoken.reason == f"Because you chose {brain.item(spoken.reason_item).title}"
        assert "because" not in {row.kind for row in brain.rows(ViewContext(k=5)).rows}
        tell(brain, "complete", [seen])
        screen = brain.rows(ViewContext(k=5))
        assert [row.reason_item for row in screen.rows if row.kind == "because"] == [seen]
        tell(brain, "complete", chosen[:1])
        after = brain.recommend(ViewContext(k=50))
        assert {e.reason_code for e in after if e.reason_item == chosen[0]} <= {
            "watched",
            "similar",
        }


# Opinions


def test_thumbs_speak_for_or_against_what_is_like_it(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        rated = of_genre(brain, "Crime", 1)[0]
        alike = names(brain.similar(rated))[0]
        without = score(brain, alike)
        tell(brain, "rate", [rated], rating=1.0)
        assert score(brain, alike) > without
        tell(brain, "rate", [rated], rating=-1.0)
        assert score(brain, alike) < without
        tell(brain, "undo", [rated])
        assert score(brain, alike) >= without


@pytest.mark.parametrize("rating", [-1.0, -0.5])
def test_what_is_rated_down_unwatched_is_offered_no_more_until_it_is_rated_better(
    tmp_path: Path, rating: float
) -> None:
    with open_brain(tmp_path) as brain:
        item = names(brain.recommend(ViewContext(k=5)))[0]
        tell(brain, "rate", [item], rating=rating)
        screen = brain.rows(ViewContext(k=20))
        shown = {entry.item for row in screen.rows for entry in row.items}
        shown |= set(names(brain.recommend(ViewContext(k=200))))
        assert item not in shown
        assert "hidden" in brain.explain(item).why_not
        assert item in names(brain.search(brain.item(item).title))
        tell(brain, "rate", [item], rating=-0.4)
        assert brain.explain(item).eligible


def test_a_title_on_the_list_stays_there_though_it_is_rated_down(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        item = names(brain.recommend(ViewContext(k=5)))[0]
        tell(brain, "list_add", [item])
        tell(brain, "rate", [item], rating=-1.0)
        rows = {
            row.kind: [entry.item for entry in row.items]
            for row in brain.rows(ViewContext(k=20)).rows
        }
        assert [kind for kind, items in rows.items() if item in items] == ["my_list"]


def test_who_likes_what_he_was_not_interested_in_is_offered_it_again(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        item = names(brain.recommend(ViewContext(k=5)))[0]
        tell(brain, "not_interested", [item])
        assert not brain.explain(item).eligible
        tell(brain, "rate", [item], rating=1.0)
        assert brain.explain(item).eligible


@pytest.mark.parametrize(("kind", "speaks"), [("not_interested", True), ("hide", False)])
def test_both_take_a_title_away_but_only_no_interest_speaks_against_its_kind(
    tmp_path: Path, kind: str, speaks: bool
) -> None:
    with open_brain(tmp_path) as brain:
        item = of_genre(brain, "Crime", 1)[0]
        alike = names(brain.similar(item))[:5]
        before = [score(brain, one) for one in alike]
        tell(brain, kind, [item])
        after = [score(brain, one) for one in alike]
        assert item not in names(brain.recommend(ViewContext(k=200)))
        assert not brain.explain(item).eligible
        if speaks:
            assert sum(after) < sum(before)
        else:
            assert after == before


def test_what_is_hidden_comes_back_when_it_is_shown_again(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        asked = ViewContext(k=50, screen_token=2)
        before = brain.recommend(asked)
        tell(brain, "hide", names(before)[:1])
        tell(brain, "unhide", names(before)[:1])
        assert brain.recommend(asked).items == before.items


# A shared profile


def test_two_tastes_on_one_profile_are_kept_apart(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        kinds = ("Documentary", "Animation")
        watched = {kind: of_genre(brain, kind, 6) for kind in kinds}
        for pair in zip(*watched.values(), strict=True):
            finish(brain, pair)
        brain.learn_now()
        interests = {one["item"] for one in brain.export()["interests"]}  # type: ignore[attr-defined]
        slate = brain.recommend(ViewContext(k=20))
        reasons = {entry.reason_item for entry in slate}
        for kind in kinds:
            assert interests & set(watched[kind]), kind
            assert reasons & set(watched[kind]), kind
            assert sum(kind in brain.item(item).genres for item in names(slate)) >= 4, kind


# Beginning anew


def test_a_reset_profile_is_as_new_and_keeps_its_settings(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        made = brain.create_profile(
            "guest", max_age=16, region="DE", entitlements=("demo", "cinema")
        )
        asked = ViewContext(profile="guest", k=30, screen_token=5)
        new = brain.recommend(asked).items
        home = ViewContext(k=30, screen_token=5)
        finish(brain, names(brain.recommend(home))[:5])
        items = [entry.item for entry in new]
        finish(brain, items[:6], "guest")
        tell(brain, "rate", items[6:8], "guest", rating=-1.0)
        tell(brain, "hide", items[8:9], "guest")
        tell(brain, "not_interested", items[9:10], "guest")
        tell(brain, "list_add", items[10:12], "guest")
        tell(brain, "pick", items[12:14], "guest")
        brain.learn_now()
        others = brain.recommend(home).items
        assert brain.recommend(asked).items != new

        assert brain.forget(profile="guest")
        assert brain.recommend(asked).items == new
        brain.learn_now()
        assert brain.recommend(asked).items == new
        assert brain.recommend(home).items == others
        assert brain.profile("guest") == made
        kept = brain.export("guest")
        for section in ("memories", "history", "preferences", "interests", "sittings"):
            assert kept[section] == [], section
        assert not {row.kind for row in brain.rows(asked).rows} & {"continue", "because", "my_list"}

    newest = snapshot.load(tmp_path / "tv" / "snapshot").snapshot
    assert newest is not None
    for rows in (newest.interests, newest.weights, newest.affinities):
        assert made.id not in rows["profile"].tolist()


def test_a_profile_learns_again_after_a_reset(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        film = of_genre(brain, "Crime", 1)[0]
        finish(brain, [film])
        brain.forget(profile=HOUSEHOLD)
        alike = names(brain.similar(film))[0]
        cold = score(brain, alike)
        finish(brain, [film])
        assert score(brain, alike) > cold
        assert film not in names(brain.recommend(ViewContext(k=200)))
