"""Protocols (a) and (b) from end to end: train on each split, ask every model for every person, judge the lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.embed.embedder import Progress
from tvbrain.quality import peers
from tvbrain.quality.brains import Answer
from tvbrain.quality.metrics import Facts, accuracy, by_third, chance, manner
from tvbrain.quality.peers import Peer
from tvbrain.quality.split import Person, Split
from tvbrain.quality.tables import (
    NEAREST,
    RANKING,
    REFERENCE,
    SHIPPED,
    Judged,
    Table,
    all_against,
    coverage,
    stacked,
)
from tvbrain.quality.workshop import Workshop
from tvbrain.quality.world import World

HISTORY = {
    "under 10": (0, 10),
    "10 to 29": (10, 30),
    "30 to 99": (30, 100),
    "100 and more": (100, 10**9),
}
"""Positives in the history: from, below."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    judged: Judged
    chance: float
    proven: bool
    sizes: Mapping[str, int]


def evaluate(
    protocol: str,
    split_name: str,
    splits: Sequence[Split],
    shop: Workshop,
    progress: Progress,
    *,
    with_low: Sequence[bool] = (False,),
    seed: int = 0,
) -> list[Table]:
    """A table for each of `with_low`. `progress` counts people."""
    parts: list[list[_Part]] = [[] for _ in with_low]
    total = len(with_low) * sum(len(split.people) for split in splits)
    done = 0
    skipped: dict[str, str] = {}
    for split in splits:
        sizes = shop.pack(split).sizes
        trained, skipped = train_peers(split, shop.world, seed)
        facts = Facts.of(shop.world.genres, split.train)
        for part, low in zip(parts, with_low, strict=True):
            for person in split.people:
                with shop.lived(split, person.seen(with_low=low)) as life:
                    answer = life.answer()
                judged = _judge(person, low, answer, trained, facts)
                candidates = life.candidates
                lucky = chance(candidates, len(person.target))
                part.append(_Part(judged, lucky, answer.proven, sizes))
                done += 1
                progress(done, total)
    titles = len(shop.world.titles)
    return [
        _table(protocol, split_name, low, part, skipped, titles)
        for part, low in zip(parts, with_low, strict=True)
    ]


def train_peers(split: Split, world: World, seed: int) -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers that can run, and why the others cannot."""
    makers: dict[str, Callable[[], Peer]] = {
        "popularity": lambda: peers.popularity(split.train),
        "item kNN": lambda: peers.item_knn(split.train),
        "iALS": lambda: peers.ials(split.train, seed=seed),
        REFERENCE: lambda: peers.DenseEase.train(split.train),
    }
    skipped = {}
    if world.plain is None:
        skipped[NEAREST] = "no model was given"
    else:
        plain = world.plain
        makers[NEAREST] = lambda: peers.nearest_text(plain)
    trained = {}
    for name, make in makers.items():
        try:
            trained[name] = make()
        except ImportError as error:
            skipped[name] = f"{error.name or error} is not installed: pip install 'tvbrain[bench]'"
    return trained, skipped


def _judge(
    person: Person, low: bool, answer: Answer, trained: Mapping[str, Peer], facts: Facts
) -> Judged:
    history = [watch.row for watch in person.history]
    seen = [watch.row for watch in person.seen(with_low=low)]
    lists = {SHIPPED: answer.shipped, RANKING: answer.ranked}
    lists |= {name: peers.best(peer(history), seen) for name, peer in trained.items()}
    values = {
        name: {
            **accuracy(top, person.target),
            **by_third(top, person.target, facts.third),
            **manner(top, history, facts),
        }
        for name, top in lists.items()
    }
    for metrics in values.values():
        for name, (least, most) in HISTORY.items():
            within = least <= len(history) < most
            metrics[f"ndcg@10.history {name}"] = metrics["ndcg@10"] if within else float("nan")
    return Judged(lists, values)


def _table(
    protocol: str,
    split: str,
    low: bool,
    parts: Sequence[_Part],
    skipped: Mapping[str, str],
    titles: int,
) -> Table:
    values = stacked([part.judged.values for part in parts])
    sizes = {f"{name}.bytes": max(part.sizes[name] for part in parts) for name in parts[0].sizes}
    return Table(
        protocol=protocol,
        split=split,
        with_low=low,
        values=values,
        against=all_against(REFERENCE, values),
        coverage=coverage([part.judged for part in parts], titles),
        skipped=skipped,
        chance={"ndcg@10": float(np.mean([part.chance for part in parts]))},
        notes={
            "ranking.proven": round(float(np.mean([part.proven for part in parts])), 3),
            "titles": titles,
            **sizes,
        },
    )
