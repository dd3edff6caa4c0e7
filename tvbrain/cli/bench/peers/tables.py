"""The tables of `tvbrain bench peers`, from its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Answer = Mapping[str, Any]
"""What `--json` prints."""
Table = tuple[str, list[str], list[list[str]]]
"""Title, columns, rows."""
RECALL = "recall@50"
COLUMNS = [
    "engine",
    "setting",
    RECALL,
    "p50 µs",
    "p99 µs",
    "time to ours",
    "build, CPU s",
    "index MB",
    "5 % eligible: of 50 come back",
    "recall then",
    "p50 µs then",
    "by",
]


def sizes(answer: Answer) -> list[int]:
    """Numbers of titles that were measured, ascending."""
    return sorted({figure["with"]["titles"] for figure in named(answer, "query.p50")})


def named(answer: Answer, name: str, titles: int | None = None) -> list[Answer]:
    """The figures of a name, of one size or of all."""
    return [
        figure
        for figure in answer["figures"]
        if figure["name"] == name and titles in (None, figure["with"].get("titles"))
    ]


def tables(answer: Answer) -> Iterator[Table]:
    """Of each size: engines by time, what bounds the scan, the sweep. What was skipped comes last."""
    for titles in sizes(answer):
        yield f"{titles:,} titles", COLUMNS, _engines(answer, titles)
        yield (
            f"{titles:,} titles: bounds",
            ["figure", "value", "unit", "with"],
            _bounds(answer, titles),
        )
    for titles in sizes(answer):
        columns = ["engine", "setting", RECALL, "p50 µs", "chosen"]
        rows = [_tried(figure) for figure in _worth_showing(named(answer, "sweep.p50", titles))]
        if rows:
            yield f"{titles:,} titles: sweep", columns, rows
    skipped = [[one["with"]["engine"], one["value"]] for one in named(answer, "skipped")]
    if skipped:
        yield "Skipped", ["engine", "why"], skipped


def _engines(answer: Answer, titles: int) -> list[list[str]]:
    slow = {one["with"]["engine"]: one["value"] for one in named(answer, "query.p99", titles)}
    middle = sorted(named(answer, "query.p50", titles), key=lambda one: float(one["value"]))
    rows = []
    for one in middle:
        given = one["with"]
        rows.append(
            [
                given["engine"],
                given["setting"],
                f"{given[RECALL]:.4f}",
                f"{one['value']:.1f}",
                f"{slow[given['engine']]:.1f}",
                f"{given['time_to_ours']:.2f}",
                f"{given['build_s']:.2f}",
                f"{given['index_bytes'] / 1e6:.1f}",
                f"{given['filtered_results']:.1f}",
                f"{given['filtered_recall']:.3f}",
                f"{given['filtered_us']:.1f}",
                given["filter"],
            ]
        )
    present = {row[0] for row in rows}
    tried = named(answer, "sweep.p50", titles)
    for engine in dict.fromkeys(one["with"]["engine"] for one in tried):
        if engine not in present:
            best = max(one["with"][RECALL] for one in tried if one["with"]["engine"] == engine)
            rows.append(
                [engine, f"none has the recall: {best:.4f} at most", *[""] * (len(COLUMNS) - 2)]
            )
    return rows


def _bounds(answer: Answer, titles: int) -> list[list[str]]:
    names = (f"exact_to_best_peer.{titles}", "floor.scan.p50", "read.table", "read.memory")
    return [
        [one["name"], f"{one['value']:.4g}", one["unit"], _words(one["with"])]
        for name in names
        for one in named(answer, name, titles)
    ]


def _words(given: Answer) -> str:
    left_out = ("titles", "k", "threads", "load_average")
    return ", ".join(f"{key} {value}" for key, value in given.items() if key not in left_out)


def _worth_showing(tried: Sequence[Answer]) -> Iterator[Answer]:
    """Of each storage and M: ef = 100, the last point tried, and the chosen one."""
    for at, one in enumerate(tried):
        group = _group(one)
        last = at + 1 == len(tried) or _group(tried[at + 1]) != group
        if one["with"]["chosen"] or last or one["with"]["setting"].endswith("ef = 100"):
            yield one


def _group(one: Answer) -> tuple[str, str]:
    return one["with"]["engine"], one["with"]["setting"].rpartition(", ")[0]


def _tried(one: Answer) -> list[str]:
    given = one["with"]
    chosen = "chosen" if given["chosen"] else ""
    return [
        given["engine"],
        given["setting"],
        f"{given[RECALL]:.4f}",
        f"{one['value']:.1f}",
        chosen,
    ]
