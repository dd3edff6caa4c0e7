"""The whole way on made-up people: packs, brains, tables, the page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeEmbedder
from tests.places import ROOT
from tests.quality.made_up import folder, ratings
from tvbrain.cli import exits, main
from tvbrain.cli.bench import quality_page, quality_plots
from tvbrain.errors import InvalidArgumentError, TvbrainError
from tvbrain.quality import brains, split, world
from tvbrain.quality.run import evaluate
from tvbrain.quality.tables import RANKING, REFERENCE, SHIPPED
from tvbrain.quality.workshop import Workshop


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> world.World:
    data = folder(tmp_path_factory.mktemp("films"), ratings())
    return world.read(data, FakeEmbedder(dimension=64))


@pytest.fixture
def shop(made: world.World, tmp_path: Path) -> Workshop:
    return Workshop(made, tmp_path)


def test_a_brain_is_told_the_history_and_shows_none_of_it(shop: Workshop) -> None:
    fold = split.unseen_people(shop.world.people, 40)[0]
    pack = shop.pack(fold)
    assert pack.sizes["pack"] == pack.path.stat().st_size > pack.sizes["weights"] > 0
    for one in fold.people:
        for low in (False, True):
            told = one.seen(with_low=low)
            with shop.lived(fold, told) as life:
                answer = life.answer()
            seen = {watch.row for watch in told}
            assert not seen & {*answer.shipped.tolist(), *answer.ranked.tolist()}
            assert len(answer.shipped) == len(answer.ranked) == min(20, 40 - len(seen))
            assert answer.proven


def test_a_pack_is_made_once_for_what_it_is_trained_on(shop: Workshop) -> None:
    folds = split.unseen_people(shop.world.people, 40)
    assert shop.pack(folds[0]) is shop.pack(split.fraction(folds, 0.1)[0])
    assert shop.pack(folds[0]).path != shop.pack(folds[1]).path


def test_a_brain_that_hides_other_titles_than_it_was_told_of_is_refused(shop: Workshop) -> None:
    fold = split.unseen_people(shop.world.people, 40)[0]
    world = shop.world
    with (
        brains.lived(
            *(shop.pack(fold).path, world.titles, world.row_of, fold.people[0].history),
            scratch=shop.folder,
            candidates=39,
        ) as life,
        pytest.raises(TvbrainError, match="were eligible, not 39"),
    ):
        life.answer()


def test_weights_from_outside_are_served_at_once(shop: Workshop) -> None:
    fold = split.unseen_people(shop.world.people, 40)[0]
    with shop.lived(fold, fold.people[0].history) as life:
        assert any(entry.terms["genre"] for entry in life.brain.recommend())
        life.weigh({"genre": 0})
        assert not any(entry.terms["genre"] for entry in life.brain.recommend())
        assert any(entry.terms["cf"] for entry in life.brain.recommend())
        life.weigh({})
        assert any(entry.terms["genre"] for entry in life.brain.recommend())


def test_stars_become_ratings_from_minus_one_to_one(made: world.World) -> None:
    seen = [split.Watch(row, 100 + row, stars) for row, stars in enumerate((0.5, 1.0, 3.5, 5.0))]
    told = brains.events(made.titles, seen)
    assert [event.rating for event in told] == [-1.0, -1.0, 0.25, 1.0]
    assert [event.at for event in told] == [100.0, 101.0, 102.0, 103.0]
    assert {event.kind for event in told} == {"complete"}


def test_every_model_is_judged_on_the_same_people(shop: Workshop) -> None:
    folds = split.unseen_people(shop.world.people, 40)
    counted: list[tuple[int, int]] = []
    plain, low = evaluate(
        *("a", "made up", folds, shop, lambda done, total: counted.append((done, total))),
        with_low=(False, True),
    )
    assert plain.n == low.n == sum(len(fold.people) for fold in folds)
    assert counted[-1] == (2 * plain.n, 2 * plain.n)
    assert {SHIPPED, RANKING, REFERENCE, "popularity", "item kNN", "MiniLM only"} <= set(
        plain.values
    )
    assert set(plain.skipped) <= {"iALS"}
    assert all(len(v["ndcg@10"]) == plain.n for v in plain.values.values())
    assert plain.values[SHIPPED]["ndcg@10"].mean() > plain.chance["ndcg@10"]
    again = evaluate("a", "made up", folds, shop, lambda done, total: None)[0]
    for metric, people in plain.values[SHIPPED].items():
        assert np.array_equal(people, again.values[SHIPPED][metric], equal_nan=True)


def test_the_control_keeps_when_people_watched_but_not_what(made: world.World) -> None:
    control = world.shuffled(made.people, 40, seed=1, every=2)
    assert list(control) == list(made.people)[::2]
    for number, life in control.items():
        assert [(w.at, w.stars) for w in life] == [(w.at, w.stars) for w in made.people[number]]
        assert len({watch.row for watch in life}) == len(life)


def test_the_command_prints_figures_and_writes_its_part_of_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the page has plots")
    data = tmp_path / "ml-latest-small"
    data.mkdir()
    folder(data, ratings(people=45))
    page = tmp_path / "quality.md"
    page.write_text(
        f"before\n{quality_page.BEGIN}\nof last year\n{quality_page.END}\nafter\n", "utf-8"
    )
    words = ["bench", "quality", "--data", str(tmp_path), "--no-vectors", "--page", str(page)]
    assert main([*words, "--json"]) == exits.OK
    answer = json.loads(capsys.readouterr().out)
    shipped = [f for f in answer["figures"] if f["with"].get("model") == SHIPPED]
    assert {f["with"]["protocol"] for f in shipped} == {"a", "b", "control"}
    parts = {f["with"]["part"] for f in answer["figures"] if f["name"] == "run.part"}
    assert parts == {"reading", "a", "b", "control", "households", "terms"}
    assert {file.name for file in (tmp_path / quality_page.FOLDER).iterdir()} >= {
        "models.svg",
        "terms.svg",
    }
    assert all("split" in f["with"] and f["n"] >= 0 for f in shipped)
    written = page.read_text("utf-8")
    assert written.startswith("before\n")
    assert written.endswith(f"{quality_page.END}\nafter\n")
    assert "of last year" not in written
    for title, _, rows in quality_page.tables(answer):
        assert f"**{title}**" in written
        assert len(rows) >= 4
    assert "n = " in written
    drawn = {file.name: file.read_bytes() for file in (tmp_path / quality_page.FOLDER).iterdir()}
    assert set(drawn) == set(quality_plots.wanted(answer))
    assert {"models.svg", "terms.svg", "history.svg", "thirds.svg"} <= set(drawn)
    quality_plots.draw(answer, tmp_path / "again")
    assert drawn == {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()}


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text("mine\n", "utf-8")
    with pytest.raises(InvalidArgumentError, match="no lines"):
        quality_page.write(page, {"figures": [], "machine": {}, "command": ""})
    assert page.read_text("utf-8") == "mine\n"


def test_the_page_of_quality_is_what_the_kept_run_says() -> None:
    kept = json.loads((ROOT / "docs" / "benchmarks" / "quality.json").read_text("utf-8"))
    assert quality_page.markdown(kept) in (ROOT / "docs" / "quality.md").read_text("utf-8")
    for name in quality_plots.wanted(kept):
        assert (ROOT / "docs" / quality_page.FOLDER / name).is_file()


def test_missing_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "quality", "--data", str(tmp_path)]) == exits.BAD_FILE
    assert "ratings.csv" in capsys.readouterr().err


@pytest.mark.slow
def test_on_real_people_ours_is_above_popularity_and_the_control_at_chance(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "quality", "--data", str(shared_data), "--users", "0.1", "--protocol", "a"]
    assert main([*words, "--no-vectors", "--json"]) == exits.OK
    found = {
        (f["with"]["protocol"], f["with"]["low_ratings"], f["with"]["model"]): f
        for f in json.loads(capsys.readouterr().out)["figures"]
        if f["name"] == "ndcg@10"
    }
    assert found["a", False, SHIPPED]["n"] == 60
    for low in (False, True):
        assert found["a", low, SHIPPED]["value"] > 1.2 * found["a", low, "popularity"]["value"]
    control = [f["value"] for key, f in found.items() if key[0] == "control"]
    assert max(control) < 0.03


def test_an_earlier_run_is_read_instead_of_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "run.json"
    kept.write_text(json.dumps({"machine": {}, "command": "tvbrain", "figures": []}), "utf-8")
    assert main(["bench", "quality", "--read", str(kept), "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out)["command"] == "tvbrain"
    kept.write_text("[]", "utf-8")
    assert main(["bench", "quality", "--read", str(kept)]) != exits.OK
    assert "no run of a bench" in capsys.readouterr().err
