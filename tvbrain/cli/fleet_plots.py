"""The plots of a fleet: quality by week, bytes, noise by size, what attackers reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tvbrain.cli.bench.plots import draw
from tvbrain.cli.output import Figure

Plot = tuple[str, Callable[[Any], None]]


def draw_fleet(folder: Path, figures: Sequence[Figure]) -> None:
    """SVG files in `folder`, of the parts that were run."""
    folder.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Plot] = {}
    named = {figure.name: figure for figure in figures}
    weeks = [figure for figure in figures if figure.name.startswith("fleet.week_")]
    if weeks:
        levels = {name: _number(named[f"fleet.{name}"]) for name in ("central", "popularity")}
        plots["weeks.svg"] = (
            "What was learned from deltas alone",
            lambda axes: _by_week(axes, weeks, levels),
        )
    if "fleet.push_mean" in named:
        plots["bytes.svg"] = ("Bytes of a push", lambda axes: _bytes(axes, named))
    noisy = [figure for figure in figures if figure.name == "fleet.noise"]
    if noisy:
        popular = _number(named["fleet.noise.popularity"])
        plots["noise.svg"] = (
            "Noise against the size of the fleet",
            lambda axes: _by_size(axes, noisy, popular),
        )
    attacks = [figure for figure in figures if figure.name == "fleet.attack.rise"]
    if attacks:
        plots["attacks.svg"] = (
            "A promoted title in honest people's top 20",
            lambda axes: _by_share(axes, attacks),
        )
    draw(folder, plots)


def _by_week(axes: Any, weeks: Sequence[Figure], levels: dict[str, float]) -> None:
    places = [int(figure.name.removeprefix("fleet.week_")) for figure in weeks]
    axes.plot(places, [_number(figure) for figure in weeks], marker="o", label="from deltas")
    for (name, level), style in zip(levels.items(), ("--", ":"), strict=True):
        axes.axhline(level, linestyle=style, color="grey", label=name)
    axes.set_xlabel("weeks")
    axes.set_ylabel("NDCG@10")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=7)


def _bytes(axes: Any, named: dict[str, Figure]) -> None:
    names = ["fleet.push_mean", "fleet.push_largest"]
    axes.bar(["mean", "largest"], [_number(named[name]) for name in names])
    axes.axhline(1024, linestyle="--", color="grey")
    axes.set_ylabel("bytes, of 1,024")


def _by_size(axes: Any, noisy: Sequence[Figure], popular: float) -> None:
    lines: dict[object, list[tuple[int, float]]] = defaultdict(list)
    for figure in noisy:
        lines[figure.given["epsilon"]].append((int(str(figure.given["sets"])), _number(figure)))
    for epsilon, points in lines.items():
        axes.plot(*zip(*points, strict=True), marker="o", label=f"epsilon {epsilon}")
    axes.axhline(popular, linestyle=":", color="grey", label="popularity: no release")
    axes.set_xscale("log")
    axes.set_xlabel("sets")
    axes.set_ylabel("NDCG@10")
    axes.legend(fontsize=7)


def _by_share(axes: Any, attacks: Sequence[Figure]) -> None:
    lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for figure in attacks:
        given = figure.given
        if str(given["attack"]).startswith("promote"):
            name = f"{given['attack']}, {'with' if given['defences'] else 'without'} defences"
            lines[name].append((float(str(given["share"])), _number(figure)))
    for name, points in lines.items():
        style = "-" if "with defences" in name else "--"
        axes.plot(*zip(*points, strict=True), style, marker="o", label=name)
    axes.set_xscale("log")
    axes.set_xlabel("share of hostile sets")
    axes.set_ylabel("rise, percentage points")
    axes.legend(fontsize=7)


def _number(figure: Figure) -> float:
    return float(str(figure.value))
