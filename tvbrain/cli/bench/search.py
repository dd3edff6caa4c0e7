"""`tvbrain bench search`: what search finds, by meaning and by mistyped titles, and how long it takes through C.

Agreement: of the model's ten nearest titles, all compared exactly, the share that stands among the first fifty of a
search by the static encoder as a set answers it: titles that the text names come first, and a pack's graph is used as
it is for everybody. Held-out phrases are 3 to 9 words of descriptions that no encoder is taught with.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.cli.bench import programs
from tvbrain.cli.output import Figure
from tvbrain.embed.quantise import QuantisedVectors, similarity_q20
from tvbrain.errors import MissingFileError
from tvbrain.pack.phrases import held_out, windows
from tvbrain.pack.reader import PackFile

PHRASES, MISTYPED, SEED = 500, 2000, 7
BEST, AMONG = 10, 50
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FEWEST_LETTERS = 4
"""Shorter titles are not mistyped: one error makes another title of them."""


def run(arguments: argparse.Namespace) -> int:
    pack = programs.pack_of(arguments)
    with PackFile(pack) as file:
        titles = [(title.id, title.title) for title in file.titles()]
        texts = [title.description for title in file.titles() if held_out(title)]
        vectors, space = file.vectors(), file.space()
        encoder, graph = file.encoder(), file.graph
    draw = random.Random(SEED)
    natural = _lines(arguments.queries)
    phrases = list(windows([text for text in texts if text], draw, PHRASES))
    mistyped = [mistype(draw, *draw.choice(titles)) for _ in range(MISTYPED * 2)]
    mistyped = [one for one in mistyped if one[1]][:MISTYPED]
    figures: list[Figure] = []
    model = arguments.model or os.environ.get("TVBRAIN_MODEL")
    if model and encoder is not None and vectors is not None and space is not None:
        from tvbrain.embed.minilm import MiniLM

        embedder = MiniLM(Path(model))
        ids = [identity for identity, _ in titles]
        given = {"rows": len(encoder.hashes), "titles": len(titles), "graph": graph is not None}
        for name, asked in (("natural", natural), ("held_out", phrases)):
            if asked:
                right = nearest(space.quantise(embedder.embed(asked)), vectors, ids)
                value = agreement(pack, asked, right)
                figures.append(
                    Figure(f"agreement.{name}.{BEST}_in_{AMONG}", value, "", len(asked), given)
                )
    figures += typed_figures(pack, mistyped)
    asked_of = {"natural": natural, "held_out": phrases, "mistyped": [text for _, text in mistyped]}
    asked_of["beginning"] = [
        name[: draw.randint(1, len(name))] for _, name in titles[:2000] if name
    ]
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch:
        lines = [
            f"{kind}\t{' '.join(text.split())}\n"
            for kind, asked in asked_of.items()
            for text in asked
        ]
        listed = Path(scratch, "texts.tsv")
        listed.write_text("".join(lines), encoding="utf-8")
        os.environ["TVBRAIN_BENCH_TEXTS"] = str(listed)
        words = ["-n", str(arguments.calls), *programs.cpu_words(arguments)]
        words += ["-f"] if arguments.realtime else []
        answer = programs.run(
            "search",
            [*words, pack, Path(scratch, "tv")],
            bar="" if arguments.json else "search",
        )
    load = {"load_average": round(os.getloadavg()[0], 2), "encoder": encoder is not None}
    return programs.finish(arguments, {**answer.common, **load}, [*figures, *answer.figures])


def _lines(path: Path | None) -> list[str]:
    if path is None:
        return []
    if not path.is_file():
        raise MissingFileError(f"{path} does not exist")
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


def mistype(draw: random.Random, identity: str, name: str) -> tuple[str, str]:
    """(id, the title with one letter inserted, left out, replaced or exchanged with the next); empty if too short."""
    if sum(letter.isalnum() for letter in name) < FEWEST_LETTERS:
        return identity, ""
    at, kind, letter = draw.randrange(len(name)), draw.randrange(4), draw.choice(LETTERS)
    if kind == 0:
        return identity, name[:at] + letter + name[at:]
    if kind == 1:
        return identity, name[:at] + name[at + 1 :]
    if kind == 2:
        return identity, name[:at] + letter + name[at + 1 :]
    at = min(at, len(name) - 2)
    return identity, name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def nearest(
    queries: QuantisedVectors, items: QuantisedVectors, ids: Sequence[str]
) -> list[set[str]]:
    """The ten titles nearest to each query, every title compared."""
    return [
        {ids[row] for row in np.argsort(-_scores(queries, at, items), kind="stable")[:BEST]}
        for at in range(len(queries.rows))
    ]


def agreement(pack: Path, asked: Sequence[str], right: Sequence[set[str]]) -> float:
    """Mean share of each text's right titles that `Brain.search` gives an adult among its first fifty."""
    from tvbrain import Brain
    from tvbrain.types import ViewContext

    found = 0
    with (
        tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch,
        Brain.open(Path(scratch, "tv"), pack=pack) as brain,
    ):
        brain.create_profile("adult", max_age=18)
        context = ViewContext(profile="adult", k=AMONG)
        for text, best in zip(asked, right, strict=True):
            found += len(best & {one.item for one in brain.search(text, context, encoder="static")})
    return found / sum(len(best) for best in right)


def _scores(queries: QuantisedVectors, at: int, items: QuantisedVectors) -> NDArray[np.int64]:
    one = QuantisedVectors(
        queries.rows[at : at + 1], queries.scale_q30[at : at + 1], queries.bias_q20[at : at + 1]
    )
    scores: NDArray[np.int64] = similarity_q20(one, items)[0].astype(np.int64)
    return scores


def typed_figures(pack: Path, mistyped: Sequence[tuple[str, str]]) -> list[Figure]:
    """How often the title meant is among the first three; titles of the same name count as it."""
    from tvbrain import Brain
    from tvbrain.pack.native import normal_form
    from tvbrain.types import ViewContext

    with PackFile(pack) as file:
        names = {title.id: normal_form(title.title) for title in file.titles()}
    found = 0
    with (
        tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch,
        Brain.open(Path(scratch, "tv"), pack=pack) as brain,
    ):
        for identity, text in mistyped:
            slate = brain.search(text, ViewContext(k=3), encoder="static")
            found += any(names[one.item] == names[identity] for one in slate)
    return [
        Figure("mistyped.top_3", found / max(1, len(mistyped)), "", len(mistyped), {"errors": 1})
    ]
