"""`tvbrain bench peers`: this project's search beside hnswlib, usearch, faiss and voyager, in one run.

Each peer runs at the fastest setting of its sweep that has the recall asked for; all are called from Python, a query a
call, on one thread, in turns. Recall is against float32. Queries are what a taste vector looks like: normalised means
of 3 to 8 random titles.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tvbrain.cli import output
from tvbrain.errors import InvalidArgumentError

SIZES = (10_000, 22_998)


def add_options(bench: argparse.ArgumentParser) -> None:
    add_vector_options(bench)
    add = bench.add_argument
    add("--recall", type=float, default=0.98, metavar="R", help="asked of peers, at 50 (0.98)")
    add("--links", type=_numbers, default=(16, 32, 48), metavar="M,M", help="swept (16,32,48)")
    add("--rounds", type=int, default=100, metavar="N", help="turns of each engine (100)")
    output.add_json_option(bench)


def add_vector_options(bench: argparse.ArgumentParser) -> None:
    """What is searched, and what for."""
    add = bench.add_argument
    data = Path("..", "shared", "data")
    add("--data", type=Path, default=data, metavar="DIR", help=f"holds catalogue/ ({data})")
    add("--model", type=Path, metavar="DIR", help="MiniLM (also TVBRAIN_MODEL)")
    add("--vectors", type=Path, metavar="FILE", help="float32 (n, D) .npy of unit rows instead")
    sizes = ", ".join(map(str, SIZES))
    add("--titles", type=_numbers, default=SIZES, metavar="N,N", help=f"of them ({sizes})")
    add("--queries", type=int, default=500, metavar="N", help="different ones (500)")


def add_graph_options(bench: argparse.ArgumentParser) -> None:
    """Of `tvbrain bench graph`."""
    add_vector_options(bench)
    bench.add_argument("--rounds", type=int, default=20, metavar="N", help="turns of each (20)")
    output.add_json_option(bench)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def run(arguments: argparse.Namespace) -> int:
    # One thread, said before numpy is loaded.
    os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
    for name, least in (("queries", 1), ("rounds", 1), ("titles", 100), ("links", 2)):
        value = getattr(arguments, name)
        if min(value if isinstance(value, tuple) else (value,)) < least:
            raise InvalidArgumentError(f"--{name}: {value} is not at least {least}")
    if not 0 < arguments.recall <= 1:
        raise InvalidArgumentError(f"--recall: {arguments.recall} is not above 0 and at most 1")
    from tvbrain.cli.bench.peers import measuring

    return measuring.run(arguments)
