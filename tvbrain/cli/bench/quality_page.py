"""The tables of `tvbrain bench quality`, from its JSON: for a terminal, and for docs/quality.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tvbrain.errors import InvalidArgumentError

BEGIN = "<!-- tvbrain bench quality: written by --page, do not edit -->"
END = "<!-- end of tvbrain bench quality -->"
METRICS = {
    "ndcg@10": "NDCG@10",
    "recall@20": "Recall@20",
    "hr@10": "HR@10",
    "mrr@20": "MRR@20",
    "coverage": "coverage",
    "novelty": "novelty, bit",
    "diversity": "diversity",
    "calibration": "calibration, nat",
}
THIRDS = {f"ndcg@10.{name}": name for name in ("head", "middle", "tail")}
TITLES: dict[tuple[object, object], str] = {
    ("a", False): "Protocol (a), positives alone",
    ("a", True): "Protocol (a), low ratings given too",
    ("b", False): "Protocol (b), one cut in time",
    ("control", False): "Negative control",
}

Answer = Mapping[str, Any]
"""What `--json` prints."""
Table = tuple[str, list[str], list[list[str]]]
"""Title, columns, rows."""


def tables(answer: Answer) -> Iterator[Table]:
    """Accuracy and manner for each protocol, then NDCG@10 by popularity third; models best first."""
    for key, title in TITLES.items():
        figures = [f for f in answer["figures"] if _key(f) == key]
        models = {f["with"]["model"] for f in figures if f["name"] == "ndcg@10"}
        if not models:
            continue
        named = {(f["name"], f["with"].get("model")): f for f in figures}
        n, split = named["ndcg@10", next(iter(models))]["n"], figures[0]["with"]["split"]
        order = sorted(models, key=lambda m: (-named["ndcg@10", m]["value"], m))
        heading = f"{title}: {split}; n = {n} people"
        if key[0] == "control":
            yield _control(heading, order, named)
            continue
        columns = ["model", *METRICS.values(), "NDCG@10 against dense EASE, paired 95 %"]
        rows = [
            [model, *(_number(named[name, model]) for name in METRICS), _gap(named["ndcg@10", model])]
            for model in order
        ]
        yield heading, columns, rows + [[model, why] for model, why in _skipped(figures)]
        counts = {name: named[name, order[0]]["n"] for name in THIRDS}
        columns = ["model", *(f"{short} (n = {counts[name]})" for name, short in THIRDS.items())]
        rows = [[model, *(_number(named[name, model]) for name in THIRDS)] for model in order]
        yield f"{title}, NDCG@10 by popularity third: {split}", columns, rows


def markdown(answer: Answer) -> str:
    """The part of the page between its marks."""
    machine = ", ".join(f"{name} {value}" for name, value in answer["machine"].items())
    lines = [BEGIN, "", f"Command: `{answer['command']}`", "", f"Machine: {machine}", ""]
    for title, columns, rows in tables(answer):
        lines += [f"**{title}**", "", _line(columns), _line(["---"] * len(columns))]
        lines += [_line([*row, *[""] * (len(columns) - len(row))]) for row in rows]
        lines.append("")
    for figure in answer["figures"]:
        given = figure["with"]
        if figure["name"] == "shipped.to_best_peer.ndcg@10" and given["protocol"] != "control":
            lines.append(
                f"- {TITLES[_key(figure)]}: as shipped against the best peer of the run, {given['peer']}: NDCG@10 "
                f"{figure['value']:+.4f} ({given['low95']:+.4f} to {given['high95']:+.4f}), n = {figure['n']}."
            )
        elif given.get("protocol") == "a" and not given["low_ratings"]:
            if figure["name"] == "ranking.proven":
                lines.append(f"- Rankings without diversity that are certain: {figure['value']:.0%}.")
            elif figure["name"].endswith(".bytes"):
                what = figure["name"].removesuffix(".bytes")
                lines.append(
                    f"- Bytes ({what}, {given['titles']} titles): {figure['value']}."
                )
        elif figure["name"] == "run":
            lines.append(f"- The whole run took {figure['value']} s.")
    return "\n".join([*lines, "", END])


def write(page: Path, answer: Answer) -> None:
    """Replace what stands between the marks. InvalidArgumentError where the page has none."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InvalidArgumentError(f"{page.name} has no lines {BEGIN!r} and {END!r} to write between")
    page.write_text(before + markdown(answer) + after, encoding="utf-8")


def _key(figure: Answer) -> tuple[object, object]:
    return figure["with"].get("protocol"), figure["with"].get("low_ratings")


def _control(heading: str, order: Sequence[str], named: Mapping[Any, Any]) -> Table:
    lucky = named["chance.ndcg@10", None]["value"]
    rows = []
    for model in order:
        figure = named["ndcg@10", model]
        low, high = figure["with"]["own_low95"], figure["with"]["own_high95"]
        rows.append([model, f"{figure['value']:.4f}", f"{low:.4f} to {high:.4f}", f"{lucky:.4f}"])
    return heading, ["model", "NDCG@10", "95 %", "chance"], rows


def _skipped(figures: Sequence[Answer]) -> list[tuple[str, str]]:
    return [(f["with"]["model"], f"skipped: {f['value']}") for f in figures if f["name"] == "skipped"]


def _number(figure: Answer) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.4f}"


def _gap(figure: Answer) -> str:
    given = figure["with"]
    if "difference" not in given:
        return ""
    ratio = "" if given["ratio"] is None else f"; x {given['ratio']:.3f}"
    return f"{given['difference']:+.4f} ({given['low95']:+.4f} to {given['high95']:+.4f}){ratio}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
