"""What the forms on the wire cost and keep, on patterns of real people: python bench/sync_forms.py PACK ratings.csv

A pattern here is what a set would make of one person and one genre: the mean direction of the (4 to 16) titles of it
that she liked last. Prints the tables of docs/sync.md.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import zstandard

from tvbrain.errors import UnknownItemError
from tvbrain.pack.codebook import train
from tvbrain.pack.reader import PackFile
from tvbrain.wire import delta, frame, residual
from tvbrain.wire.pattern import Coding, WirePattern, ascending

LIKED, FEWEST, MOST, WINDOW, WEEK = 3.5, 4, 16, 5, 20


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def histories(pack: PackFile, ratings: Path) -> list[list[int]]:
    """Rows that each person liked, in order of time."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with ratings.open() as file:
        for row in csv.DictReader(file):
            if float(row["rating"]) >= LIKED:
                try:
                    place = pack.find(f"ml:{row['movieId']}")
                except UnknownItemError:
                    continue
                found[row["userId"]].append((int(row["timestamp"]), place))
    return [[place for _, place in sorted(of)] for of in found.values()]


def patterns(pack: PackFile, people: list[list[int]], units: np.ndarray) -> np.ndarray:
    """Unit vectors [n, D]."""
    genres = pack.items["genres"]
    found = []
    for rows in people:
        for bit in range(len(pack.genres)):
            of = [row for row in rows if int(genres[row]) >> bit & 1][-MOST:]
            if len(of) >= FEWEST:
                mean = units[of].sum(axis=0)
                found.append(mean / np.linalg.norm(mean))
    return np.array(found, np.float32)


def quantisers(vectors: np.ndarray, books: dict[int, np.ndarray]) -> None:
    random = np.random.default_rng(1)
    say("| codebook | quantiser | bytes a pattern | cosine of one | of the mean of 30 sets |")
    say("| ---: | --- | ---: | ---: | ---: |")
    for entries, book in books.items():
        for quantiser, name in ((1, "2-bit"), (2, "4-bit"), (3, "int8")):
            one, mean = [], []
            for vector in vectors:
                middle = book[np.argmax(book @ vector)] if entries else np.zeros_like(vector)
                made = [
                    residual.dequantise(
                        residual.quantise(vector - middle, quantiser, random), quantiser, 384
                    )
                    for _ in range(30)
                ]
                one.append(alike(middle + made[0], vector))
                mean.append(alike(middle + np.mean(made, axis=0), vector))
            size = 7 + residual.size(quantiser, vectors.shape[1])
            say(f"| {entries} | {name} | {size} | {np.mean(one):.4f} | {np.mean(mean):.4f} |")


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def contents(people: list[list[int]], vectors: np.ndarray, book: np.ndarray) -> list[bytes]:
    """Deltas of weeks of 20 titles, with two patterns each, as they are before compression."""
    random = np.random.default_rng(2)
    coding, found = Coding(1, 1, vectors.shape[1]), []
    for rows in people:
        for start in range(0, len(rows) - WEEK, WEEK):
            week = rows[start : start + WEEK]
            near = {
                (min(a, b), max(a, b))
                for at, a in enumerate(week)
                for b in week[at + 1 : at + 1 + WINDOW]
                if a != b
            }
            told = []
            for vector in vectors[random.integers(len(vectors), size=2)]:
                code = int(np.argmax(book @ vector))
                left = residual.quantise(vector - book[code], 1, random)
                told.append(WirePattern(code, left, 60, 8, 0))
            one = delta.Delta(
                pack=bytes(range(16)),
                pairs=tuple(sorted(near)),
                items=tuple((row, 1) for row in sorted(set(week))),
                dayparts=(1, 0, 3, 9, 0, 1, 2, 4),
                coding=coding,
                patterns=ascending(told),
                layout=1,
                blender=tuple(random.integers(-9, 9, 12).tolist()),
            )
            found.append(delta._content(one))
    return found


def compression(found: list[bytes]) -> None:
    half = len(found) // 2
    dictionary = zstandard.train_dictionary(4096, found[:half])
    packer = zstandard.ZstdCompressor(level=19, dict_data=dictionary, write_checksum=False)
    rows = {
        "raw": [len(one) + 1 for one in found[half:]],
        "zstd, or raw where smaller": [len(frame.encode(one)) for one in found[half:]],
        "zstd with a dictionary of 4 KB, or raw": [
            1 + min(len(one), len(packer.compress(one))) for one in found[half:]
        ],
    }
    say(f"\n| form | mean bytes of {len(found) - half} deltas | largest |\n| --- | ---: | ---: |")
    for name, sizes in rows.items():
        say(f"| {name} | {np.mean(sizes):.1f} | {max(sizes)} |")


def main() -> None:
    with PackFile(Path(sys.argv[1])) as pack:
        stored = pack.vectors()
        assert stored is not None
        real = (
            stored.rows.astype(np.float32) * (stored.scale_q30 / 2**30).astype(np.float32)[:, None]
        )
        units = real / np.maximum(np.linalg.norm(real, axis=1, keepdims=True), 1e-9)
        people = histories(pack, Path(sys.argv[2]))
        vectors = patterns(pack, people, units)
        some = vectors[np.random.default_rng(0).choice(len(vectors), 200, replace=False)]
        books = {0: np.zeros((1, vectors.shape[1]), np.float32)}
        for entries in (16, 64, 256):
            made = train(stored, entries)
            assert made is not None
            books[entries] = made.real()
    say(f"{len(vectors)} patterns of {len(people)} people, 200 of them drawn\n")
    quantisers(some, books)
    compression(contents(people, vectors, books[64]))


if __name__ == "__main__":
    main()
