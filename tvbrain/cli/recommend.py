"""What a profile would be shown now: the best titles with their reasons, a home screen, or one title taken apart.

Reads a data directory that another process may be serving; nothing is written and no lock is taken.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.errors import MissingFileError

if TYPE_CHECKING:
    from tvbrain.brain.brain import Brain
    from tvbrain.cli import Subparsers
    from tvbrain.types import SlateItem, ViewContext


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "recommend", help="what a profile would be shown now", description=__doc__
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack (the demo's, if left out)"
    )
    parser.add_argument("--profile", default="household", metavar="P", help="a name or an id")
    parser.add_argument("-k", type=int, default=20, metavar="N", help="titles, 1 to 200")
    parser.add_argument("--genre", default="", metavar="G", help="only titles of this genre")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="seconds since 1970 (now)")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--rows", action="store_true", help="a home screen: rows of k titles")
    shape.add_argument("--row", metavar="KIND", help="one row, such as continue, my_list or new")
    shape.add_argument("--explain", metavar="ITEM", help="one title's score taken apart")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if there is nothing to show, no such profile, or no such title."""
    from tvbrain.brain.brain import Brain
    from tvbrain.config import Config
    from tvbrain.types import ViewContext

    folder = Config.load(data_dir=arguments.data).data_dir
    if not folder.is_dir():
        raise MissingFileError(f"{folder}: no data directory (tvbrain demo --data {folder} makes one)")
    name = arguments.profile
    context = ViewContext(
        profile=int(name) if name.isdecimal() else name,
        k=arguments.k,
        genre=arguments.genre,
        at=arguments.at,
    )
    with Brain.open(folder, pack=arguments.pack, read_only=True) as brain:
        if arguments.explain:
            return _explain(brain, arguments.explain, context, as_json=arguments.json)
        if arguments.rows or arguments.row:
            return _rows(brain, context, arguments.row, as_json=arguments.json)
        return _slate(brain, context, as_json=arguments.json)


def _slate(brain: Brain, context: ViewContext, *, as_json: bool) -> int:
    slate = brain.recommend(context)
    if as_json:
        items = [_plain(brain, entry) for entry in slate]
        output.print_json(
            {"profile": context.profile, "eligible": slate.eligible, "items": items}
        )
    else:
        title = f"for {context.profile}: {len(slate)} of {slate.eligible} titles"
        _table(brain, title, slate.items)
    return exits.OK if len(slate) else exits.FAILED


def _rows(brain: Brain, context: ViewContext, kind: str | None, *, as_json: bool) -> int:
    from tvbrain.brain.reasons import ROWS
    from tvbrain.errors import InvalidArgumentError

    kinds = [name for name, _ in ROWS.values()]
    if kind is not None and kind not in kinds:
        raise InvalidArgumentError(f"--row: {kind!r} is none of {', '.join(kinds)}")
    rows = [row for row in brain.rows(context).rows if kind in (None, row.kind)]
    if as_json:
        plain = [
            {
                "kind": row.kind,
                "title": row.title,
                "reason_item": row.reason_item,
                "items": [_plain(brain, entry) for entry in row.items],
            }
            for row in rows
        ]
        output.print_json({"profile": context.profile, "rows": plain})
    else:
        for row in rows:
            _table(brain, row.title, row.items)
        if not rows:
            output.note(f"no row of kind {kind} for {context.profile} now")
    return exits.OK if rows else exits.FAILED


def _explain(brain: Brain, item: str, context: ViewContext, *, as_json: bool) -> int:
    why, facts = brain.explain(item, context), brain.item(item)
    witnesses = [(one, brain.item(one).title, cf) for one, cf in why.witnesses]
    if as_json:
        output.print_json(
            {
                "item": why.item,
                "title": facts.title,
                "profile": context.profile,
                "eligible": why.eligible,
                "why_not": list(why.why_not),
                "score": why.score,
                "terms": dict(why.terms),
                "reason_code": why.reason_code,
                "witnesses": [
                    {"item": one, "title": title, "cf": cf} for one, title, cf in witnesses
                ],
            }
        )
        return exits.OK
    verdict = "eligible" if why.eligible else f"not shown: {', '.join(why.why_not)}"
    rows = [[name, f"{value:+.4f}"] for name, value in why.terms.items() if value]
    rows += [[f"  {title}", f"{cf:+.4f}"] for _, title, cf in witnesses]
    output.print_table(
        f"{facts.title} ({facts.year}) for {context.profile}: score {why.score:.4f}, {verdict}",
        ["term, then the watched titles behind cf", "adds"],
        rows,
    )
    return exits.OK


def _table(brain: Brain, title: str, items: tuple[SlateItem, ...]) -> None:
    rows = []
    for place, entry in enumerate(items, 1):
        facts = brain.item(entry.item)
        named = f"{entry.title} ({facts.year})" if facts.year else entry.title
        rows.append([str(place), named, f"{entry.score:.3f}", entry.reason, entry.item])
    output.print_table(title, ["", "title", "score", "reason", "id"], rows)


def _plain(brain: Brain, entry: SlateItem) -> dict[str, object]:
    facts = brain.item(entry.item)
    return {
        "item": entry.item,
        "title": entry.title,
        "year": facts.year,
        "age": facts.age,
        "score": entry.score,
        "reason": entry.reason,
        "reason_code": entry.reason_code,
        "reason_item": entry.reason_item,
        "terms": dict(entry.terms),
        "position_s": entry.position_s,
        "season": entry.season,
        "episode": entry.episode,
    }
