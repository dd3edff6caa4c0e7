"""Titles that nobody has watched yet: a tenth of the catalogue is held out of everything learned from people.

A draw takes its titles at random from the whole catalogue. No weights of theirs are learned, they have no
popularity, and are left out of the histories too, so that only what is known of a title itself can speak for it;
weights that titles like it lend it are of that kind. Each is offered in a region of its own, and the slate is asked
for there: only held-out titles are ranked, by the public filter. Relevant are a person's targets among them; who
has none is left out of the draw. A person's metric is the mean over the draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.histories import Histories
from tvbrain.pack.catalogue import Title
from tvbrain.quality import brains, peers
from tvbrain.quality.metrics import LONG, Rows, accuracy
from tvbrain.quality.packs import build_pack
from tvbrain.quality.split import Split
from tvbrain.quality.tables import NEAREST, RANKING, SHIPPED, Table, all_against, stacked
from tvbrain.quality.workshop import Workshop

SHARE = 0.1
HELD, KNOWN = "XA", "XB"
"""Regions that ISO 3166 leaves to users: of held-out titles, and of all others."""

Metrics = dict[str, dict[str, float]]


def cold_titles(
    split_name: str,
    splits: Sequence[Split],
    shop: Workshop,
    progress: Progress,
    *,
    seeds: Sequence[int],
) -> Table:
    """`progress` counts people in draws. InvalidArgumentError without vectors, or if nobody has a held-out target."""
    world = shop.world
    if world.plain is None:
        raise InvalidArgumentError("cold titles are ranked by text: a model is needed")
    nearest = peers.nearest_text(world.plain)
    by_person: dict[int, list[Metrics]] = {}
    total = len(seeds) * sum(len(split.people) for split in splits)
    count = round(SHARE * len(world.titles))
    done = 0
    for seed in seeds:
        held = np.random.default_rng(seed).choice(len(world.titles), count, replace=False)
        titles = apart(world.titles, held)
        for split in splits:
            pack = shop.folder / "cold.tvpack"
            build_pack(*(pack, titles, without(split.histories, held), world.packed, world.plain))
            for person in split.people:
                done += 1
                progress(done, total)
                seen = [watch for watch in person.history if watch.row not in set(held.tolist())]
                target = person.target.intersection(held.tolist())
                if not seen or not target:
                    continue
                with brains.lived(
                    *(pack, titles, world.row_of, seen), scratch=shop.folder, candidates=count
                ) as life:
                    answer = life.answer(region=HELD)
                near = _only(held, nearest([watch.row for watch in seen]))
                lists = {SHIPPED: answer.shipped, RANKING: answer.ranked, NEAREST: near}
                by_person.setdefault(person.number, []).append(
                    {model: accuracy(top, target) for model, top in lists.items()}
                )
    if not by_person:
        raise InvalidArgumentError("nobody has a held-out title among the targets")
    values = stacked([_mean(draws) for draws in by_person.values()])
    notes = {"held_out": count, "draws": len(seeds), "lists": sum(map(len, by_person.values()))}
    lucky = {"recall@20": min(1.0, LONG / count)}
    against = all_against(NEAREST, values)
    return Table("cold", split_name, values, against, chance=lucky, notes=notes)


def apart(titles: Sequence[Title], held: NDArray[np.int64]) -> list[Title]:
    """The same titles, those of `held` offered in one region and all others in another."""
    some = set(held.tolist())
    return [
        replace(
            title,
            offers=tuple(
                replace(offer, regions=(HELD if row in some else KNOWN,)) for offer in title.offers
            ),
        )
        for row, title in enumerate(titles)
    ]


def without(train: Histories, held: Iterable[int]) -> Histories:
    """What to train on if nobody has watched `held`."""
    some = list(held)
    rest = [items[~np.isin(items, some)] for items in train.of_each()]
    return Histories.of(rest, train.titles)


def _only(held: NDArray[np.int64], scores: peers.Scores) -> Rows:
    some = np.sort(held)
    rows: Rows = some[peers.best(scores[some], [])]
    return rows


def _mean(draws: Sequence[Metrics]) -> Metrics:
    return {
        model: {name: float(np.mean([draw[model][name] for draw in draws])) for name in metrics}
        for model, metrics in draws[0].items()
    }
