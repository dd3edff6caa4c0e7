"""Plots as SVG files: the same bytes for the same figures and matplotlib."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tvbrain.errors import NotInstalledError

STYLE = {
    "svg.hashsalt": "tvbrain",
    "svg.fonttype": "none",
    "font.size": 9.0,
    "axes.axisbelow": True,
}
SIZE = (7.0, 3.2)
"""Inches."""

Drawing = tuple[str, Callable[[Any], None]]
"""A title, and what draws into matplotlib's axes."""


def draw(folder: Path, drawings: Mapping[str, Drawing]) -> None:
    """One file each, by name. NotInstalledError without matplotlib."""
    if not drawings:
        return
    try:
        matplotlib = importlib.import_module("matplotlib")
        figures = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise NotInstalledError("plots need matplotlib: pip install 'tvbrain[bench]'") from error
    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context(STYLE):
        for name, (title, into) in drawings.items():
            figure = figures.Figure(figsize=SIZE, layout="constrained")
            axes = figure.add_subplot()
            into(axes)
            axes.set_title(title, fontsize=9)
            axes.grid(alpha=0.3)
            figure.savefig(folder / name, metadata={"Date": None})
