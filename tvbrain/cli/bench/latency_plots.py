"""The plot of `tvbrain bench latency`, from the histograms in its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from tvbrain.cli.bench.plots import Drawing

CALLS = {
    "recommend": "tab:blue",
    "rows": "tab:orange",
    "similar": "tab:green",
    "search": "tab:red",
    "observe": "tab:purple",
}
KINDS = {"": "-", ".evicted": ":"}
"""Warm, and with the processor's caches evicted."""


def drawings(answer: Mapping[str, Any]) -> dict[str, Drawing]:
    """By file name; none for a run without histograms."""
    if not answer.get("histograms"):
        return {}
    title = "C interface: share of calls that take longer (dotted: caches evicted)"
    return {"latency.svg": (title, lambda axes: _draw(axes, answer))}


def _draw(axes: Any, answer: Mapping[str, Any]) -> None:
    of = {histogram["name"]: histogram for histogram in answer["histograms"]}
    for call, colour in CALLS.items():
        for kind, style in KINDS.items():
            if f"{call}{kind}" not in of:
                continue
            counts, ends = of[f"{call}{kind}"]["count"], of[f"{call}{kind}"]["at_most"]
            total = sum(counts)
            longer = [1 - below / total for below in accumulate(counts)]
            label = call if kind == "" else None
            axes.plot(ends[:-1], longer[:-1], style, color=colour, linewidth=1.2, label=label)
    axes.axvline(answer["budget_ms"], color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"ms (line: the budget of {answer['budget_ms']:g} ms)")
    axes.set_ylabel("share of calls")
    axes.legend(fontsize=7)
