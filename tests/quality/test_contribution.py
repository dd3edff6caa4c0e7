"""What a term is worth: everything else stays as it is."""

from __future__ import annotations

from pathlib import Path

from tests.quality.made_up import folder, ratings
from tvbrain.quality import split, world
from tvbrain.quality.contribution import ALL, contribution
from tvbrain.quality.metrics import accuracy
from tvbrain.quality.workshop import Workshop
from tvbrain.store.snapshot import default_weights
from tvbrain.types import TERMS


def test_each_weighed_term_is_left_out_once(tmp_path: Path) -> None:
    made = world.read(folder(tmp_path, ratings()))
    fold = split.unseen_people(made.people, 40)[0]
    shop = Workshop(made, tmp_path)
    table = contribution("made up", [fold], shop, lambda done, total: None)
    weighed = {term for term, weight in zip(TERMS, default_weights(), strict=True) if weight}
    assert set(table.values) == {ALL, *(f"without {term}" for term in weighed)}
    assert set(table.against) == set(table.values) - {ALL}
    shipped = []
    for one in fold.people:
        with shop.lived(fold, one.history) as life:
            shipped.append(accuracy(life.shipped(), one.target)["ndcg@10"])
    assert table.values[ALL]["ndcg@10"].tolist() == shipped
    gained = table.values[ALL]["ndcg@10"] - table.values["without cf"]["ndcg@10"]
    assert gained.any()
