"""What a fleet came to, as figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tvbrain.cli.output import Figure, Value

if TYPE_CHECKING:
    import numpy as np

    from tvbrain.fleet.attacks import Case, Harm
    from tvbrain.fleet.learning import Learned
    from tvbrain.fleet.noise import Noisy

NDCG = "NDCG@10"


def of_learning(found: Sequence[Learned], transport: str) -> list[Figure]:
    """Means over the people of all folds; `against central` is the ratio of the means."""
    import numpy as np

    from tvbrain.fleet.learning import together

    central = np.concatenate([one.central for one in found])
    popular = np.concatenate([one.popular for one in found])
    n = len(central)
    given: dict[str, Value] = {
        "transport": transport,
        "sets_a_fold": round(float(np.mean([one.sets for one in found]))),
        "hostile_a_fold": round(float(np.mean([one.hostile for one in found]))),
    }
    figures = [
        Figure("fleet.central", float(central.mean()), NDCG, n),
        Figure("fleet.popularity", float(popular.mean()), NDCG, n),
    ]
    for week in sorted(found[0].ndcg):
        values = np.concatenate([one.ndcg[week] for one in found])
        ratio: dict[str, Value] = {
            "against_central": round(float(values.mean() / central.mean()), 4)
        }
        figures.append(Figure(f"fleet.week_{week}", float(values.mean()), NDCG, n, ratio | given))
    figures.append(Figure("fleet.couples_left", sum(one.left for one in found), "", 1, given))
    pushed = [size for one in found for size in one.line.bytes]
    if pushed:
        figures += [
            Figure("fleet.push_largest", max(pushed), "B", len(pushed)),
            Figure("fleet.push_mean", float(np.mean(pushed)), "B", len(pushed)),
            Figure(
                "fleet.bytes_a_set",
                sum(pushed) / sum(one.sets + one.hostile for one in found),
                "B",
                len(pushed),
            ),
        ]
    pulled = [size for one in found for size in one.line.pulled]
    if pulled:
        figures.append(Figure("fleet.pull_largest", max(pulled), "B", len(pulled)))
    figures += [
        Figure("fleet.answers", count, "pushes", 1, {"answer": answer})
        for answer, count in sorted(together(found).items())
    ]
    return figures


def of_attacks(found: Mapping[Case, Sequence[Harm]]) -> list[Figure]:
    """`rise`: percentage points of people in whose top 20 the promoted title stands, after less before."""
    import numpy as np

    figures = []
    for case, folds in found.items():
        before, after, drift, ndcg = (
            np.concatenate([getattr(one, name) for one in folds]).astype(np.float64)
            for name in ("before", "after", "drift", "ndcg")
        )
        places = [
            round(float(np.median(np.concatenate([getattr(one, name) for one in folds]))))
            for name in ("place_before", "place_after")
        ]
        given: dict[str, Value] = {
            "attack": case.kind,
            "share": case.share,
            "hostile_sets": max(one.sets for one in folds),
            "defences": case.defended,
            "present_before": round(float(before.mean()), 4),
            "present_after": round(float(after.mean()), 4),
            "place_before": places[0],
            "place_after": places[1],
            "drift": round(float(drift.mean()), 4),
            "ndcg": round(float(ndcg.mean()), 4),
        }
        rise = 100 * float(after.mean() - before.mean())
        figures.append(Figure("fleet.attack.rise", rise, "pp", len(after), given))
    return figures


def of_noise(found: Sequence[Noisy], popular: Sequence[np.ndarray]) -> list[Figure]:
    """A release that is not above popularity is not published: its row says so."""
    import numpy as np

    base = np.concatenate(popular)
    by_case: dict[tuple[int, float | None], list[Noisy]] = defaultdict(list)
    for one in found:
        by_case[one.size, one.epsilon].append(one)
    figures = [Figure("fleet.noise.popularity", float(base.mean()), NDCG, len(base))]
    for (size, epsilon), folds in by_case.items():
        values = np.concatenate([one.ndcg for one in folds])
        helps = float(values.mean()) > float(base.mean())
        given: dict[str, Value] = {
            "sets": size,
            "epsilon": epsilon if epsilon is not None else "none",
            "by_ledger": round(folds[0].by_ledger, 3),
            "multiplier": round(folds[0].multiplier, 3),
            "couples": round(float(np.mean([one.couples for one in folds]))),
            "published": helps,
        }
        figures.append(Figure("fleet.noise", float(values.mean()), NDCG, len(values), given))
    return figures
