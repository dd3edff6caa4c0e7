"""What a term is worth: everything else stays as it is."""

from __future__ import annotations

from pathlib import Path

from tests.quality.made_up import folder, ratings
from tvbrain.quality import split, world
from tvbrain.quality.contribution import ALL, EXPLORING, PLAIN, contribution
from tvbrain.quality.metrics import accuracy
from tvbrain.quality.workshop import Workshop
from tvbrain.store.snapshot import default_weights
from tvbrain.types import TERMS, ViewContext


def test_each_weighed_term_is_left_out_once(tmp_path: Path) -> None:
    made = world.read(folder(tmp_path, ratings()))
    fold = split.unseen_people(made.people, 40)[0]
    shop = Workshop(made, tmp_path)
    table = contribution("made up", [fold], shop, lambda done, total: None)
    weighed = {term for term, weight in zip(TERMS, default_weights(), strict=True) if weight}
    assert set(table.values) == {ALL, PLAIN, EXPLORING, *(f"without {term}" for term in weighed)}
    assert set(table.against) == set(table.values) - {ALL}
    shipped = []
    for one in fold.people:
        with shop.lived(fold, one.history) as life:
            shipped.append(accuracy(life.shipped(), one.target)["ndcg@10"])
    assert table.values[ALL]["ndcg@10"].tolist() == shipped
    gained = table.values[ALL]["ndcg@10"] - table.values["without cf"]["ndcg@10"]
    assert gained.any()


def test_exploration_changes_slates_and_another_screen_changes_them_again(tmp_path: Path) -> None:
    made = world.read(folder(tmp_path, ratings()))
    fold = split.unseen_people(made.people, 40)[0]
    with Workshop(made, tmp_path).lived(fold, fold.people[0].history) as life:
        plain = life.brain.recommend()
        life.explore()
        found = [life.brain.recommend(ViewContext(screen_token=token)) for token in (1, 2, 1)]
        one, two, again = ({entry.item: entry.score for entry in slate} for slate in found)
        assert one == again
        assert len({tuple(sorted(some.items())) for some in (one, two)}) == 2
        assert any(entry.terms["explore"] for entry in found[0])
        assert not any(entry.terms["explore"] for entry in plain)
        life.weigh({})
        assert life.brain.recommend().items == plain.items
