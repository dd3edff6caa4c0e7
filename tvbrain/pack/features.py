"""What the static encoder sees of a text: words, pairs of words, pieces of unknown words (docs/formats.md)."""

from __future__ import annotations

from collections.abc import Container, Iterator

from tvbrain.pack.native import normal_form, xxh64

BASE = b""
"""The feature that every text has."""
SHORTEST, LONGEST = 3, 5


def words_in(text: str) -> list[bytes]:
    """The words of the text's normal form."""
    return [word.encode() for word in normal_form(text).split(" ") if word]


def grams_in(word: bytes) -> Iterator[bytes]:
    """Runs of 3 to 5 bytes of `<word>`, each after a byte 1 that no word has."""
    marked = b"<" + word + b">"
    for size in range(SHORTEST, min(LONGEST, len(marked)) + 1):
        for start in range(len(marked) - size + 1):
            yield b"\1" + marked[start : start + size]


def features_in(
    words: list[bytes], known: Container[bytes], unknown: Container[int] = ()
) -> Iterator[tuple[bytes, float]]:
    """(feature, weight) of a text; `unknown` holds places of words to be treated as if they were not known."""
    yield BASE, 1.0
    for place, word in enumerate(words):
        if word in known and place not in unknown:
            yield word, 1.0
        else:
            grams = [gram for gram in grams_in(word) if gram in known]
            for gram in grams:
                yield gram, len(grams) ** -0.5
        if place and (pair := words[place - 1] + b" " + word) in known:
            yield pair, 1.0


def hash_of(feature: bytes) -> int:
    """What the table is searched by."""
    return xxh64(feature) & 0xFFFFFFFF
