"""Build, inspect and install packs: catalogues as the television reads them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.embed.embedder import Embedder
    from tvbrain.pack.build import Steps
    from tvbrain.pack.reader import PackFile

ROWS_SHOWN = 20
"""Broken rows and sample pairs that the tables show; `--json` has all broken rows."""


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "pack", help="build, inspect, install packs", description=__doc__
    )
    commands = parser.add_subparsers(dest="pack_command", metavar="COMMAND", required=True)

    build = commands.add_parser("build", help="catalogue files in, a pack out")
    build.add_argument(
        "catalogues",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="provider CSV, MovieLens movies.csv or JSONL; known by its content",
    )
    build.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.tvpack")
    build.add_argument("--ratings", type=Path, metavar="CSV", help="MovieLens ratings.csv")
    build.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="a folder with model.onnx and tokenizer.json (also TVBRAIN_MODEL)",
    )
    build.add_argument("--no-vectors", action="store_true", help="a pack without text similarity")
    build.add_argument(
        "--encoder",
        type=int,
        nargs="?",
        const=20_000,
        default=0,
        metavar="ROWS",
        help="with a static text encoder, for search by meaning without the model (20000 rows: 7.8 MB)",
    )
    build.add_argument(
        "--encoder-phrases",
        type=int,
        metavar="N",
        help="texts that the encoder is taught with, a run of the model each (150000)",
    )
    build.add_argument(
        "--hnsw",
        action=argparse.BooleanOptionalAction,
        help="with a graph over the vectors, so that search need not compare all (from 15000 titles on; "
        "about 150 bytes a title)",
    )
    build.add_argument(
        "--prior",
        type=Path,
        metavar="JSON",
        help="what terms weigh before anything is learned: "
        '{"terms": {"cf": {"mean": 1.0, "precision": 4.0}}}',
    )
    build.add_argument(
        "--rerank",
        action="store_true",
        help="with what the stored vectors leave out, for indexes that score the best again "
        "(about 390 bytes a title)",
    )
    build.add_argument(
        "--codebook",
        action=argparse.BooleanOptionalAction,
        help="with the directions that patterns are told by when sets sync (from 1024 titles on)",
    )
    build.add_argument("--previous", type=Path, metavar="OLD", help="carry its ids forward")
    build.add_argument(
        "--side-of", type=Path, metavar="BASE", help="only what has changed since this base pack"
    )
    build.add_argument(
        "--after",
        type=Path,
        nargs="+",
        default=[],
        metavar="SIDE",
        help="the base's side packs so far, oldest first",
    )
    build.add_argument(
        "--partial",
        action="store_true",
        help="titles that the files lack stay (with --side-of)",
    )
    build.add_argument(
        "--remove", nargs="+", default=[], metavar="ID", help="take titles away (with --side-of)"
    )
    build.add_argument("--name", help="name of the pack; the file's, if not given")
    build.add_argument("--label", metavar="TEXT", help="version text; the day, if not given")
    build.add_argument("--cache", type=Path, metavar="DIR", help="where computed vectors are kept")
    output.add_json_option(build)
    build.set_defaults(run=run_build)

    inspect = commands.add_parser("inspect", help="verify a pack and show what is in it")
    inspect.add_argument("pack", type=Path, metavar="FILE")
    inspect.add_argument("--item", metavar="ID", help="show one title, by any of its ids")
    output.add_json_option(inspect)
    inspect.set_defaults(run=run_inspect)

    install = commands.add_parser("install", help="verify a pack and put it into a data directory")
    install.add_argument("pack", type=Path, metavar="FILE")
    install.add_argument("--data", type=Path, required=True, metavar="DIR")
    install.add_argument(
        "--factory", type=Path, metavar="BASE", help="the base of a side pack, if none is installed"
    )
    output.add_json_option(install)
    install.set_defaults(run=run_install)


def run_build(arguments: argparse.Namespace) -> int:
    """Exit code OK if a pack was written, however many rows were broken: they are listed."""
    from tvbrain.clock import SystemClock
    from tvbrain.embed.cache import default_cache_dir
    from tvbrain.errors import InvalidArgumentError, MissingFileError
    from tvbrain.pack import build, side
    from tvbrain.pack.prior import load_prior
    from tvbrain.pack.reader import PackFile
    from tvbrain.pack.writer import write_pack

    if not arguments.side_of and (arguments.after or arguments.partial or arguments.remove):
        raise InvalidArgumentError("--after, --partial and --remove need --side-of")
    if arguments.side_of and arguments.previous:
        raise InvalidArgumentError("--side-of carries the ids of its base; --previous has no place")
    if arguments.encoder and (arguments.side_of or arguments.no_vectors):
        raise InvalidArgumentError("--encoder: only a base pack with vectors has one")
    if arguments.hnsw and (arguments.side_of or arguments.no_vectors):
        raise InvalidArgumentError("--hnsw: only a base pack with vectors has a graph")
    if arguments.rerank and (arguments.side_of or arguments.no_vectors):
        raise InvalidArgumentError("--rerank: only a base pack with vectors has residuals")
    if arguments.codebook and (arguments.side_of or arguments.no_vectors):
        raise InvalidArgumentError("--codebook: only a base pack with vectors has one")
    if arguments.encoder < 0:
        raise InvalidArgumentError(f"--encoder: {arguments.encoder} rows")
    if arguments.encoder_phrases is not None:
        if not arguments.encoder:
            raise InvalidArgumentError("--encoder-phrases needs --encoder")
        if arguments.encoder_phrases < 1:
            raise InvalidArgumentError(f"--encoder-phrases: {arguments.encoder_phrases}")
    for path in (arguments.ratings, arguments.prior, *arguments.catalogues):
        if path is not None and not path.exists():
            raise MissingFileError(f"{path} does not exist")
    if not arguments.output.absolute().parent.is_dir():
        raise MissingFileError(f"{arguments.output.parent} is no folder")
    prior = load_prior(arguments.prior) if arguments.prior else {}
    clock = SystemClock()
    begun = clock.monotonic()
    built_at = int(os.environ.get("SOURCE_DATE_EPOCH") or clock.now())
    with ExitStack() as open_packs:
        packs = [
            open_packs.enter_context(PackFile(path))
            for path in filter(None, (arguments.previous, arguments.side_of, *arguments.after))
        ]
        for pack in packs:
            pack.verify()
        sources = build.Sources(
            tuple(arguments.catalogues),
            arguments.ratings,
            None if arguments.no_vectors else _embedder(arguments.model),
            arguments.cache or default_cache_dir(),
            side.published_ids(packs),
            # Without --partial what the files lack is taken away, whenever it may be shown.
            partial(side.shown_titles, packs) if arguments.partial else dict,
        )
        catalogue = build.gather(sources, _steps(arguments.json), train=not arguments.side_of)
        name = arguments.name or arguments.output.stem
        version = arguments.label or _day(built_at)
        changes, recall = None, None
        if arguments.side_of:
            contents, changes = side.side_contents(
                catalogue,
                sources,
                packs,
                name=name,
                version=version,
                built_at=built_at,
                partial=arguments.partial,
                remove=arguments.remove,
            )
        else:
            contents, recall = build.base_contents(
                catalogue, sources, name=name, version=version, built_at=built_at
            )
            if arguments.encoder and contents.vectors is not None and sources.embedder is not None:
                table = build.teach_encoder(
                    catalogue.titles,
                    contents.vectors.space,
                    sources.embedder,
                    arguments.encoder,
                    _steps(arguments.json),
                    count=arguments.encoder_phrases or build.ENCODER_PHRASES,
                )
                contents = replace(contents, encoder=table)
            threads = len(os.sched_getaffinity(0))
            contents = build.with_graph(contents, arguments.hnsw, threads)
            contents = build.with_codebook(contents, arguments.codebook)
            if arguments.rerank:
                contents = build.with_residuals(contents, catalogue.vectors)
        write_pack(arguments.output, replace(contents, prior=prior))
    with PackFile(arguments.output) as written:
        written.verify()
        report: dict[str, object] = {
            "pack": _summary(written),
            "seconds": round(clock.monotonic() - begun, 3),
            "files": contents.source["files"],
            "rows_read": sum(file.titles for file in catalogue.loaded.files)
            + len(catalogue.loaded.showings),
            "broken": [
                {"file": row.file, "line": row.line, "reason": row.reason}
                for row in catalogue.loaded.broken
            ],
            "joined_pairs": dict(catalogue.merged.by_rule()),
            "sample": [
                {"rule": pair.rule, "a": pair.id_a, "b": pair.id_b}
                for rule in catalogue.merged.by_rule()
                for pair in catalogue.merged.sample(rule, ROWS_SHOWN // 4)
            ],
        }
    if recall is not None:
        report["recall"] = {
            f"recall@{recall.k}": recall.value,
            "queries": recall.queries,
            "items": recall.items,
        }
    if catalogue.ratings is not None:
        report["ratings"] = {
            "joined": catalogue.ratings.joined,
            "unjoined": catalogue.ratings.unjoined,
            "broken": [[row.line, row.reason] for row in catalogue.ratings.broken],
        }
    if changes is not None:
        report["changes"] = {
            "added": list(changes.added),
            "changed": list(changes.changed),
            "removed": list(changes.removed),
        }
    if arguments.json:
        output.print_json(report)
    else:
        _print_build(report)
    return exits.OK


def run_inspect(arguments: argparse.Namespace) -> int:
    """Exit code BAD_FILE if anything at all is wrong with the file."""
    from tvbrain.pack.reader import PackFile

    with PackFile(arguments.pack) as pack:
        pack.verify()
        if arguments.item is not None:
            item = _item(pack, pack.find(arguments.item))
            if arguments.json:
                output.print_json(item)
            else:
                rows = [[name, _plain(value)] for name, value in item.items()]
                output.print_table(str(item["id"]), ["field", "value"], rows)
            return exits.OK
        summary = {**_summary(pack), "source": pack.source}
        if arguments.json:
            output.print_json(summary)
            return exits.OK
        _print_summary(summary)
        counts = ("aliases", "retired")
        source = {
            name: f"{len(value)}" if name in counts else value
            for name, value in pack.source.items()
        }
        rows = [[name, _plain(value)] for name, value in source.items()]
        output.print_table("built from", ["what", "value"], rows)
    output.print_line("verified: every hash, reference, order and range")
    return exits.OK


def run_install(arguments: argparse.Namespace) -> int:
    from tvbrain.pack.install import install

    installed = install(arguments.pack, arguments.data, factory=arguments.factory)
    if arguments.json:
        output.print_json(
            {
                "path": str(installed.path),
                "removed": [str(path) for path in installed.removed],
                "titles": installed.live,
            }
        )
        return exits.OK
    output.print_line(f"{installed.path}: verified and installed; {installed.live} titles")
    for path in installed.removed:
        output.print_line(f"{path}: removed, it belonged to an older base")
    return exits.OK


def _embedder(model: Path | None) -> Embedder:
    from tvbrain.embed.minilm import MiniLM
    from tvbrain.errors import InvalidArgumentError

    named = model or os.environ.get("TVBRAIN_MODEL")
    if not named:
        raise InvalidArgumentError("vectors need --model DIR (or TVBRAIN_MODEL), or --no-vectors")
    return MiniLM(Path(named))


def _steps(quiet: bool) -> Steps:
    from tvbrain.pack.build import silent

    @contextmanager
    def shown(step: str) -> Iterator[output.Progress]:
        with output.progress(step) as progress:
            yield progress

    return silent if quiet else shown


def _day(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _summary(pack: PackFile) -> dict[str, object]:
    from tvbrain.pack import layout

    meta = pack.meta
    sections = pack.sections()
    return {
        "file": str(pack.path),
        "name": pack.name,
        "version": pack.version,
        "side": pack.is_side,
        "content_hash": f"{pack.content_hash:016x}",
        "base_hash": f"{meta['base_hash']:016x}" if pack.is_side else None,
        "ordinal": meta["ordinal"] if pack.is_side else None,
        "built_at": meta["built_at"],
        "titles": meta["rows"],
        "offers": meta["offers"],
        "ids": len(pack.keys),
        "taken_away": len(pack.removed_keys),
        "dimension": meta["dimension"],
        "space_id": f"{meta['space_id']:016x}" if meta["dimension"] else None,
        "encoder_rows": next((s.count for s in sections if s.kind == "ENCH"), None),
        "graph": pack.graph,
        "prior": {
            term: {"mean": one.mean, "precision": one.precision} for term, one in pack.prior.items()
        }
        or None,
        "codebook_entries": next((s.count for s in sections if s.kind == "CDBS"), None),
        "residual_bytes": sum(s.size for s in sections if s.kind in layout.RERANK_KINDS) or None,
        "genres": pack.genres,
        "providers": pack.providers,
        "bytes": sum(section.size for section in sections),
        "sections": [
            {"kind": s.kind, "element": s.element, "count": s.count, "bytes": s.size}
            for s in sections
        ],
    }


def _item(pack: PackFile, row: int) -> dict[str, object]:
    from dataclasses import asdict

    record = pack.items[row]
    fields: dict[str, object] = {"row": row, "key": f"{int(record['key']):016x}"}
    fields.update(asdict(pack.title(row)))
    fields["age"] = int(record["age"])
    fields["popularity"] = int(record["popularity"])
    weights = pack.weights()
    if weights is not None:
        span = slice(int(weights.indptr[row]), int(weights.indptr[row + 1]))
        pairs = sorted(
            zip(weights.values[span].tolist(), weights.indices[span].tolist(), strict=True),
            key=lambda pair: (-pair[0], pair[1]),
        )
        fields["weights"] = len(pairs)
        fields["leads_to"] = [pack.title(column).id for _, column in pairs[:5]]
    return fields


def _print_build(report: dict[str, object]) -> None:
    broken, sample = report["broken"], report["sample"]
    assert isinstance(broken, list)
    assert isinstance(sample, list)
    assert isinstance(report["pack"], dict)
    _print_summary(report["pack"])
    facts = {
        name: value
        for name, value in report.items()
        if name not in ("pack", "broken", "sample", "changes", "files")
    }
    if isinstance(report.get("changes"), dict):
        changes = report["changes"]
        assert isinstance(changes, dict)
        facts.update((name, len(ids)) for name, ids in changes.items())
    output.print_table(
        "built", ["what", "value"], [[name, _plain(value)] for name, value in facts.items()]
    )
    assert isinstance(report["files"], list)
    output.print_table(
        "files",
        ["file", "format", "titles", "broken"],
        [[str(value) for value in file.values()] for file in report["files"]],
    )
    if sample:
        rows = [[pair["rule"], pair["a"], pair["b"]] for pair in sample]
        output.print_table("joined, a sample", ["rule", "id", "and"], rows)
    if broken:
        rows = [[f"{row['file']}:{row['line']}", row["reason"]] for row in broken[:ROWS_SHOWN]]
        output.print_table(f"{len(broken)} broken rows", ["where", "why"], rows)
        if len(broken) > ROWS_SHOWN:
            output.note(f"{len(broken) - ROWS_SHOWN} more broken rows: see --json")


def _print_summary(summary: dict[str, object]) -> None:
    facts = [
        [name, _plain(value)]
        for name, value in summary.items()
        if name not in ("sections", "source") and value is not None
    ]
    output.print_table("pack", ["what", "value"], facts)
    assert isinstance(summary["sections"], list)
    rows = [[str(value) for value in section.values()] for section in summary["sections"]]
    output.print_table("sections", ["kind", "element", "count", "bytes"], rows)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)
