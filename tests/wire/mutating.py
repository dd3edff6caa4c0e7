"""Messages changed at random, and a search for those that reach code which none before them reached."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from tests.wire.samples import SAMPLES, Sample
from tvbrain import wire

FOLDER = wire.__path__[0]
INTERESTING = (
    b"\0", b"\x7f", b"\x80", b"\xff", b"\x90", b"\x9f", b"\xc0", b"\xc4\0", b"\xcb" + bytes(8),
    b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xcf" + b"\xff" * 8, b"\xd3" + b"\x80" + bytes(7),
    b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfd\xe0\x6c\x06\x06\x06\x63\x63\x63\x63", b"\x50\x2a\x4d\x18",
)  # fmt: skip
LONGEST = 6000


def mutated(draw: random.Random, message: bytes, other: bytes) -> bytes:
    """`message` after one to four changes; `other` is what parts are taken from."""
    found = bytearray(message)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found) + 1)
        kind = draw.randrange(7)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and at < len(found):
            found[at] = draw.randrange(256)
        elif kind == 2:
            del found[at : at + draw.randint(1, 16)]
        elif kind == 3:
            found[at:at] = draw.choice(INTERESTING)
        elif kind == 4:
            piece = draw.choice(INTERESTING)
            found[at : at + len(piece)] = piece
        elif kind == 5:
            found[at:at] = found[at : at + draw.randint(1, 64)] * draw.randint(1, 8)
        else:
            start = draw.randrange(len(other) + 1)
            found[at:] = other[start:]
    return bytes(found[:LONGEST])


def at_random(seed: int, count: int) -> Iterator[tuple[Sample, bytes]]:
    """So many changed samples, of every kind in turn."""
    draw = random.Random(seed)
    samples = list(SAMPLES.values())
    contents = [sample.content() for sample in samples]
    for number in range(count):
        which = number % len(samples)
        yield samples[which], mutated(draw, contents[which], draw.choice(contents))


class Guided:
    """Keeps what reached a step between two lines that nothing before it took, and changes that further."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self.corpus = [(sample, sample.content()) for sample in SAMPLES.values()]
        self.steps: set[tuple[str, int, int]] = set()

    def run(self, count: int, judge: Callable[[Sample, bytes], object]) -> None:
        """`judge` decodes a message; what it raises ends the run."""
        for sample, message in list(self.corpus):
            self._traced(sample, message, judge)
        for _ in range(count):
            sample, message = self._draw.choice(self.corpus)
            other = self._draw.choice(self.corpus)[1]
            changed = mutated(self._draw, message, other)
            if self._traced(sample, changed, judge):
                self.corpus.append((sample, changed))

    def _traced(
        self, sample: Sample, message: bytes, judge: Callable[[Sample, bytes], object]
    ) -> bool:
        """Whether it took a step that is new."""
        before = len(self.steps)

        def enter(frame: FrameType, event: str, given: Any) -> Any:
            if not frame.f_code.co_filename.startswith(FOLDER):
                return None
            last = 0

            def step(frame: FrameType, event: str, given: Any) -> Any:
                nonlocal last
                self.steps.add((frame.f_code.co_filename, last, frame.f_lineno))
                last = frame.f_lineno
                return step

            return step

        sys.settrace(enter)
        try:
            judge(sample, message)
        finally:
            sys.settrace(None)
        return len(self.steps) > before
