"""Settings chosen without the people they are judged on: nested folds, all through the public interface.

For each outer fold the people trained on are dealt into inner folds. A sample of each inner fold's people is ranked for
by what the other inner folds' people trained, with every setting of `GRID`; the setting with the highest mean NDCG@10
over them is used for the outer fold's people, on a pack trained on all of the outer fold's training people. Of equal
settings the first is taken, and the shipped one stands first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np

from tvbrain.embed.embedder import Progress
from tvbrain.learning.item_model import CO_WATCH, L2
from tvbrain.quality.brains import TermWeights
from tvbrain.quality.metrics import accuracy, ndcg
from tvbrain.quality.packs import Recipe
from tvbrain.quality.split import Split, unseen_people
from tvbrain.quality.tables import Table, all_against, stacked
from tvbrain.quality.workshop import Workshop
from tvbrain.store.snapshot import default_weights
from tvbrain.types import TERMS

INNER_FOLDS = 3
SAMPLE = 40
"""People of each inner fold."""

CHOSEN, FIXED = "tvbrain, chosen on training people", "tvbrain as shipped"
SCALED = ("text", "popularity", "era", "genre", "nearest")
"""Terms whose weights are tried at half and at twice what is shipped, one at a time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the item side is trained, and weights that are not the shipped ones."""

    name: str
    recipe: Recipe = field(default_factory=Recipe)
    weights: TermWeights = field(default_factory=dict)


def grid() -> list[Setting]:
    """The shipped setting first, then one thing changed at a time."""
    settings = [Setting("shipped")]
    settings += [Setting(f"l2 {l2:g}", Recipe(l2=l2)) for l2 in (L2 / 2, L2 * 2)]
    settings += [
        Setting(f"co-watch {share:g}", Recipe(co_watch=share))
        for share in (CO_WATCH / 2, CO_WATCH * 2)
    ]
    shipped = dict(zip(TERMS, default_weights().tolist(), strict=True))
    settings += [
        Setting(f"{term} {shipped[term] * by // 2}", weights={term: shipped[term] * by // 2})
        for term in SCALED
        if shipped[term]
        for by in (1, 4)
    ]
    return settings


def nested(
    split_name: str,
    splits: Sequence[Split],
    held: Mapping[str, Set[int]],
    shop: Workshop,
    progress: Progress,
    *,
    seed: int = 0,
) -> Table:
    """`held`: the people of each split, also where only some of them are tested. `progress` counts folds."""
    people, notes = [], dict[str, float | int | str]()
    for done, split in enumerate(splits, start=1):
        chosen, inner = _choose(held[split.name], shop, seed)
        notes[split.name] = (
            f"{chosen.name}; inner NDCG@10 {inner[chosen.name]:.4f}, shipped {inner['shipped']:.4f}"
        )
        for person in split.people:
            metrics = {}
            for name, setting in ((CHOSEN, chosen), (FIXED, Setting("shipped"))):
                with shop.lived(split, person.history, recipe=setting.recipe) as life:
                    life.weigh(setting.weights)
                    metrics[name] = accuracy(life.shipped(), person.target)
            people.append(metrics)
        progress(done, len(splits))
    values = stacked(people)
    return Table("nested", split_name, values, all_against(FIXED, values), notes=notes)


def _choose(held: Set[int], shop: Workshop, seed: int) -> tuple[Setting, dict[str, float]]:
    """The best setting for who is not of `held`, and the mean NDCG@10 of each."""
    world, settings = shop.world, grid()
    rest = {number: life for number, life in world.people.items() if number not in held}
    found: dict[str, list[float]] = {setting.name: [] for setting in settings}
    for split in unseen_people(rest, len(world.titles), folds=INNER_FOLDS, seed=seed):
        for recipe, some in _by_recipe(settings):
            for name, values in _tried(_sampled(split, seed), recipe, some, shop).items():
                found[name] += values
        shop.forget(split)
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return max(settings, key=lambda setting: means[setting.name]), means


def _tried(
    split: Split, recipe: Recipe, settings: Sequence[Setting], shop: Workshop
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {setting.name: [] for setting in settings}
    for person in split.people:
        with shop.lived(split, person.history, recipe=recipe) as life:
            for setting in settings:
                life.weigh(setting.weights)
                found[setting.name].append(ndcg(life.shipped(), person.target))
    return found


def _by_recipe(settings: Sequence[Setting]) -> Iterator[tuple[Recipe, list[Setting]]]:
    for recipe in dict.fromkeys(setting.recipe for setting in settings):
        yield recipe, [setting for setting in settings if setting.recipe == recipe]


def _sampled(split: Split, seed: int) -> Split:
    order = np.random.default_rng(seed).permutation(len(split.people))[:SAMPLE]
    return replace(split, people=tuple(split.people[at] for at in sorted(order.tolist())))
