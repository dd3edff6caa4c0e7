"""The plots of a life: tastes, tiers, loops, sizes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvbrain.cli.bench.plots import draw

if TYPE_CHECKING:
    from tvbrain.simulation.run import Report

GENRES = 8
"""Lines of the plot of tastes: the genres that were recommended most."""


def draw_life(folder: Path, report: Report) -> None:
    """SVG files in `folder`."""
    from tvbrain.simulation.run import DAYS_A_YEAR

    folder.mkdir(parents=True, exist_ok=True)
    entries = report.entries
    years = [entry.day / DAYS_A_YEAR for entry in entries]

    def lines(axes: Any, unit: str, of: dict[str, list[float]], scale: str = "linear") -> None:
        axes.set_yscale(scale)
        for name, values in of.items():
            axes.plot(years, values, label=name)
        axes.set_xlabel("years of life")
        axes.set_ylabel(unit)
        axes.legend(fontsize=7, ncols=2)

    totals: dict[str, float] = {}
    for entry in entries:
        for genre, share in entry.recommended.items():
            totals[genre] = totals.get(genre, 0.0) + share
    genres = sorted(totals, key=lambda genre: -totals[genre])[:GENRES]
    tiers = sorted({tier for entry in entries for tier in entry.tiers})
    loops = list(report.due)
    draw(
        folder,
        {
            "tastes.svg": (
                "What the shared profile is recommended",
                lambda axes: lines(
                    axes, "share", {g: [e.recommended.get(g, 0.0) for e in entries] for g in genres}
                ),
            ),
            "tiers.svg": (
                "Memories by tier, all profiles",
                lambda axes: lines(
                    axes,
                    "memories",
                    {t: [float(e.tiers.get(t, 0)) for e in entries] for t in tiers},
                ),
            ),
            "loops.svg": (
                "Finished runs of the long loops",
                lambda axes: lines(
                    axes, "runs", {n: [float(e.runs[n]) for e in entries] for n in loops}, "symlog"
                ),
            ),
            "sizes.svg": (
                "Database and directory",
                lambda axes: lines(
                    axes,
                    "MB",
                    {
                        "brain.db": [e.database / 1e6 for e in entries],
                        "directory": [e.directory / 1e6 for e in entries],
                        "resident": [e.resident / 1e6 for e in entries],
                    },
                ),
            ),
            "written.svg": (
                "Handed to the file system a day",
                lambda axes: lines(
                    axes, "MB a day", {"written": [e.written_a_day / 1e6 for e in entries]}
                ),
            ),
        },
    )
