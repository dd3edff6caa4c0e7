"""The fleet learns: week by week through a server, and what that is worth to people whom no set belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tvbrain.constellation.defences import Defences, released
from tvbrain.constellation.records import Counts
from tvbrain.fleet.judge import Judge
from tvbrain.fleet.lives import EPOCH_S, FIRST_EPOCH, Life, lives
from tvbrain.fleet.served import Served
from tvbrain.fleet.sums import Told
from tvbrain.fleet.talking import Line, Mishaps, Talker
from tvbrain.fleet.telling import Flipped, Honest, Teller
from tvbrain.learning.couple_model import train_from_sums
from tvbrain.learning.item_model import train_weights
from tvbrain.pack.catalogue import Title
from tvbrain.pack.writer import Contents, write_pack
from tvbrain.quality.split import Split
from tvbrain.wire.delta import Delta

HTTP, IN_PROCESS = "http", "in-process"
Progress = Callable[[int, int], None]


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
    *,
    transport: str,
    weeks: int,
    judged: Sequence[int],
    hostile: float,
    mishaps: Mishaps,
    seed: int,
    progress: Progress,
) -> Learned:
    """`judged`: weeks after which it is looked at. `hostile`: share of sets beside the honest ones that tell reversed
    lives. `progress` counts sets in weeks. In process nothing goes wrong on the way and no set is held out.
    """
    judge, own = Judge.of(split), lives(split.histories, weeks)
    count = round(hostile * len(own))
    random = np.random.default_rng(seed)
    bad = [own[at] for at in random.choice(len(own), count, replace=False)]
    found = Learned(
        sets=len(own),
        hostile=count,
        central=judge.ndcg(judge.by_weights(train_weights(split.histories))),
        popular=judge.ndcg(judge.by_popularity(split.histories.support())),
    )
    total = (len(own) + count) * weeks

    def look(week: int, counts: Counts) -> None:
        if week + 1 in judged:
            sums = released(counts, len(titles), found.sets + found.hostile, Defences())
            found.ndcg[week + 1] = judge.ndcg(judge.by_weights(train_from_sums(sums)))

    if transport == IN_PROCESS:
        tellers = _tellers(own, bad, bytes(16))
        told: list[tuple[int, Delta]] = []
        for week in range(weeks):
            for number, teller in enumerate(tellers):
                if (said := teller.tell(week)) is not None:
                    told.append((number, said))
                progress(week * len(tellers) + number + 1, total)
            if week + 1 in judged:
                look(week, Told.of(told).counts())
        found.left = _left(tellers, weeks)
        return found
    pack = folder / "base.tvpack"
    write_pack(pack, Contents(titles=titles, name="fleet", version="1", built_at=0))
    with Served(folder, pack, (FIRST_EPOCH + 0.5) * EPOCH_S) as served:
        tellers = _tellers(own, bad, served.pack)
        talkers = [Talker(served, teller, random, mishaps) for teller in tellers]
        for week in range(weeks):
            served.set_now((FIRST_EPOCH + week + 0.5) * EPOCH_S)
            for at, number in enumerate(random.permutation(len(talkers)).tolist()):
                talkers[number].live(week, found.line)
                progress(week * len(talkers) + at + 1, total)
            if week + 1 in judged:
                look(week, served.sums())
        found.line.answers["release: " + served.release()] += 1
        for talker in talkers:
            talker.pull((FIRST_EPOCH + weeks - 0.5) * EPOCH_S, found.line)
    found.left = _left(tellers, weeks)
    return found


def _tellers(honest: Sequence[Life], hostile: Sequence[Life], pack: bytes) -> list[Teller]:
    found: list[Teller] = [Honest(life, pack) for life in honest]
    return found + [Flipped(life, pack) for life in hostile]


def _left(tellers: Sequence[Teller], weeks: int) -> int:
    return sum(one.left(weeks - 1) for one in tellers if isinstance(one, Honest))


def together(some: Sequence[Learned]) -> Counter[str]:
    """The answers of all folds."""
    return sum((one.line.answers for one in some), Counter())
