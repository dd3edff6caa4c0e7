"""Build the demo pack again: `python -m tvbrain.pack.demo.rebuild --model DIR`.

The result is the committed file, byte for byte, wherever the model gives the same bits: ONNX Runtime rounds
differently on other instruction sets, so the pack carries the hash of the vector of `PROBE`, and comparing it tells
a changed pack from a different processor. Linear algebra is pinned to one thread and one kernel for the same reason,
which must happen before numpy is imported.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")

import numpy as np

from tvbrain.embed.embedder import Embedder
from tvbrain.embed.minilm import MiniLM
from tvbrain.embed.quantise import Space
from tvbrain.learning.histories import Histories
from tvbrain.learning.item_model import train_weights
from tvbrain.pack import demo_pack_path
from tvbrain.pack.build import ROTATION_SEED, teach_encoder
from tvbrain.pack.demo.histories import histories
from tvbrain.pack.demo.titles import read_titles
from tvbrain.pack.load import load_catalogue
from tvbrain.pack.native import xxh64
from tvbrain.pack.ratings import POSITIVE_STARS
from tvbrain.pack.vectors import embed_titles
from tvbrain.pack.writer import Contents, Vectors, write_pack

BUILT_AT = 1_795_132_800
"""2026-11-20: the pack does not say when it was rebuilt."""
SEED = 7
PEOPLE = 600
L2 = 100.0
"""Fewer people than MovieLens has, so less is needed to tell chance from taste."""
TOP = 24
"""Weights that lead to a title: enough for a catalogue of this size, and the file stays small."""
ENCODER_ROWS, ENCODER_PHRASES = 2500, 10_000
"""A text encoder of 1 MB: 75 of 100 of the model's ten nearest titles are among its first fifty (natural queries)."""
PROBE = "A lighthouse keeper finds a letter. Film. Drama, Mystery"


def demo_contents(embedder: Embedder) -> Contents:
    """Everything that the demo pack says."""
    catalogue = Path(__file__).with_name("catalogue.jsonl")
    titles = load_catalogue([catalogue]).titles
    vectors = embed_titles(titles, embedder)
    space = Space.fit(vectors, ROTATION_SEED)
    people = demo_histories([title.id for title in titles])
    return Contents(
        titles=titles,
        name="demo",
        version="1",
        built_at=BUILT_AT,
        popularity=people.support().astype(np.uint32),
        vectors=Vectors(space, space.quantise(vectors)),
        weights=train_weights(people, l2=L2, top=TOP),
        encoder=teach_encoder(titles, space, embedder, ENCODER_ROWS, count=ENCODER_PHRASES),
        source={
            "about": "the demo catalogue of tvbrain; providers and viewers are invented",
            "embedder": embedder.name,
            "probe": probe_hash(embedder),
            "personas": {"seed": SEED, "people": PEOPLE, "l2": L2},
        },
    )


def demo_histories(ids: list[str]) -> Histories:
    """The titles to which invented people gave at least `POSITIVE_STARS`, in the order in which they were watched."""
    row_of = {identity: row for row, identity in enumerate(ids)}
    liked = [
        [row_of[identity] for identity, stars, _ in history if stars >= POSITIVE_STARS]
        for history in histories(read_titles(), SEED, PEOPLE)
    ]
    return Histories.of(liked, len(ids))


def probe_hash(embedder: Embedder) -> str:
    """Equal where the model gives the same bits."""
    return f"{xxh64(embedder.embed([PROBE]).astype('<f4').tobytes()):016x}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model.onnx and tokenizer.json")
    parser.add_argument("-o", "--output", type=Path, default=demo_pack_path())
    arguments = parser.parse_args()
    write_pack(arguments.output, demo_contents(MiniLM(arguments.model)))


if __name__ == "__main__":
    main()
