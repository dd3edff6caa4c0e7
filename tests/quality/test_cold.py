"""Titles that nobody has watched: nothing of them is learned from people, and only they are ranked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeEmbedder
from tests.quality.made_up import folder, ratings
from tvbrain.errors import InvalidArgumentError
from tvbrain.quality import brains, split, world
from tvbrain.quality.cold import HELD, apart, cold_titles, without
from tvbrain.quality.packs import build_pack
from tvbrain.quality.tables import NEAREST, SHIPPED
from tvbrain.quality.workshop import Workshop


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> world.World:
    return world.read(
        folder(tmp_path_factory.mktemp("films"), ratings()), FakeEmbedder(dimension=64)
    )


def test_nobody_has_watched_a_held_out_title(made: world.World) -> None:
    train = split.unseen_people(made.people, 40)[0].histories
    rest = without(train, [3, 4]).matrix().toarray()
    assert not rest[:, [3, 4]].any()
    others = [row for row in range(40) if row not in (3, 4)]
    assert np.array_equal(rest[:, others], train.matrix().toarray()[:, others])


def test_only_held_out_titles_are_ranked_and_nothing_is_known_of_them(
    made: world.World, tmp_path: Path
) -> None:
    fold = split.unseen_people(made.people, 40)[0]
    held = np.array([3, 4, 17, 20])
    titles = apart(made.titles, held)
    pack = tmp_path / "a.tvpack"
    build_pack(pack, titles, without(fold.histories, held), made.packed, None)
    seen = [watch for watch in fold.people[0].history if watch.row not in held]
    with brains.lived(*(pack, titles, made.row_of, seen), scratch=tmp_path, candidates=4) as life:
        assert sorted(life.answer(region=HELD).shipped.tolist()) == held.tolist()
        for row in held:
            terms = life.brain.explain(made.titles[row].id).terms
            assert (terms["cf"], terms["popularity"]) == (0.0, 0.0)


def test_a_person_counts_once_however_many_draws(made: world.World, tmp_path: Path) -> None:
    folds = split.unseen_people(made.people, 40)
    table = cold_titles(
        *("made up", folds, Workshop(made, tmp_path), lambda done, total: None), seeds=(0, 1, 2, 3)
    )
    tested = sum(len(fold.people) for fold in folds)
    assert 0 < table.n <= tested
    assert int(table.notes["lists"]) > table.n
    assert table.notes["held_out"] == 4
    assert (
        table.values[SHIPPED]["recall@20"].tolist() == [1.0] * table.n
    )  # four titles, twenty places
    assert set(table.against.values()) == {NEAREST}


def test_without_vectors_cold_titles_cannot_be_ranked(tmp_path: Path) -> None:
    plain = world.read(folder(tmp_path, ratings()))
    folds = split.unseen_people(plain.people, 40)
    with pytest.raises(InvalidArgumentError, match="a model is needed"):
        cold_titles(
            "made up", folds, Workshop(plain, tmp_path), lambda done, total: None, seeds=(0,)
        )
