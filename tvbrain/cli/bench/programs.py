"""The measuring programs of bench/*.c: where they lie, how they are run, what they answer."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import tvbrain
from tvbrain.cli import exits, output
from tvbrain.cli.output import Figure, Value
from tvbrain.errors import NotInstalledError, TvbrainError
from tvbrain.pack import demo_pack_path


@dataclass(frozen=True, slots=True)
class Answer:
    """What all figures of a run have in common, the figures, and what else the program says."""

    common: Mapping[str, Value]
    figures: tuple[Figure, ...]
    more: Mapping[str, object]

    def named(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


def program(name: str) -> Path:
    """The path of a program; NotInstalledError if this installation was built without it."""
    path = Path(tvbrain.__file__).parent / "_native" / "bench" / name
    if not path.is_file():
        raise NotInstalledError(
            f"the program {name} is not built: cmake --build --preset dev in the source tree"
        )
    return path


def run(
    name: str,
    words: Sequence[str | Path],
    *,
    bar: str = "",
    answers: Sequence[int] = (0,),
    learn: Callable[[int], object] = lambda at_ms: None,
) -> Answer:
    """Run a program to its end; `bar` names a progress bar. TvbrainError if its exit code is none of `answers`.

    `learn` is called where the program waits for a learner, with its time in milliseconds.
    """
    words = [program(name), *(["-p"] if bar else []), *words]
    with (
        subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child,
        output.progress(bar) if bar else nullcontext() as moved,
    ):
        assert child.stderr is not None
        assert child.stdout is not None
        assert child.stdin is not None
        spoken = []
        for line in child.stderr:
            match line.split():
                case ["progress", done, total] if moved is not None:
                    moved(int(done), int(total))
                case ["learn", at_ms]:
                    learn(int(at_ms))
                    print(file=child.stdin, flush=True)
                case _:
                    spoken.append(line)
        told = child.stdout.read()
    if child.returncode not in answers:
        why = "".join(spoken).strip() or f"exit code {child.returncode}"
        raise TvbrainError(f"{name}: {why}")
    answer = json.loads(told)
    figures = tuple(
        Figure(row["name"], row["value"], row["unit"], row["n"], row["with"])
        for row in answer["figures"]
    )
    more = {key: value for key, value in answer.items() if key not in ("with", "figures")}
    return Answer(answer["with"], figures, more)


def pack_of(arguments: argparse.Namespace) -> Path:
    """The pack that is measured."""
    return demo_pack_path() if arguments.pack is None else Path(arguments.pack)


def cpu_words(arguments: argparse.Namespace) -> list[str]:
    return [] if arguments.cpu < 0 else ["-c", str(arguments.cpu)]


def quality(pack: Path) -> dict[str, Value]:
    """What speed on this pack is worth: its scan's recall against float32, measured when it was built."""
    from tvbrain.pack.reader import PackFile

    with PackFile(pack) as file:
        recall = file.source.get("recall")
    if not isinstance(recall, dict):
        return {}
    return {f"recall@{recall['k']}": round(float(recall["value"]), 4)}


def finish(
    arguments: argparse.Namespace,
    common: Mapping[str, Value],
    figures: Sequence[Figure],
    more: Mapping[str, object] | None = None,
) -> int:
    """Print the figures; in JSON each one carries what all have in common, and `more` stands beside them."""
    command = command_line(arguments.words)
    if arguments.json:
        whole = [Figure(f.name, f.value, f.unit, f.n, {**common, **f.given}) for f in figures]
        output.print_json({**output.figures_json(command, whole), **(more or {})})
        return exits.OK
    output.print_figures(command, figures, as_json=False)
    output.print_line(", ".join(f"{name} {value}" for name, value in common.items()))
    return exits.OK


def command_line(words: Sequence[str]) -> str:
    """The command as it was given, files by their names alone."""
    return " ".join(["tvbrain", *(Path(word).name if "/" in word else word for word in words)])
