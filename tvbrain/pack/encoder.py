"""The static text encoder: a table of features, distilled from a sentence model so that sums of rows give its vectors.

Ridge regression of the model's vectors (rotated, of unit length) on the features of `phrases`, a text of n words
weighted by 1 / n and its target lengthened by sqrt(n), so that rows are about as long as words matter; solved for all
dimensions at once by conjugate gradients with the diagonal as preconditioner.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.errors import InvalidArgumentError, NotInstalledError
from tvbrain.pack.catalogue import Title
from tvbrain.pack.features import BASE, features_in, grams_in, hash_of, words_in

ROWS = 20_000
"""Rows of the table: 20,000 of 384 bytes are 7.8 MB with their hashes and scales."""
SHARES = {"pairs": 0.175, "grams": 0.125}
STEPS = 10
RIDGE = 1.0
UNKNOWN = 0.05
"""How often a word is read as if it were not known, so that its pieces learn to stand for it."""
PHRASE_WEIGHT = 3
"""A word of a phrase counts so many words of the catalogue when the table's words are chosen."""
SCALE_LIMIT = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class EncoderTable:
    """hashes: uint32 ascending. rows: int8 [n, D]. scale_q20: uint32, a row's value is rows x scale / 2^20."""

    hashes: NDArray[np.uint32]
    rows: NDArray[np.int8]
    scale_q20: NDArray[np.uint32]


def choose_features(
    titles: Sequence[Title], phrases: Sequence[Sequence[bytes]], rows: int
) -> list[bytes]:
    """The most frequent words, pairs and pieces, no two with one hash; the same for the same input."""
    spoken = Counter(word for phrase in phrases for word in phrase)
    often = Counter({word: PHRASE_WEIGHT * count for word, count in spoken.items()})
    for title in titles:
        for text in (title.title, *_parts(title.description)):
            often.update(word for word in words_in(text) if word in spoken)
    pairs = Counter(a + b" " + b for phrase in phrases for a, b in pairwise(phrase))
    grams = Counter(gram for word in spoken for gram in set(grams_in(word)))
    pair_count, gram_count = (int(rows * share) for share in SHARES.values())
    chosen = [BASE]
    for counts, room in (
        (often, rows - pair_count - gram_count - 1),
        (pairs, pair_count),
        (grams, gram_count),
    ):
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        chosen += [feature for feature, count in ranked[: max(0, room)] if count > 1]
    unique: dict[int, bytes] = {}
    for feature in chosen:
        unique.setdefault(hash_of(feature), feature)
    return list(unique.values())


def _parts(text: str) -> list[str]:
    """A text in pieces that a normal form does not cut."""
    words = text.split()
    return [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]


def train(
    titles: Sequence[Title],
    texts: Sequence[str],
    targets: NDArray[np.float32],
    *,
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> EncoderTable:
    """targets: (len(texts), D) unit rows in the rotated space, not centred.

    Raises NotInstalledError without scipy, InvalidArgumentError where there is nothing to learn from.
    """
    try:
        from scipy import sparse
    except ImportError as error:
        raise NotInstalledError("an encoder needs scipy: pip install 'tvbrain[pack]'") from error
    if not texts:
        raise InvalidArgumentError("no texts to learn an encoder from")
    report = progress or (lambda done, total: None)
    report(0, STEPS)
    phrases = [words_in(text) for text in texts]
    features = choose_features(titles, phrases, rows)
    place = {feature: at for at, feature in enumerate(features)}
    draw = random.Random(seed)
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for phrase in phrases:
        unknown = {
            at for at, word in enumerate(phrase) if len(word) > 3 and draw.random() < UNKNOWN
        }
        for feature, weight in features_in(phrase, place, unknown):
            columns.append(place[feature])
            values.append(weight)
        ends.append(len(columns))
    seen = sparse.csr_matrix(
        (np.array(values, np.float32), np.array(columns), np.array(ends)),
        shape=(len(phrases), len(features)),
    )
    length = np.maximum(np.array([len(phrase) for phrase in phrases], np.float32), 1.0)
    table = _solve(
        seen,
        (targets * np.sqrt(length)[:, None]).astype(np.float32),
        (1 / length).astype(np.float32),
        report,
    )
    return quantise(features, table)


def _solve(
    seen: object, targets: NDArray[np.float32], weight: NDArray[np.float32], report: Progress
) -> NDArray[np.float32]:
    x: object = seen
    turned = x.T.tocsr()  # type: ignore[attr-defined]
    weights = weight[:, None]
    diagonal = np.asarray(turned.multiply(turned) @ weight).ravel() + RIDGE
    residual = np.asarray(turned @ (targets * weights), np.float32)
    table = np.zeros_like(residual)
    step = residual / diagonal[:, None]
    direction, energy = step.copy(), (residual * step).sum(axis=0)
    for done in range(STEPS):
        image = turned @ ((x @ direction) * weights) + RIDGE * direction  # type: ignore[operator]
        curve = (direction * image).sum(axis=0)
        along = energy / np.where(curve > 0, curve, 1.0)
        table += along * direction
        residual -= along * image
        step = residual / diagonal[:, None]
        before, energy = energy, (residual * step).sum(axis=0)
        direction = step + (energy / np.where(before > 0, before, 1.0)) * direction
        report(done + 1, STEPS)
    return table.astype(np.float32)


def quantise(features: Sequence[bytes], table: NDArray[np.float32]) -> EncoderTable:
    """Rows by ascending hash, each int8 with its own scale, rounded half to even."""
    hashes = np.array([hash_of(feature) for feature in features], np.uint32)
    order = np.argsort(hashes)
    ordered = table[order].astype(np.float64)
    scale = np.maximum(np.rint(np.abs(ordered).max(axis=1, initial=0.0) / 127.0 * 2.0**20), 1.0)
    if (scale >= SCALE_LIMIT).any():
        raise InvalidArgumentError("a row of the encoder is longer than it can be")
    rows = np.clip(np.rint(ordered * 2.0**20 / scale[:, None]), -127, 127).astype(np.int8)
    return EncoderTable(hashes[order], rows, scale.astype(np.uint32))
