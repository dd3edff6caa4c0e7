"""What a profile would be shown now: the best titles with their reasons, a home screen, or one title taken apart.

Reads a data directory that another process may be serving; nothing is written and no lock is taken.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.asking import add_ask_options, context_of, folder_of
from tvbrain.cli.titles import dated, plain_title, print_titles

if TYPE_CHECKING:
    from tvbrain.brain.brain import Brain
    from tvbrain.cli import Subparsers
    from tvbrain.types import ViewContext


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "recommend", help="what a profile would be shown now", description=__doc__
    )
    add_ask_options(parser)
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--rows", action="store_true", help="a home screen: rows of k titles")
    shape.add_argument("--row", metavar="KIND", help="one row, such as continue, my_list or new")
    shape.add_argument("--explain", metavar="ITEM", help="one title's score taken apart")
    parser.add_argument("--like", default="", metavar="ITEM", help="with a row More like this")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if there is nothing to show, no such profile, or no such title."""
    from tvbrain.brain.brain import Brain

    folder = folder_of(arguments)
    context = replace(context_of(arguments), item=arguments.like)
    with Brain.open(folder, pack=arguments.pack, read_only=True) as brain:
        if arguments.explain:
            return _explain(brain, arguments.explain, context, as_json=arguments.json)
        if arguments.rows or arguments.row:
            return _rows(brain, context, arguments.row, as_json=arguments.json)
        return _slate(brain, context, as_json=arguments.json)


def _slate(brain: Brain, context: ViewContext, *, as_json: bool) -> int:
    slate = brain.recommend(context)
    if as_json:
        items = [plain_title(brain, entry) for entry in slate]
        output.print_json({"profile": context.profile, "eligible": slate.eligible, "items": items})
    else:
        title = f"for {context.profile}: {len(slate)} of {slate.eligible} titles"
        print_titles(brain, title, slate.items)
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
                "items": [plain_title(brain, entry) for entry in row.items],
            }
            for row in rows
        ]
        output.print_json({"profile": context.profile, "rows": plain})
    else:
        for row in rows:
            print_titles(brain, row.title, row.items)
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
        f"{dated(facts)} for {context.profile}: score {why.score:.4f}, {verdict}",
        ["term, then the watched titles behind cf", "adds"],
        rows,
    )
    return exits.OK
