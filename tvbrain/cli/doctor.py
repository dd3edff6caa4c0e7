"""Look at this device: kernels, SQLite, packages, model, memory and the data directory."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("doctor", help="look at this device", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory to look at")
    parser.add_argument("--model", type=Path, metavar="DIR", help="a folder with model.onnx")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if anything that tvbrain needs is missing; warnings do not count."""
    from tvbrain.config import Config
    from tvbrain.health.probes import examine

    config = Config.load(data_dir=arguments.data)
    named = os.environ.get("TVBRAIN_MODEL")
    model = arguments.model or (Path(named) if named else None)
    findings = examine(config.data_dir, model)
    if arguments.json:
        figures = [
            output.Figure(f.name, f.value, given={"verdict": f.verdict, "advice": f.advice})
            for f in findings
        ]
        output.print_figures("doctor", figures, as_json=True)
    else:
        rows = [[f.verdict, f.name, f.value, f.advice] for f in findings]
        output.print_table("tvbrain doctor", ["", "what", "found", "advice"], rows)
    return exits.FAILED if any(f.verdict == "failed" for f in findings) else exits.OK
