"""What a search finds for a profile: titles that the text names, mistyped too, then titles that it describes.

Reads a data directory that another process may be serving; nothing is written and no lock is taken.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.asking import add_ask_options, context_of, folder_of
from tvbrain.cli.titles import plain_title, print_titles

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers

MEANING = {
    "minilm": "meaning by MiniLM",
    "static": "meaning by the pack's encoder",
    "": "names alone: no encoder",
}


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("search", help="what a search finds", description=__doc__)
    parser.add_argument(
        "text", metavar="TEXT", help="a title or its beginning, or what it is about"
    )
    add_ask_options(parser)
    parser.add_argument(
        "--encoder",
        default="auto",
        metavar="E",
        help="what tells the text's meaning: minilm, static (the pack's), auto (the first that can be had)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="MiniLM's folder (that of TVBRAIN_MODEL)"
    )
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if nothing is found or there is no such profile."""
    from tvbrain.brain.brain import Brain

    folder, context = folder_of(arguments), context_of(arguments)
    with Brain.open(folder, pack=arguments.pack, model=arguments.model, read_only=True) as brain:
        slate = brain.search(arguments.text, context, encoder=arguments.encoder)
        if arguments.json:
            items = [plain_title(brain, entry) for entry in slate]
            output.print_json(
                {
                    "text": arguments.text,
                    "profile": context.profile,
                    "encoder": slate.encoder,
                    "found": slate.eligible,
                    "items": items,
                }
            )
        else:
            heading = (
                f"{arguments.text!r} for {context.profile}: {len(slate)} of {slate.eligible} found, "
                f"{MEANING[slate.encoder]}"
            )
            print_titles(brain, heading, slate.items)
    return exits.OK if len(slate) else exits.FAILED
