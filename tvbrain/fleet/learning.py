"""The fleet learns: week by week through a server, and what that is worth to people whom no set belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tvbrain.constellation.records import Counts
from tvbrain.constellation.teaching import taught
from tvbrain.fleet.hearing import Guest, Progress, Speakers, in_memory, over_http
from tvbrain.fleet.judge import Judge
from tvbrain.fleet.lives import Life, lives
from tvbrain.fleet.talking import Line, Mishaps
from tvbrain.fleet.telling import Flipped, Honest, Teller
from tvbrain.learning.item_model import train_weights
from tvbrain.pack.catalogue import Title
from tvbrain.quality.split import Split

HTTP, IN_PROCESS = "http", "in-process"


@dataclass(frozen=True, slots=True)
class Plan:
    """`judged`: weeks after which what was learned is looked at. `hostile`: share of sets beside the honest ones that
    tell reversed lives. In process nothing goes wrong on the way.

    bucket_key: 32 bytes by which sets fall into buckets, where those of one count once. None: over HTTP a secret one of
    the server's; in process each set is a bucket of its own.
    """

    transport: str
    weeks: int
    judged: tuple[int, ...]
    hostile: float = 0.0
    mishaps: Mishaps = field(default_factory=Mishaps)
    seed: int = 0
    bucket_key: bytes | None = None


@dataclass(slots=True)
class Learned:
    """One fold. ndcg: by week (counted from 1), (people,) NDCG@10 of what was learned from deltas alone by then;
    central, popular: (people,) of the model trained on the same people's whole histories, and of popularity. left:
    couples of all honest sets that never fitted.
    """

    sets: int
    hostile: int
    central: np.ndarray
    popular: np.ndarray
    ndcg: dict[int, np.ndarray] = field(default_factory=dict)
    line: Line = field(default_factory=Line)
    left: int = 0


def learn(
    split: Split,
    titles: Sequence[Title],
    folder: Path,
    plan: Plan,
    progress: Progress,
    guests: Sequence[Guest] = (),
) -> Learned:
    """`folder` is for the server's files. `progress` counts sets in weeks. `guests` over HTTP alone."""
    judge, own = Judge.of(split), lives(split.histories, plan.weeks)
    count = round(plan.hostile * len(own))
    random = np.random.default_rng(plan.seed)
    bad = [own[at] for at in random.choice(len(own), count, replace=False)]
    found = Learned(
        sets=len(own),
        hostile=count,
        central=judge.ndcg(judge.by_weights(train_weights(split.histories))),
        popular=judge.ndcg(judge.by_popularity(split.histories.support())),
    )

    def look(week: int, sums: Callable[[], Counts]) -> None:
        if week + 1 in plan.judged:
            weights = taught(sums(), len(titles))[1]
            nothing = np.zeros(len(split.people))
            found.ndcg[week + 1] = (
                nothing if weights is None else judge.ndcg(judge.by_weights(weights))
            )

    speakers = Speakers(
        lambda pack: _tellers(own, bad, pack), plan.weeks, plan.seed, plan.bucket_key
    )
    if plan.transport == IN_PROCESS:
        tellers = in_memory(speakers, look, progress)
    else:
        tellers = over_http(
            speakers, titles, folder, plan.mishaps, found.line, look, progress, guests
        )
    found.left = _left(tellers, plan.weeks)
    return found


def _tellers(honest: Sequence[Life], hostile: Sequence[Life], pack: bytes) -> list[Teller]:
    found: list[Teller] = [Honest(life, pack) for life in honest]
    return found + [Flipped(life, pack) for life in hostile]


def _left(tellers: Sequence[Teller], weeks: int) -> int:
    return sum(one.left(weeks - 1) for one in tellers if isinstance(one, Honest))


def together(some: Sequence[Learned]) -> Counter[str]:
    """The answers of all folds."""
    return sum((one.line.answers for one in some), Counter())
