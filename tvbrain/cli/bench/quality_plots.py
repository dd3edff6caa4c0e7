"""The plots of `tvbrain bench quality`, from its JSON: SVG, the same bytes for the same figures and matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tvbrain.cli.bench import plots
from tvbrain.cli.bench.quality_tables import HISTORY, THIRDS, Answer, Named, of_protocol

UNSEEN, TERMS = ("a", False), ("terms", False)
OURS = "tvbrain as shipped"
LINES = (OURS, "dense EASE", "iALS", "popularity", "MiniLM only")


@dataclass(frozen=True, slots=True)
class Plot:
    """`draw` is given axes and, as `named`, the figures of the protocol."""

    title: str
    protocol: tuple[str, bool]
    draw: Callable[..., None]


def wanted(answer: Answer) -> dict[str, Plot]:
    """By file name, those that the run has figures for."""
    return {
        name: plot
        for name, plot in _PLOTS.items()
        if any("own_low95" in f["with"] for f in of_protocol(answer, plot.protocol).values())
    }


def draw(answer: Answer, folder: Path) -> None:
    """Writes the plots that the run has figures for. NotInstalledError without matplotlib."""
    plots.draw(
        folder,
        {
            name: (plot.title, partial(plot.draw, named=of_protocol(answer, plot.protocol)))
            for name, plot in wanted(answer).items()
        },
    )


def _models(named: Named) -> list[str]:
    """Worst first: the best stands on top."""
    models = [model for name, model in named if name == "ndcg@10" and model is not None]
    return sorted(models, key=lambda model: float(named["ndcg@10", model]["value"]))


def _by_model(axes: Any, named: Named) -> None:
    for at, model in enumerate(_models(named)):
        figure = named["ndcg@10", model]
        value, given = figure["value"], figure["with"]
        reach = [[value - given["own_low95"]], [given["own_high95"] - value]]
        axes.errorbar(value, at, xerr=reach, fmt="o", capsize=3, color=_colour(model))
    axes.set_yticks(range(len(_models(named))), _models(named))
    axes.set_xlabel("NDCG@10, mean and 95 % interval")
    axes.set_xlim(left=0)


def _by_term(axes: Any, named: Named) -> None:
    terms = [
        model
        for model in reversed(_models(named))
        if "difference" in named["ndcg@10", model]["with"]
    ]
    for at, model in enumerate(terms):
        given = named["ndcg@10", model]["with"]
        worth = -given["difference"]
        reach = [[worth + given["high95"]], [-given["low95"] - worth]]
        axes.errorbar(worth, at, xerr=reach, fmt="o", capsize=3, color="tab:blue")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(terms)), [model.removeprefix("without ") for model in terms])
    axes.set_xlabel("NDCG@10 lost without the term, paired 95 % interval")


def _by_third(axes: Any, named: Named) -> None:
    _lines(axes, named, THIRDS)
    axes.set_xlabel("popularity third of the targets")


def _by_history(axes: Any, named: Named) -> None:
    lengths = {name: name.removeprefix(HISTORY) for name, _ in named if name.startswith(HISTORY)}
    _lines(axes, named, lengths)
    axes.set_xlabel("positives in the history")


def _lines(axes: Any, named: Named, parts: Mapping[str, str]) -> None:
    models: Sequence[str] = [model for model in LINES if ("ndcg@10", model) in named]
    some = [name for name in parts if named[name, models[0]]["value"] is not None]
    for shift, model in enumerate(models):
        figures = [named[name, model] for name in some]
        values = [figure["value"] for figure in figures]
        low = [f["value"] - f["with"]["own_low95"] for f in figures]
        high = [f["with"]["own_high95"] - f["value"] for f in figures]
        places = [at + 0.06 * (shift - len(models) / 2) for at in range(len(some))]
        axes.errorbar(
            places,
            values,
            yerr=[low, high],
            marker="o",
            capsize=2,
            label=model,
            color=_colour(model),
        )
    counts = [named[name, models[0]]["n"] for name in some]
    labels = [f"{parts[name]}\n(n = {count})" for name, count in zip(some, counts, strict=True)]
    axes.set_xticks(range(len(some)), labels)
    axes.set_ylabel("NDCG@10")
    axes.legend(fontsize=7)


def _colour(model: str) -> str:
    if model.startswith("tvbrain"):
        return "tab:blue" if model == OURS else "tab:cyan"
    colours = {"dense EASE": "tab:orange", "iALS": "tab:green", "popularity": "tab:gray"}
    return colours.get(model, "tab:red" if model == "MiniLM only" else "tab:brown")


_PLOTS = {
    "models.svg": Plot("Unseen people: NDCG@10 by model", UNSEEN, _by_model),
    "terms.svg": Plot("What each term is worth", TERMS, _by_term),
    "thirds.svg": Plot("Unseen people: NDCG@10 by popularity of the targets", UNSEEN, _by_third),
    "history.svg": Plot("Unseen people: NDCG@10 by length of the history", UNSEEN, _by_history),
}
