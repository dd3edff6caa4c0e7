"""What a list is worth to a person. Lists are catalogue rows, best first; a person's metric is one number.

Gains are binary. NDCG@10 is that of Jarvelin and Kekalainen with log2 discounts, the ideal list having
min(10, targets) hits; MRR@20 is 1 / the rank of the first hit among 20, or 0; Recall@20 is hits / targets.
Calibration: KL(p || q) of Steck 2018 ("Calibrated recommendations"), p the genres of the history, q those of the list,
q smoothed with 0.01 p; each title spreads a weight of 1 evenly over its genres.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

CUT, LONG = 10, 20
"""Lists are judged by their first 10, or 20 where a metric says so."""

THIRDS = ("head", "middle", "tail")
SMOOTHING = 0.01
_DISCOUNT = 1.0 / np.log2(np.arange(2, CUT + 2))

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is known of titles where a list is judged.

    genres: (titles, genres) float64 of 0 and 1. bits: (titles,) -log2 of the title's share of the training people.
    third: (titles,) 0, 1 or 2: `THIRDS`.
    """

    genres: NDArray[np.float64]
    bits: NDArray[np.float64]
    third: NDArray[np.int64]

    @classmethod
    def of(cls, genres: NDArray[np.float64], train: csr_matrix) -> Facts:
        """One person is added to every count, so that a title nobody watched has a share too."""
        counts = np.asarray(train.sum(axis=0), np.float64).ravel()
        bits = -np.log2((counts + 1) / (train.shape[0] + 1))
        return cls(genres, bits, thirds(counts))


def thirds(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """By popularity, most popular first: the titles that carry the first, second and last third of all positives."""
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    result = np.empty(len(counts), np.int64)
    result[order] = np.minimum(2, (3 * before / max(1.0, counts.sum())).astype(np.int64))
    return result


def accuracy(top: Rows, target: Collection[int]) -> dict[str, float]:
    """`top` may be shorter than the metrics look: what is missing is no hit."""
    hits = [row in target for row in top[:LONG].tolist()]
    first = hits.index(True) if True in hits else None
    return {
        "ndcg@10": ndcg(top, target),
        "recall@20": sum(hits) / len(target),
        "hr@10": float(any(hits[:CUT])),
        "mrr@20": 0.0 if first is None else 1.0 / (first + 1),
    }


def ndcg(top: Rows, target: Collection[int]) -> float:
    gain = sum(_DISCOUNT[at] for at, row in enumerate(top[:CUT].tolist()) if row in target)
    return float(gain / _DISCOUNT[: min(CUT, len(target))].sum())


def chance(candidates: int, targets: int) -> float:
    """The expected NDCG@10 of a random order of `candidates` titles, `targets` of them relevant."""
    return float(targets / candidates * _DISCOUNT.sum() / _DISCOUNT[: min(CUT, targets)].sum())


def by_third(top: Rows, target: Collection[int], third: NDArray[np.int64]) -> dict[str, float]:
    """NDCG@10 with the targets of one third as the only relevant titles; NaN where a person has none there."""
    values = {}
    for at, name in enumerate(THIRDS):
        some = {row for row in target if third[row] == at}
        values[f"ndcg@10.{name}"] = ndcg(top, some) if some else float("nan")
    return values


def manner(top: Rows, history: Sequence[int], facts: Facts) -> dict[str, float]:
    """Novelty in bits, diversity 0 to 1, calibration in nats (0 is best), of the first 10."""
    shown = top[:CUT]
    return {
        "novelty": float(facts.bits[shown].mean()) if len(shown) else float("nan"),
        "diversity": diversity(facts.genres[shown]),
        "calibration": calibration(facts.genres[list(history)], facts.genres[shown]),
    }


def diversity(genres: NDArray[np.float64]) -> float:
    """1 - mean cosine of the genres of all pairs; a title without genres is like no other."""
    if len(genres) < 2:
        return 0.0
    unit = genres / np.maximum(np.linalg.norm(genres, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T
    pairs = len(genres) * (len(genres) - 1)
    return float(1.0 - (cosines.sum() - np.trace(cosines)) / pairs)


def calibration(history: NDArray[np.float64], shown: NDArray[np.float64]) -> float:
    """0 where the history has no genres."""
    p, q = _spread(history), _spread(shown)
    some = p > 0
    smooth = (1 - SMOOTHING) * q[some] + SMOOTHING * p[some]
    return float((p[some] * np.log(p[some] / smooth)).sum())


def _spread(genres: NDArray[np.float64]) -> NDArray[np.float64]:
    each = genres / np.maximum(genres.sum(axis=1, keepdims=True), 1.0)
    total = each.sum(axis=0)
    share: NDArray[np.float64] = total / max(float(total.sum()), 1e-12)
    return share
