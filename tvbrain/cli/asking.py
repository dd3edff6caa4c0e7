"""What commands that ask a brain have in common: whose data directory, for whom, how many, when."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.errors import MissingFileError

if TYPE_CHECKING:
    from tvbrain.types import ViewContext


def add_ask_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack (the demo's, if left out)"
    )
    parser.add_argument("--profile", default="household", metavar="P", help="a name or an id")
    parser.add_argument("-k", type=int, default=20, metavar="N", help="titles, 1 to 200")
    parser.add_argument("--genre", default="", metavar="G", help="only titles of this genre")
    parser.add_argument(
        "--region", default="", metavar="R", help="ISO 3166, such as DE (the profile's)"
    )
    parser.add_argument(
        "--utc-offset", type=int, metavar="MIN", help="local time minus UTC in minutes (0)"
    )
    parser.add_argument("--at", type=float, metavar="SECONDS", help="seconds since 1970 (now)")


def folder_of(arguments: argparse.Namespace) -> Path:
    """The data directory. MissingFileError: asking makes none."""
    from tvbrain.config import Config

    folder = Config.load(data_dir=arguments.data).data_dir
    if not folder.is_dir():
        raise MissingFileError(
            f"{folder}: no data directory (tvbrain demo --data {folder} makes one)"
        )
    return folder


def context_of(arguments: argparse.Namespace) -> ViewContext:
    """A profile of digits alone is an id."""
    from tvbrain.types import ViewContext

    name = arguments.profile
    return ViewContext(
        profile=int(name) if name.isdecimal() else name,
        k=arguments.k,
        genre=arguments.genre,
        region=arguments.region,
        utc_offset_min=arguments.utc_offset,
        at=arguments.at,
    )
