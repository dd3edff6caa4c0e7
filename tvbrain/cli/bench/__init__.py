"""Measure this machine. Every figure comes with the machine, the command, and what it was measured under."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import output
from tvbrain.cli.bench import constellation, embedded, latency, peers, quality

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("bench", help="measure this machine", description=__doc__)
    benches = parser.add_subparsers(title="benches", dest="bench", metavar="BENCH", required=True)
    for name, (module, summary, calls) in _BENCHES.items():
        bench = benches.add_parser(name, help=summary, description=summary)
        bench.set_defaults(run=_runner(module))
        if name in _OWN_OPTIONS:
            _OWN_OPTIONS[name](bench)
            continue
        _add_common(bench, calls)
        if name == "latency":
            latency.add_options(bench)
        if name in ("latency", "search"):
            bench.add_argument(
                "--realtime", action="store_true", help="with first-in-first-out priority (root)"
            )
        if name == "flash":
            bench.add_argument("--mount-options", default="", metavar="O", help="such as lazytime")
            bench.add_argument(
                "--learner", action="store_true", help="learn beside, as `tvbrain run` does"
            )
            bench.add_argument(
                "--lived-in",
                type=Path,
                metavar="DIR",
                help="begin with a copy of this data directory",
            )
            bench.add_argument(
                "--real-minutes", type=int, default=0, metavar="N", help="in real time instead"
            )
        if name == "search":
            bench.add_argument(
                "--model", type=Path, metavar="DIR", help="MiniLM (also TVBRAIN_MODEL)"
            )
            bench.add_argument(
                "--queries", type=Path, metavar="FILE", help="natural queries, one a line"
            )
        if name in ("memory", "startup"):
            bench.add_argument("--repeat", type=int, default=10, metavar="N", help="processes (10)")


_BENCHES: dict[str, tuple[str, str, int]] = {
    "latency": (
        "latency",
        "latencies of the C interface: recommend, observe, rows, similar, search",
        20_000,
    ),
    "search": ("search", "search by meaning and by title: what it finds, how long it takes", 5_000),
    "memory": ("footprint", "memory of the serving library and of the Python brain", 200),
    "startup": ("footprint", "from open to the first slate, natively and in Python", 200),
    "flash": (
        "flash",
        "what a heavy day writes to an ext4 of its own (needs root to mount it)",
        480,
    ),
    "embedded": ("embedded", "the brain inside a C program: threads, fork, dlopen, memory", 0),
    "constellation": ("constellation", "signed pushes at a steady rate to a constellation", 0),
    "peers": ("peers", "the exact scan beside hnswlib, usearch, faiss and voyager", 0),
    "graph": ("graph", "what the graph over vectors promises, beside hnswlib", 0),
    "quality": ("quality", "how good the recommendations are, beside the usual models", 0),
}
"""By name: module, summary, default of --calls (of flash: minutes of television; 0: it has options of its own)."""

_OWN_OPTIONS = {
    "constellation": constellation.add_options,
    "embedded": embedded.add_options,
    "graph": peers.add_graph_options,
    "peers": peers.add_options,
    "quality": quality.add_options,
}


def _add_common(bench: argparse.ArgumentParser, calls: int) -> None:
    bench.add_argument(
        "--pack", type=Path, metavar="FILE", help="the pack (the demo's, if left out)"
    )
    bench.add_argument("--calls", type=int, default=calls, metavar="N", help=f"default {calls}")
    bench.add_argument(
        "--cpu",
        type=int,
        default=max(os.sched_getaffinity(0)),
        metavar="N",
        help="the core to run on (the last one); -1: any",
    )
    output.add_json_option(bench)


def _runner(name: str) -> object:
    def run(arguments: argparse.Namespace) -> int:
        import importlib

        code: int = importlib.import_module(f"tvbrain.cli.bench.{name}").run(arguments)
        return code

    return run
