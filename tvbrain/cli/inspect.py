"""Look into a data directory: journal, histories, profiles and snapshots.

Reads only and takes no lock: it works beside a running brain. What is damaged is said at the end,
and then the exit code is 4; the rest is shown all the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvbrain.cli import exits, output
from tvbrain.errors import MissingFileError
from tvbrain.types import TERMS

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.health.contents import Facts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "inspect", help="look into a data directory", description=__doc__
    )
    parser.add_argument("data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--events", type=int, default=20, metavar="N", help="the last N events (20)"
    )
    parser.add_argument(
        "--entries",
        type=int,
        default=20,
        metavar="N",
        help="the latest N titles of each history in the tables (20); JSON has all",
    )
    parser.add_argument("--pack", type=Path, metavar="FILE", help="names the titles")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from tvbrain.health.contents import contents, pack_naming
    from tvbrain.pack.reader import PackFile

    if not arguments.data.is_dir():
        raise MissingFileError(f"{arguments.data}: no such data directory")
    if arguments.pack is None:
        found = contents(arguments.data, max(0, arguments.events))
    else:
        with PackFile(arguments.pack) as pack:
            found = contents(arguments.data, max(0, arguments.events), pack_naming(pack))
    if arguments.json:
        output.print_json(found)
    else:
        _print(found, arguments.entries)
    return exits.BAD_FILE if found["damage"] else exits.OK


def _print(found: Facts, most: int) -> None:
    journal, profiles = found["journal"], found["profiles"]
    _table(f"journal {journal['journal_id']} up to {journal['last_seq']}", journal["segments"], (
        "name", "first_seq", "last_seq", "bytes", "file_size", "torn"))  # fmt: skip
    _table("last events", found["events"], (
        "seq", "at_ms", "kind", "profile", "key", "title", "position_s", "watched", "rating"))  # fmt: skip
    _table(f"profiles, generation {profiles['generation']}, {profiles['state']}",
           profiles["profiles"],
           ("id", "name", "max_age", "region", "consent", "entitlements"))  # fmt: skip
    _table("snapshots", found["snapshots"], (
        "generation", "usable", "learned_seq", "created_ms", "journal_id", "erasure_epoch",
        "histories", "interests", "patterns", "slate_places"))  # fmt: skip
    blended = [one for one in found["snapshots"] if one["usable"]][-1:]
    _table("blender: the learned weight of each term \u00b1 how unsure it is",
           [row for one in blended for row in _weights(one)], ("profile", "version", *TERMS))  # fmt: skip
    _table("patterns of the week", [row for one in blended for row in one["of_the_week"]],
           ("id", "profile", "dayparts", "weekdays", "weight"))  # fmt: skip
    output.print_line(f"floor: {found['floor']}")
    for history in found["histories"]:
        title = (
            f"history of profile {history['profile']} at sequence {found['folded_seq']}: "
            f"{history['records']} records, {len(history['entries'])} titles, "
            f"{history['listed']} listed, {len(history['kept'])} kept as flags alone"
        )
        _table(title, history["entries"][:most], (
            "key", "title", "strength", "flags", "last_ms", "plays", "watched", "resume_s",
            "finished_episode"))  # fmt: skip
    for line in found["damage"]:
        output.print_line(f"damaged: {line}")
    if not found["damage"]:
        output.print_line("nothing is damaged")


def _weights(snapshot: Facts) -> list[Facts]:
    """One row a profile with weights of its own."""
    factors = {one["profile"]: one for one in snapshot["factors"]}
    rows = []
    for one in snapshot["weights"]:
        factor = factors.get(one["profile"], {"version": "", "sds": []})
        sds = [f" \u00b1 {sd:.3f}" for sd in factor["sds"]] or [""] * len(TERMS)
        texts = (f"{q12 / 4096:.3f}{sd}" for q12, sd in zip(one["q12"], sds, strict=True))
        rows.append(
            {"profile": one["profile"], "version": factor["version"]}
            | dict(zip(TERMS, texts, strict=True))
        )
    return rows


def _table(title: str, rows: Sequence[Facts], columns: Sequence[str]) -> None:
    shown = [column for column in columns if any(column in row for row in rows)]
    output.print_table(
        f"{title} ({len(rows)})",
        [column.removesuffix("_ms") for column in shown],
        [[_text(column, row.get(column)) for column in shown] for row in rows],
    )


def _text(column: str, value: Any) -> str:
    if value is None or value == "":
        return "-"
    if column.endswith("_ms"):
        return _time(value)
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def _time(ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S") if ms else "-"
