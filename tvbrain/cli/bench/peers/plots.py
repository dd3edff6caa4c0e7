"""The plots of `tvbrain bench peers`, from its JSON: recall against time, one a size."""

from __future__ import annotations

from typing import Any

from tvbrain.cli.bench.peers.tables import RECALL, Answer, named, sizes
from tvbrain.cli.bench.plots import Drawing

COLOURS = ("tab:orange", "tab:green", "tab:red", "tab:purple", "tab:brown", "tab:pink", "tab:gray")
MARKS = "*PXDv^<>"
LOWEST_RECALL = 0.85


def drawings(answer: Answer) -> dict[str, Drawing]:
    """By file name."""
    return {
        f"peers-{titles}.svg": (
            f"{titles:,} titles, k = 50, one thread, from Python: recall and time a query",
            _into(answer, titles),
        )
        for titles in sizes(answer)
    }


def _into(answer: Answer, titles: int) -> Any:
    def draw(axes: Any) -> None:
        colours, marks = iter(COLOURS), iter(MARKS)
        tried = named(answer, "sweep.p50", titles)
        for engine in dict.fromkeys(one["with"]["engine"] for one in tried):
            colour = "tab:blue" if engine.startswith("tvbrain") else next(colours)
            best = _fastest_by_recall([one for one in tried if one["with"]["engine"] == engine])
            xs = [one["with"][RECALL] for one in best]
            ys = [one["value"] for one in best]
            axes.plot(xs, ys, marker=".", linewidth=1, color=colour, label=f"{engine}, swept")
        for one in named(answer, "query.p50", titles):
            given = one["with"]
            swept = given["engine"] in {point["with"]["engine"] for point in tried}
            if given["engine"].startswith("tvbrain") and not swept:
                mark = {"color": "tab:blue", "marker": next(marks), "label": given["engine"]}
                axes.plot(given[RECALL], one["value"], markersize=8, linestyle="", **mark)
            elif not swept:
                mark = {"color": next(colours), "label": given["engine"]}
                axes.plot(given[RECALL], one["value"], "s", markersize=4, **mark)
        axes.set_yscale("log")
        axes.set_xlim(LOWEST_RECALL, 1.002)
        axes.set_xlabel("recall@50 against float32")
        axes.set_ylabel("p50, µs")
        axes.legend(fontsize=6, loc="center left", bbox_to_anchor=(1.0, 0.5))

    return draw


def _fastest_by_recall(tried: list[Answer]) -> list[Answer]:
    """What no other point beats in both, by recall."""
    best: list[Answer] = []
    for one in sorted(tried, key=lambda one: (-one["with"][RECALL], one["value"])):
        if not best or one["value"] < best[-1]["value"]:
            best.append(one)
    return best[::-1]
