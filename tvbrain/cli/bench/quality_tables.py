"""The tables of `tvbrain bench quality`, from its JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

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
HISTORY = "ndcg@10.history "
TITLES: dict[tuple[object, object], str] = {
    ("a", False): "Protocol (a), positives alone",
    ("a", True): "Protocol (a), low ratings given too",
    ("b", False): "Protocol (b), one cut in time",
    ("control", False): "Negative control",
    ("cold", False): "Cold titles",
    ("households", False): "Households",
    ("terms", False): "What each term is worth",
    ("nested", False): "Settings chosen by nested folds",
}

Answer = Mapping[str, Any]
"""What `--json` prints."""
Table = tuple[str, list[str], list[list[str]]]
"""Title, columns, rows."""
Named = Mapping[tuple[str, str | None], Answer]
"""Figures of one protocol by name and model."""


def tables(answer: Answer) -> Iterator[Table]:
    """Those of each protocol that was run; models best first."""
    for key, title in TITLES.items():
        named = of_protocol(answer, key)
        if not named:
            continue
        models = sorted(
            (model for name, model in named if name == "ndcg@10" and model is not None),
            key=lambda model: (-named["ndcg@10", model]["value"], model),
        )
        first = named["ndcg@10", models[0]]
        heading = f"{title}: {first['with']['split']}; n = {first['n']}"
        yield from _FORMS[str(key[0])](heading, models, named)


def of_protocol(answer: Answer, key: tuple[object, object]) -> Named:
    """Empty if it was not run."""
    return {
        (figure["name"], figure["with"].get("model")): figure
        for figure in answer["figures"]
        if (figure["with"].get("protocol"), figure["with"].get("low_ratings")) == key
    }


def _accuracy(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    columns = ["model", *METRICS.values(), "NDCG@10 against dense EASE, paired 95 %"]
    rows = [
        [model, *(number(named[name, model]) for name in METRICS), gap(named["ndcg@10", model])]
        for model in models
    ]
    why = [
        [str(m), f"skipped: {f['value']}"] for (name, m), f in named.items() if name == "skipped"
    ]
    yield f"{heading} people", columns, rows + why
    yield _by("popularity third", THIRDS, heading, models, named)
    lengths = {name: name.removeprefix(HISTORY) for name, _ in named if name.startswith(HISTORY)}
    if lengths:
        yield _by("positives in the history", lengths, heading, models, named)


def _by(
    what: str, parts: Mapping[str, str], heading: str, models: Sequence[str], named: Named
) -> Table:
    counts = {name: named[name, models[0]]["n"] for name in parts}
    columns = ["model", *(f"{short} (n = {counts[name]})" for name, short in parts.items())]
    rows = [[model, *(number(named[name, model]) for name in parts)] for model in models]
    protocol, _, split = heading.rpartition("; ")[0].partition(": ")
    return f"{protocol}, NDCG@10 by {what}: {split}", columns, rows


def _control(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    lucky = named["chance.ndcg@10", None]["value"]
    rows = [
        [model, number(figure), own(figure), f"{lucky:.4f}"]
        for model in models
        for figure in (named["ndcg@10", model],)
    ]
    yield f"{heading} people", ["model", "NDCG@10", "95 %", "chance"], rows


def _cold(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    lucky = named["chance.recall@20", None]["value"]
    columns = ["model", "Recall@20", "95 %", "x chance", "NDCG@10", "Recall@20 against MiniLM only"]
    rows = []
    for model in models:
        recall, exact = named["recall@20", model], named["ndcg@10", model]
        times = f"{recall['value'] / lucky:.2f}"
        rows.append([model, number(recall), own(recall), times, number(exact), gap(recall)])
    rows.append(["chance", f"{lucky:.4f}", "", "1.00", "", ""])
    yield f"{heading} people", columns, rows


def _households(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    columns = ["model", "NDCG@10", "against its own, apart", "the worse off", "against, apart"]
    rows = []
    for model in models:
        whole, worse = named["ndcg@10", model], named["ndcg@10.worse_off", model]
        rows.append([model, number(whole), gap(whole), number(worse), gap(worse)])
    yield f"{heading} pairs", columns, rows


def _terms(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    columns = [
        "terms",
        "NDCG@10",
        "against all terms, paired 95 %",
        "Recall@20",
        "against all terms",
    ]
    rows = []
    for model in reversed(models):
        exact, recall = named["ndcg@10", model], named["recall@20", model]
        rows.append([model, number(exact), gap(exact), number(recall), gap(recall)])
    yield f"{heading} people", columns, rows


def _nested(heading: str, models: Sequence[str], named: Named) -> Iterator[Table]:
    columns = ["settings", "NDCG@10", "against the shipped, paired 95 %", "Recall@20"]
    rows = [
        [model, number(exact), gap(exact), number(named["recall@20", model])]
        for model in models
        for exact in (named["ndcg@10", model],)
    ]
    yield f"{heading} people", columns, rows
    chosen = [
        [name, figure["value"]] for (name, _), figure in named.items() if name.startswith("fold ")
    ]
    yield "What each fold chose", ["fold", "settings"], chosen


_FORMS: Mapping[str, Callable[[str, Sequence[str], Named], Iterator[Table]]] = {
    "a": _accuracy,
    "b": _accuracy,
    "control": _control,
    "cold": _cold,
    "households": _households,
    "terms": _terms,
    "nested": _nested,
}


def number(figure: Answer) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.4f}"


def own(figure: Answer) -> str:
    """The interval of the mean itself."""
    given = figure["with"]
    return f"{given['own_low95']:.4f} to {given['own_high95']:.4f}"


def gap(figure: Answer) -> str:
    """The difference to what it is compared with, and the ratio of the means."""
    given = figure["with"]
    if "difference" not in given:
        return ""
    ratio = "" if given["ratio"] is None else f"; x {given['ratio']:.3f}"
    return f"{given['difference']:+.4f} ({given['low95']:+.4f} to {given['high95']:+.4f}){ratio}"
