"""Real vectors to search: the catalogues' titles as MiniLM sees them, and taste queries over them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from tvbrain.cli.bench.peers.engine import Float32s
from tvbrain.cli.output import Progress
from tvbrain.errors import InvalidArgumentError, MissingFileError


def vectors_of(arguments: argparse.Namespace, progress: Progress | None) -> Float32s:
    """(n, D) unit rows in an order that is drawn once for all: a part of them is a sample."""
    if arguments.vectors is not None:
        if not arguments.vectors.is_file():
            raise MissingFileError(f"{arguments.vectors} does not exist")
        vectors = np.load(arguments.vectors)
        if vectors.ndim != 2 or vectors.dtype != np.float32:
            raise InvalidArgumentError(f"--vectors: {arguments.vectors.name} is not float32 (n, D)")
    else:
        vectors = _embedded(arguments, progress)
    order = np.random.default_rng(1).permutation(len(vectors))
    return np.ascontiguousarray(vectors[order], np.float32)


def _embedded(arguments: argparse.Namespace, progress: Progress | None) -> Float32s:
    from tvbrain.embed.cache import default_cache_dir
    from tvbrain.embed.minilm import MiniLM
    from tvbrain.pack.load import load_catalogue
    from tvbrain.pack.vectors import embed_titles

    files = sorted((arguments.data / "catalogue").glob("*.csv"))
    if not files:
        raise MissingFileError(f"{arguments.data / 'catalogue'}: no lists of titles; see --data")
    model = arguments.model or os.environ.get("TVBRAIN_MODEL")
    if model is None:
        raise InvalidArgumentError("--model: the folder of MiniLM is needed, or --vectors FILE")
    titles = load_catalogue(files).titles
    return embed_titles(
        titles, MiniLM(Path(model)), cache_dir=default_cache_dir(), progress=progress
    )


def taste_queries(vectors: Float32s, count: int, seed: int) -> Float32s:
    """(count, D): each the normalised mean of 3 to 8 random rows."""
    random = np.random.default_rng(seed)
    means = [
        vectors[random.choice(len(vectors), random.integers(3, 9), replace=False)].mean(axis=0)
        for _ in range(count)
    ]
    queries = np.stack(means)
    return np.asarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), np.float32)
