"""Settings are chosen without a look at who they are judged on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.quality.made_up import folder, ratings
from tvbrain.quality import nested, world
from tvbrain.quality.nested import CHOSEN, FIXED, Setting, grid
from tvbrain.quality.packs import AS_SHIPPED
from tvbrain.quality.split import Split, unseen_people
from tvbrain.quality.workshop import Workshop

FEW = [Setting("shipped"), Setting("no cf", weights={"cf": 0})]


def test_the_shipped_setting_comes_first_and_each_other_changes_one_thing() -> None:
    settings = grid()
    assert (settings[0].recipe, settings[0].weights) == (AS_SHIPPED, {})
    assert len({setting.name for setting in settings}) == len(settings)
    for setting in settings[1:]:
        assert (setting.recipe != AS_SHIPPED) + len(setting.weights) == 1


def test_nobody_judged_is_trained_on_or_asked_for_the_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.read(folder(tmp_path, ratings(people=40)))
    outer = unseen_people(made.people, 40)[:1]
    held = {one.number for one in outer[0].people}
    shop = Workshop(made, tmp_path)
    asked: list[Split] = []
    tried = nested._tried

    def watching(split: Split, *rest: object) -> dict[str, list[float]]:
        asked.append(split)
        return tried(split, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(nested, "grid", lambda: FEW)
    monkeypatch.setattr(nested, "_tried", watching)
    table = nested.nested("made up", outer, {outer[0].name: held}, shop, lambda done, total: None)
    assert len(asked) == nested.INNER_FOLDS
    for split in asked:
        assert not held & {one.number for one in split.people}
        assert split.histories.people <= len(made.people) - len(held)
    assert table.n == len(held)
    assert table.against == {CHOSEN: FIXED}
    note = str(table.notes[outer[0].name])
    assert note.startswith(("shipped;", "no cf;"))
    if note.startswith("shipped;"):
        assert (table.values[CHOSEN]["ndcg@10"] == table.values[FIXED]["ndcg@10"]).all()
    assert not list(tmp_path.glob("2.tvpack"))  # packs of inner folds do not pile up


def test_of_equal_settings_the_shipped_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.read(folder(tmp_path, ratings(people=30)))
    outer = unseen_people(made.people, 40)[0]
    same = [Setting("shipped"), Setting("the same", weights={"fatigue": 1})]
    monkeypatch.setattr(nested, "grid", lambda: same)
    monkeypatch.setattr(nested, "SAMPLE", 3)
    chosen, means = nested._choose(
        {one.number for one in outer.people}, Workshop(made, tmp_path), 0
    )
    assert chosen.name == "shipped"
    assert means["shipped"] == means["the same"]
