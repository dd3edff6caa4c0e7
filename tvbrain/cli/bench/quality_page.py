"""The part of docs/quality.md that `tvbrain bench quality --page` writes: tables, plots, and what was run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tvbrain.cli.bench import quality_plots
from tvbrain.cli.bench.markdown import table_lines
from tvbrain.cli.bench.quality_tables import TITLES, Answer, tables
from tvbrain.errors import InvalidArgumentError

BEGIN = "<!-- tvbrain bench quality: written by --page, do not edit -->"
END = "<!-- end of tvbrain bench quality -->"
FOLDER = "quality"
"""Of the plots, beside the page."""

__all__ = ["BEGIN", "END", "FOLDER", "markdown", "tables", "write"]


def markdown(answer: Answer) -> str:
    """The part of the page between its marks."""
    machine = ", ".join(f"{name} {value}" for name, value in answer["machine"].items())
    lines = [BEGIN, "", f"Command: `{answer['command']}`", "", f"Machine: {machine}", ""]
    for name, plot in quality_plots.wanted(answer).items():
        lines += [f"![{plot.title}]({FOLDER}/{name})", ""]
    for title, columns, rows in tables(answer):
        lines += [f"**{title}**", "", *table_lines(columns, rows), ""]
    return "\n".join([*lines, *_remarks(answer), "", END])


def _remarks(answer: Answer) -> Iterator[str]:
    for figure in answer["figures"]:
        name, value, given = figure["name"], figure["value"], figure["with"]
        key = (given.get("protocol"), given.get("low_ratings"))
        if name == "shipped.to_best_peer.ndcg@10" and key[0] in ("a", "b"):
            yield (
                f"- {TITLES[key]}: as shipped against the best peer of the run, {given['peer']}: NDCG@10 "
                f"{value:+.4f} ({given['low95']:+.4f} to {given['high95']:+.4f}), n = {figure['n']}."
            )
        elif key == ("a", False) and name == "ranking.proven":
            yield f"- Rankings without diversity that are certain: {value:.0%}."
        elif key == ("a", False) and name.endswith(".bytes"):
            yield f"- Bytes ({name.removesuffix('.bytes')}): {value}."
        elif name == "held_out":
            yield f"- Titles held out in each draw: {value}."
        elif name == "most_alike":
            yield f"- Cosine of the two tastes of a household: at most {value}."
        elif name == "run":
            busy = given.get("processor_s", "?")
            yield f"- The whole run took {value} s, {busy} s of it on a core; cores: {given['cores']}."


def write(page: Path, answer: Answer) -> None:
    """Replace what stands between the marks, and draw the plots. InvalidArgumentError where the page has none;
    NotInstalledError without matplotlib.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InvalidArgumentError(
            f"{page.name} has no lines {BEGIN!r} and {END!r} to write between"
        )
    quality_plots.draw(answer, page.parent / FOLDER)
    page.write_text(before + markdown(answer) + after, encoding="utf-8")
