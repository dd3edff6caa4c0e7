"""The item-side model by its definition: loops and dense matrices in double precision, to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
People = Sequence[Sequence[int]]


def ease(people: People, titles: int, l2: float) -> Matrix:
    """Steck 2019, the closed form."""
    x = np.zeros((len(people), titles))
    for person, items in enumerate(people):
        x[person, list(items)] = 1.0
    inverse = np.linalg.inv(x.T @ x + l2 * np.eye(titles))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def ease_from_hubs(people: People, titles: int, l2: float, hubs: Sequence[int]) -> Matrix:
    """The closed form among the hubs; into every other title the ridge regression on the hubs."""
    x = np.zeros((len(people), titles))
    for person, items in enumerate(people):
        x[person, list(items)] = 1.0
    weights = np.zeros((titles, titles))
    gram = x[:, hubs].T @ x[:, hubs] + l2 * np.eye(len(hubs))
    for i in range(titles):
        others = [at for at, hub in enumerate(hubs) if hub != i]
        target = x[:, [hubs[at] for at in others]].T @ x[:, i]
        if others:
            rows = [hubs[at] for at in others]
            weights[rows, i] = np.linalg.solve(gram[np.ix_(others, others)], target)
    return weights


def co_watch(people: People, titles: int) -> Matrix:
    """A[j, i]: over people who liked j and later i, d^(-1/2) for d = 1..100 positives from one to the other."""
    counts = np.zeros((titles, titles))
    for items in people:
        for later, i in enumerate(items):
            for d in range(1, min(later, 100) + 1):
                counts[items[later - d], i] += d**-0.5
    return counts


def model(
    people: People, titles: int, l2: float = 200.0, hubs: int = 6000, least: int = 2
) -> Matrix:
    """W = E + 0.3 A / sqrt((n_j + 10) (n_i + 10)) between titles with at least `least` positives; 0 elsewhere."""
    n = np.zeros(titles)
    for items in people:
        n[list(items)] += 1
    kept = [title for title in range(titles) if n[title] >= least]
    known = {title: at for at, title in enumerate(kept)}
    inner = [[known[title] for title in items if title in known] for items in people]
    if hubs < len(kept):
        by_support = sorted(range(len(kept)), key=lambda at: (-n[kept[at]], at))[:hubs]
        among = ease_from_hubs(inner, len(kept), l2, sorted(by_support))
    else:
        among = ease(inner, len(kept), l2)
    root = np.sqrt(n[kept] + 10)
    among += 0.3 * co_watch(people, titles)[np.ix_(kept, kept)] / np.outer(root, root)
    weights = np.zeros((titles, titles))
    weights[np.ix_(kept, kept)] = among
    return weights


def pruned(weights: Matrix, top: int) -> Matrix:
    """The `top` largest by size of each column, the lower row first among equals, at the norm of the whole column."""
    left = np.zeros_like(weights)
    for i in range(len(weights)):
        keep = np.argsort(-np.abs(weights[:, i]), kind="stable")[:top]
        left[keep, i] = weights[keep, i]
        if left[:, i].any():
            left[:, i] *= np.linalg.norm(weights[:, i]) / np.linalg.norm(left[:, i])
    return left
