"""`tvbrain bench memory` and `startup`: bench/footprint.c and a Python brain, each in processes of its own.

The Python figures are those of this interpreter with what is installed in it: `with` says whether ONNX Runtime was.
For the budget run it where only the device's dependencies are:
`python3 -m venv device && device/bin/pip install . && device/bin/tvbrain bench memory --json`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from tvbrain.cli import output
from tvbrain.cli.bench import programs
from tvbrain.cli.output import Figure, Value
from tvbrain.errors import InvalidArgumentError, TvbrainError

OPENS = """
import json, sys, time
began = time.perf_counter()
from tvbrain import Brain, ViewContext
imported = time.perf_counter()
with Brain.open(sys.argv[1], pack=sys.argv[2]) as brain:
    opened = time.perf_counter()
    slate = brain.recommend(ViewContext(profile="bench"))
    ready = time.perf_counter()
    for token in range(200):
        brain.recommend(ViewContext(profile="bench", screen_token=token))
        brain.rows(ViewContext(profile="bench", screen_token=token))
    learned = brain.learn_now()
    with open("/proc/self/smaps_rollup") as rollup:
        kib = {line.split(":")[0]: int(line.split()[1]) for line in rollup.readlines()[1:]}
    of_pack, inside = 0, False
    with open("/proc/self/smaps") as maps:
        for line in maps:
            first = line.split()[0]
            if not first.endswith(":"):
                inside = line.rstrip().endswith(".tvpack")
            elif inside and first == "Pss:":
                of_pack += int(line.split()[1])
print(json.dumps({
    "import": (imported - began) * 1e3, "open": (opened - imported) * 1e3,
    "ready": (ready - began) * 1e3, "titles": len(slate), "pss": kib["Pss"] / 1024,
    "pss_of_pack": of_pack / 1024,
    "private": (kib["Private_Dirty"] + kib["Private_Clean"]) / 1024, "anonymous": kib["Anonymous"] / 1024,
    "loaded": sorted(n for n in ("onnxruntime", "tokenizers", "scipy") if n in sys.modules),
}))
"""
"""A process that opens the brain, is ready when it has a slate, serves, learns, and reads its own memory."""

MEMORY = ("private", "private_with_pack", "pss", "pack_resident", "private_after_first_slate")
STARTUP = ("open", "first_recommend", "open_to_first_slate")


def run(arguments: argparse.Namespace) -> int:
    if arguments.repeat < 1 or arguments.calls < 1:
        raise InvalidArgumentError("--repeat and --calls: at least 1")
    pack = programs.pack_of(arguments)
    memory = arguments.bench == "memory"
    names = MEMORY if memory else STARTUP
    bar = nullcontext(None) if arguments.json else output.progress(arguments.bench)
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch, bar as moved:
        data = Path(scratch, "tv")
        history = programs.run("footprint", ["-w", pack, data])
        words = ["-n", str(arguments.calls if memory else 1), *programs.cpu_words(arguments)]
        warm, cold, python = [], [], []
        for turn in range(arguments.repeat):
            warm.append(programs.run("footprint", [*words, pack, data]))
            if not memory:
                cold.append(programs.run("footprint", ["-d", *words, pack, data]))
            python.append(_python(data, pack))
            if moved is not None:
                moved(turn + 1, arguments.repeat)
    figures = [_median(f"serving.{name}", warm, name) for name in names]
    figures += [_median(f"serving.cold.{name}", cold, name) for name in names if cold]
    figures += _python_figures(python, memory=memory)
    common = {**warm[-1].common, **history.common, "middle_of": arguments.repeat}
    return programs.finish(arguments, common | programs.quality(pack), figures)


def _median(name: str, answers: Sequence[programs.Answer], of: str) -> Figure:
    found = [answer.named(of) for answer in answers]
    values = [figure.value for figure in found if isinstance(figure.value, (int, float))]
    given: dict[str, Value] = {**found[-1].given, "worst": round(max(values), 3)}
    return Figure(name, round(statistics.median(values), 3), found[-1].unit, len(values), given)


def _python(data: Path, pack: Path) -> dict[str, object]:
    words = [sys.executable, "-c", OPENS, str(data), str(pack)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise TvbrainError(f"the Python brain: {done.stderr.strip().splitlines()[-1]}")
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _python_figures(runs: Sequence[dict[str, object]], *, memory: bool) -> list[Figure]:
    installed = importlib.util.find_spec("onnxruntime") is not None
    loaded = runs[-1]["loaded"]
    given: dict[str, Value] = {
        "onnxruntime_installed": installed,
        "loaded": " ".join(map(str, _list(loaded))) or "none",
    }
    unit = "MiB" if memory else "ms"
    names = (
        ("pss", "pss_of_pack", "private", "anonymous") if memory else ("import", "open", "ready")
    )
    figures = []
    for name in names:
        values = [value for one in runs if isinstance(value := one[name], (int, float))]
        worst = {**given, "worst": round(max(values), 3)}
        middle = round(statistics.median(values), 3)
        figures.append(Figure(f"python.{name}", middle, unit, len(values), worst))
    return figures


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
