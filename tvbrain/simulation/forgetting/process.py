"""A process that forgets and may be killed: `python -m tvbrain.simulation.forgetting.process FORM DATA NOTES WHAT N`.

FORM `alone`: a Brain with its own thread, both planes. `serving`: the serving plane, which has a thread of its own too.
It says `ready`, waits for a line, does the deeds from number N on, and goes on until its input ends. What it comes to
is a line each in the file NOTES, which no kill takes back: a deed's number and whether files are still to be rewritten
(1) or not (0), then `complete` when health says so.
"""

from __future__ import annotations

import select
import sys
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.brain.meaning import Meaning
from tvbrain.brain.serving import Serving
from tvbrain.clock import SystemClock
from tvbrain.pack import demo_pack_path
from tvbrain.simulation.forgetting import canary

LOOKS_EVERY = 0.01
"""Seconds between two looks at health."""


def opened(form: str, data: Path) -> Brain:
    """On the machine's clock, with the threads that a real set has."""
    if form == "alone":
        return Brain.open(data)
    clock, pack = SystemClock(), demo_pack_path()
    return Brain(Serving(data, pack, clock=clock), None, clock, Meaning(data, pack, None))


def main(form: str, data: Path, notes: Path, what: str, first: int) -> None:
    with opened(form, data) as brain, notes.open("a", buffering=1, encoding="ascii") as file:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for number, deed in enumerate(canary.deeds(what)):
            if number >= first:
                file.write(f"{number} {int(canary.do(brain, deed))}\n")
        told = False
        while not select.select([sys.stdin], [], [], LOOKS_EVERY)[0]:
            if not told and canary.complete(brain):
                file.write("complete\n")
                told = True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
