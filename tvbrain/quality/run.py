"""One protocol from end to end: train on each split, ask every model for every person, judge the lists."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.quality import brains, peers
from tvbrain.quality.metrics import CUT, Facts, Rows, accuracy, by_third, chance, manner
from tvbrain.quality.peers import Peer
from tvbrain.quality.split import Person, Split
from tvbrain.quality.world import World

SHIPPED, RANKING, REFERENCE = "tvbrain as shipped", "tvbrain ranking only", "dense EASE"
PEERS = ("popularity", "item kNN", "iALS", REFERENCE, "MiniLM only")

Values = Mapping[str, NDArray[np.float64]]
"""By metric: (people,) in one order for all models."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What every model got for the people of some splits.

    coverage: share of the catalogue in anybody's first 10. skipped: peers that could not run, and why. proven: share
    of people whose ranking without diversity is certain. pack: bytes of the largest pack, and of its weights.
    """

    protocol: str
    split: str
    with_low: bool
    n: int
    values: Mapping[str, Values]
    coverage: Mapping[str, float]
    skipped: Mapping[str, str]
    chance: float
    proven: float
    pack: Mapping[str, int]
    titles: int


def evaluate(
    protocol: str,
    split_name: str,
    splits: Sequence[Split],
    world: World,
    progress: Progress,
    *,
    with_low: Sequence[bool] = (False,),
    seed: int = 0,
) -> list[Table]:
    """A table for each of `with_low`. `progress` counts people."""
    parts: list[list[_Part]] = [[] for _ in with_low]
    total = len(with_low) * sum(len(split.people) for split in splits)
    done = 0
    with tempfile.TemporaryDirectory(prefix="tvbrain-quality-", dir=_memory()) as folder:
        for split in splits:
            scratch = Path(folder)
            pack = scratch / "quality.tvpack"
            sizes = brains.build_pack(pack, world.titles, split.train, world.packed)
            trained, skipped = _train(split, world, seed)
            facts = Facts.of(world.genres, split.train)
            for part, low in zip(parts, with_low, strict=True):
                for person in split.people:
                    answer = brains.ask(
                        pack, world.titles, world.row_of, person, with_low=low, scratch=scratch
                    )
                    part.append(_judge(person, low, answer, trained, facts, sizes, skipped))
                    done += 1
                    progress(done, total)
    return [
        _table(protocol, split_name, low, part, len(world.titles))
        for part, low in zip(parts, with_low, strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One person."""

    lists: Mapping[str, Rows]
    values: Mapping[str, Mapping[str, float]]
    chance: float
    proven: bool
    sizes: Mapping[str, int]
    skipped: Mapping[str, str]


def _train(split: Split, world: World, seed: int) -> tuple[dict[str, Peer], dict[str, str]]:
    makers: dict[str, Callable[[], Peer]] = {
        "popularity": lambda: peers.popularity(split.train),
        "item kNN": lambda: peers.item_knn(split.train),
        "iALS": lambda: peers.ials(split.train, seed=seed),
        REFERENCE: lambda: peers.DenseEase.train(split.train),
    }
    skipped = {}
    if world.plain is None:
        skipped["MiniLM only"] = "no model was given"
    else:
        plain = world.plain
        makers["MiniLM only"] = lambda: peers.nearest_text(plain)
    trained = {}
    for name, make in makers.items():
        try:
            trained[name] = make()
        except ImportError as error:
            skipped[name] = f"{error.name or error} is not installed: pip install 'tvbrain[bench]'"
    return trained, skipped


def _judge(
    person: Person,
    low: bool,
    answer: brains.Answer,
    trained: Mapping[str, Peer],
    facts: Facts,
    sizes: Mapping[str, int],
    skipped: Mapping[str, str],
) -> _Part:
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
    lucky = chance(len(facts.bits) - len(seen), len(person.target))
    return _Part(lists, values, lucky, answer.proven, sizes, skipped)


def _table(protocol: str, split: str, low: bool, parts: Sequence[_Part], titles: int) -> Table:
    values: dict[str, dict[str, NDArray[np.float64]]] = defaultdict(dict)
    coverage = {}
    for model in parts[0].lists:
        for metric in parts[0].values[model]:
            values[model][metric] = np.array([part.values[model][metric] for part in parts])
        shown = {row for part in parts for row in part.lists[model][:CUT].tolist()}
        coverage[model] = len(shown) / titles
    return Table(
        protocol=protocol,
        split=split,
        with_low=low,
        n=len(parts),
        values=values,
        coverage=coverage,
        skipped=parts[0].skipped,
        chance=float(np.mean([part.chance for part in parts])),
        proven=float(np.mean([part.proven for part in parts])),
        pack={name: max(part.sizes[name] for part in parts) for name in parts[0].sizes},
        titles=titles,
    )


def _memory() -> Path | None:
    """Ratings are synced one by one; how fast a disk syncs is not what is measured here."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() else None
