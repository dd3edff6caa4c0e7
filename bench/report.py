"""Write docs/benchmarks.md from the JSON of the runs in docs/benchmarks/.

    python bench/report.py [--check]

A run is kept with `tvbrain bench NAME --json > docs/benchmarks/NAME.json`. The text around the figures is here; no
figure is. Plots are drawn into docs/benchmarks/ as well. `--check` writes nothing and fails if the page is not what the
runs say or a plot of it is missing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvbrain.cli.bench import embedded, latency_plots
from tvbrain.cli.bench.markdown import table_lines
from tvbrain.cli.bench.peers import plots as peers_plots
from tvbrain.cli.bench.peers import tables as peers_tables
from tvbrain.cli.bench.plots import Drawing, draw

FOLDER = Path(__file__).resolve().parents[1] / "docs"
PAGE, RUNS = FOLDER / "benchmarks.md", FOLDER / "benchmarks"
PARTS = ("p50", "p99", "p99.9", "max")

INTRODUCTION = """\
# Benchmarks

Written by `python bench/report.py` from the runs in [benchmarks/](benchmarks/); change those, not this page. Each
section has the machine and the command. Figures of speed stand beside what they are worth: recall, and what was checked
during the run. Repeat them on your chip with the same commands, or build the C programs of [bench/](../bench/) there
alone (bench/bench.h says how).

`full.tvpack` is `tvbrain pack build` of the four catalogues and MovieLens' movies.csv with `--ratings ratings.csv` and
`--model DIR`; the vectors of the peers are those of the four catalogues' rows before they are joined and quantised.
See each run's load: some ran beside other work. Where only the middle of several runs meets a bar, the worst stands
beside it. The crash drills ran on trees that stood still, beside other work; power and space before the
brain went into the library; quality was measured before the last change to the search index.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A run's heading, the text above its figures, and what some may be at most (budgets) or must be at least."""

    title: str
    text: str
    budgets: dict[str, float]
    wanted: dict[str, float] = field(default_factory=dict)


SECTIONS = {
    "latency": Section(
        "Latency of the C interface",
        """\
One thread on one core; a profile with an age limit, entitlements and a history of completed titles; every call asks for
another time and screen token, one event before every tenth, no result is kept between calls. All calls count;
`undisturbed` leaves out those in which the kernel took the core away (an involuntary context switch). `observe` is the
kinds that are durable in 1 s or 60 s, `observe.in_a_row` the same without slates between; `observe_now` waits for the
storage device. `observe.floor` is what the kernel alone takes with its caches as cold, a bare write of the same size in
the place of every other thousand calls' events;
`observe.above_floor` is the difference of the two rows, share by share. Scheduler `fifo` means that the
measuring thread ran before everything else on its core, because the machine was not idle (see the load); between
calls it sleeps for 60 ms of every 860, or the kernel would stop it in one. `.evicted` found nothing of ours in the
processor's caches, `.first` is the first call after an open whose files had been dropped from the page cache. Rows
named `_learned` come from a second run on the same folder, with a snapshot of all that can be learned (weights that are
sampled, interests, patterns that hold now, affinities): `terms` says which terms were at work. POPULARITY is not, with
ten titles watched; CHANNEL is one of rows of live television. On a new chip: `bench/tvb_bench.c` alone, whose exit code
is the verdict on a budget of 15 ms.
""",
        {
            "recommend.p99": 1.0,
            "recommend.p99.9": 2.0,
            "recommend_learned.p99": 1.0,
            "rows.p99": 5.0,
            "rows_learned.p99": 5.0,
            "observe.p99": 0.03,
            "observe.above_floor.p99": 0.01,
        },
    ),
    "search": Section(
        "Search",
        """\
By meaning and by title, through the C interface, k = 20, by the graph of the pack, as
[ranking.md](ranking.md) defines it; [quality.md](quality.md#search) says what the texts are and what agreement means.
Times are of calls; `undisturbed` leaves out those in which the core went to another thread; `least` is the least of ten
and more calls of each text, so its p99 is that of the dearest texts and not of the machine's other work.
""",
        {f"search.{kind}.p99": 0.2 for kind in ("natural", "held_out", "mistyped", "beginning")},
        {
            "agreement.natural.10_in_50": 0.75,
            "agreement.held_out.10_in_50": 0.6,
            "mistyped.top_3": 0.95,
        },
    ),
    "memory": Section(
        "Memory",
        """\
Middle of several processes. `serving.private` is what belongs to the process alone, without the pack's pages:
they are mapped read-only from the file, clean, shared by every process that maps it, and the kernel takes them back at
will; `serving.pack_resident` is how much of them was in memory. The kernel counts such pages as private too while no
other process maps the file: `serving.private_with_pack`. The Python process has opened the brain, served and learned,
and is the only one that maps the pack: `python.pss` includes its pages, `python.pss_of_pack` says how many. Beside a
host that serves from the same file each counts half of them. Its bar is 64 MB of a million bytes, which are 61 MiB.
""",
        {"serving.private": 12.0, "python.pss": 61.0},
    ),
    "startup": Section(
        "Startup",
        """\
From `tvb_open` to the first slate, and in Python from the first import to the first slate, in new processes. `cold`
dropped the pack and the data directory from the page cache first; the device under this file system may still have
cached them.
""",
        {
            "serving.open_to_first_slate": 50.0,
            "serving.cold.open_to_first_slate": 50.0,
            "python.ready": 1000.0,
        },
    ),
    "flash": Section(
        "Flash: a heavy day",
        """\
Eight hours: 2,000 ranges of rows on screen, progress every 10 s of playback, pauses, seeks, reactions. Counted
are the sectors that reached the block device under an ext4 of 4 KiB blocks, from the creation of the data directory to
its close. Time is compressed: the host's part (`tvb_pump` when a sync is due) and the kernel's part (write-back after
30 s; a commit 5 s after a change, ext4's default, and the inode's block in its place after 30 s) follow virtual time:
bench/kernel.h. The learner is not running.

What the figure is made of: the journal itself is 1 MB, a write of one 4 KiB page each time. The rest is ext4's own
journal: an event moves the modification time of its segment, so each commit writes a descriptor, an inode block and a
commit block. No program can avoid that, a mount option does: see the next section and
[ADR 0012](adr/0012-the-data-directory-is-mounted-with-lazytime.md).
""",
        {"flash.written": 10.0},
    ),
    "flash-lazytime": Section(
        "Flash: the same day on a file system mounted with lazytime",
        """\
File times stay in memory until the inode changes otherwise; data and its durability are as without. This is how a data
directory's partition is to be mounted; `tvbrain doctor` looks.
""",
        {"flash.written": 10.0},
    ),
    "flash-learner": Section(
        "Flash: the same day with the learner beside, on a new data directory",
        """\
Nobody hints that something plays; the adaptive loop waits by itself while a title goes on, so it runs when one has
ended, seven times. A run writes a third of a megabyte: its one commit 0.15, the snapshot 0.03, and what ext4 writes for
their files 0.1. Creating the database takes 0.6.
""",
        {"flash.written": 10.0},
    ),
    "flash-lived-in": Section(
        "Flash: and after two years of a family",
        """\
A snapshot is 116 kB then, published 8 times. The figure has no daily run, which writes 0.8 MB more (9.5 in all: its
snapshot and the log moved into the database), and no segment prepared ahead, 1 MB once in a megabyte of records: a day
that has both would come to 10.6.
""",
        {"flash.written": 10.0},
    ),
    "flash-commit60": Section(
        "Flash: the same day on a file system mounted with commit=60",
        """\
The promises of `observe` do not depend on it: what must be durable earlier is synced with fdatasync, which writes data
whose place does not change without a commit.
""",
        {"flash.written": 10.0},
    ),
    "flash-real-time": Section(
        "Flash: how far the model of time can be trusted",
        """\
The same program with a real clock and the kernel's own timers, without the first minute, in which the journal's segment
is made: while rows are looked at, and while something plays (the larger part of the day).
""",
        {},
    ),
    "peers": Section(
        "Search beside its peers",
        """\
Real vectors of the catalogues; queries are normalised means of 3 to 8 random titles; from a float32 query to k = 50
rows, a query a call through each engine's Python interface, on one thread, engines in turns of one run: `p50` is the
median of the turns' medians and `time to ours` that of their ratios. Recall is against float32. Each library stands at
its fastest setting with the recall asked for: the smallest such ef of each of its graphs (storage, M), and of these the
fastest in turns; the sweep is below, its times taken one after the other. `tvbrain exact` is ItemIndex without a graph;
`tvbrain scan` is what it is made of, with each kernel that this processor has: without vector instructions it is slower
than a graph walk. Read p50: the tails are the machine's. The kept run had raised priority on a busy machine, where
other work in the shared cache slows most what reads most memory.

`5 %`: a random twentieth of the titles is eligible. Where an interface has no filter, the 50 found are sorted out
afterwards, which is what its user would do. Built on one thread; `index` is what would be saved. `floor.scan` is the
scan without its top-k, and how fast it reads the table; `read.table` and `read.memory` are what a plain loop of 8-byte
loads gets of the table and of 256 MiB: less than memory can deliver to vector loads, as the scan's own row shows.
""",
        {"exact_to_best_peer.10000": 0.6},
    ),
    "graph": Section(
        "What the graph promises",
        """\
On the same vectors, at M = 32 and ef = 100. `other_bytes` counts the numbers of threads that built another file than
one thread did; `filtered_not_exact` the answers among a random twentieth that were not a scan's to the bit, and
`fewest` the fewest of 50 that came back there, or while half of the rows were removed; `recall_lost` is what recall
against float32 lost when that half was added again. hnswlib runs at the same M and ef, in turns. The kept run shared
its two cores with much other work: read its counts, recalls and ratios, not its times.
""",
        {
            "graph.other_bytes": 0,
            "graph.filtered_not_exact": 0,
            "graph.recall_lost": 0.01,
            "graph.recall_below_hnswlib": 0.005,
            "graph.time_to_hnswlib": 1.0,
        },
        {"graph.filtered_fewest": 50, "graph.half_removed_fewest": 50},
    ),
    "embedded": Section(
        "The brain inside a C program",
        """\
[embedding.md](embedding.md) says what is asked. Memory is of the whole process after 200 events and a lesson, the
installed library with the device's packages alone: pages of the pack and of libraries are clean and shared. The first
of the processes finds nothing cached. MB are a million bytes. `open_to_first_slate.processor` and `.page_faults` are
the calling thread's own: what the first slate costs without what it waits for. `blocks`: slates while learning runs and
while it is paused, medians of the blocks' p99.9, calls that the kernel interrupted left out.
""",
        {**embedded.AT_MOST, "blocks.difference": embedded.DIFFERENCE[0]},
        dict(embedded.AT_LEAST),
    ),
    "training-memory": Section(
        "Training the weights of a large catalogue",
        """\
`python bench/training_memory.py`: item-item weights of 50,000 made-up titles without a square matrix of them. `peak` is
the largest resident size of the process, interpreter and histories included; `before` was reached before training.
`hit@20` is how often the last title of a person is among the first 20, by the weights and by popularity: made-up people
say nothing about real ones, only that this is a model. What hubs cost on real people stands in
`tvbrain/learning/item_model.py`. The kept run shared its two cores with much other work: read its memory, not
its time.
""",
        {"training.peak": 400.0},
    ),
    "drill-kill-without": Section(
        "Drill: the serving process killed",
        """\
`kill -9` of a host that observes as fast as it can, at random moments and aimed at phases (`at ...` counts them). After
each kill the directory is opened and compared with what the host had been told was kept: nothing acknowledged may be
missing, nothing may count twice. No learner.
""",
        {"kill: losses": 0.0},
    ),
    "drill-kill-with": Section(
        "Drill: the serving process or the learner killed",
        """\
The same with a learner on the directory, which is killed as well: reading, before and in its commit, while it
publishes. What brain.db has counted must be what the journal recorded, once.
""",
        {"kill with learner: losses": 0.0},
    ),
    "drill-pair": Section(
        "Drill: two processes on one directory",
        """\
A host in C and `tvbrain run` under load, either killed at random, packs installed meanwhile, second openers and readers
trying to get in.
""",
        {"pair: losses": 0.0},
    ),
    "drill-power": Section(
        "Drill: power cuts",
        """\
A recorded run replayed up to a cut: what was not synced is lost in part or in whole. Events of the class "now" must all
be there, others may be missing only if younger than their class allows.
""",
        {"power: losses": 0.0, "power with learner: losses": 0.0},
    ),
    "drill-years": Section(
        "Drill: ten simulated years",
        """\
A family of four before one set ([simulation.md](simulation.md)), on one core of a machine with 17 processes for two:
1,195 s of a processor. Resident memory of the whole process, people and rules included, missed its bar.
""",
        {
            "years: largest database, B": 33554432.0,
            "years: memory, last year beside the second": 0.05,
        },
    ),
    "drill-space": Section(
        "Drill: storage that fails",
        """\
In every phase of the host's writing the storage answers "no space" or "input/output error": once, or until it recovers,
also after half a write, also with a `kill -9` while it fails; then on a disk that is really full. `refused` events were
answered with the cause and are not acknowledged. What was acknowledged must be kept, and once the storage has recovered
the host writes on within 15 s, without a restart.
""",
        {"space: losses": 0.0},
    ),
    "constellation-sqlite": Section(
        "Load on a constellation: one process over SQLite",
        """\
Signed and sealed pushes of 200 couples each, another (device, epoch) every time, at a steady rate from a generator on
the same machine. A latency counts from the moment at which a push was due. `push.cpu` is the time of a processor that
all server processes took for a push, adding included as far as it came in that time, `generator.cpu` that of the
generator itself. `push.not_yet_added` were added after the load had ended; `push.acknowledged_not_counted` is what
the sums lack when nothing waits any more. Memory is the proportional set size of all server processes;
`memory_growth` compares the end with the first third. The kept run shared its two cores with about twenty other
processes (see the load): read its rate, its counts and its memory, not its latencies.
""",
        {"push.p99": 100.0, "push.acknowledged_not_counted": 0.0, "server.memory_growth": 0.05},
        {"push.rate": 600.0},
    ),
    "constellation-postgres": Section(
        "Load on a constellation: PostgreSQL and NATS",
        """\
The same with a PostgreSQL and a NATS server of Debian's packages on the same two cores, begun by the bench with their
defaults. `.node`, `.postgres` and `.nats` are their shares.
""",
        {"push.p99": 100.0, "push.acknowledged_not_counted": 0.0, "server.memory_growth": 0.05},
        {"push.rate": 600.0},
    ),
    "drill-constellation-sqlite": Section(
        "Drill: a constellation killed, over SQLite",
        """\
`kill -9` of the process at random moments of a load, begun again at once. Senders repeat what was not answered. Then
every push is looked up in the sums: it must be there exactly once.
""",
        {"constellation: not counted": 0.0, "constellation: counted twice": 0.0},
    ),
    "drill-constellation-postgres": Section(
        "Drill: a constellation killed, with PostgreSQL and NATS",
        """\
The same with two processes that take pushes, two that add, PostgreSQL with all its processes (`postgres`) or one
of them (`postgres process`), NATS, and all of these at once (`everything`).
""",
        {"constellation: not counted": 0.0, "constellation: counted twice": 0.0},
    ),
}


def machine_of(run: dict[str, Any]) -> str:
    machine = run["machine"]
    return ", ".join(f"{key} {value}" for key, value in machine.items())


def budget(section: Section, name: str, value: float) -> str:
    if name in section.wanted:
        least = section.wanted[name]
        return f"≥ {least:g}: {'met' if value >= least else '**missed**'}"
    if name not in section.budgets:
        return ""
    limit = section.budgets[name]
    return f"≤ {limit:g}: {'met' if value <= limit else '**missed**'}"


def common_of(figures: list[dict[str, Any]]) -> dict[str, Any]:
    first = figures[0]["with"]
    return {
        key: value
        for key, value in first.items()
        if all(figure["with"].get(key) == value for figure in figures)
    }


def words(pairs: dict[str, Any], without: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in pairs.items() if key not in without)


def shown(value: float | str) -> str:
    return str(value) if isinstance(value, int | str) else f"{value:.4g}"


def table(section: Section, figures: list[dict[str, Any]], common: dict[str, Any]) -> list[str]:
    lines = [
        "| figure | value | unit | n | budget | with |",
        "| --- | ---: | --- | ---: | --- | --- |",
    ]
    for one in figures:
        kept = budget(section, one["name"], one["value"])
        given = words(one["with"], common)
        lines.append(
            f"| {one['name']} | {shown(one['value'])} | {one['unit']} | {one['n']} | {kept} | {given} |"
        )
    return lines


def distributions(
    section: Section, figures: list[dict[str, Any]], common: dict[str, Any]
) -> list[str]:
    """A row a call where figures are percentiles."""
    rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for one in figures:
        part = next(
            part
            for part in sorted(PARTS, key=len, reverse=True)
            if one["name"].endswith(f".{part}")
        )
        row = (one["name"].removesuffix(f".{part}"), words(one["with"], common))
        rows.setdefault(row, {})[part] = one
    lines = [
        f"| {figures[0]['unit']} | {' | '.join(PARTS)} | n | budget | with |",
        f"| --- |{' ---: |' * (len(PARTS) + 1)} --- | --- |",
    ]
    for (name, given), parts in rows.items():
        values = [f"{parts[part]['value']:.3f}" if part in parts else "" for part in PARTS]
        kept = [
            f"{part} {verdict}"
            for part in parts
            if (verdict := budget(section, f"{name}.{part}", parts[part]["value"]))
        ]
        last = next(iter(parts.values()))
        lines.append(
            f"| {name} | {' | '.join(values)} | {last['n']} | {'; '.join(kept)} | {given} |"
        )
    return lines


def drawings(name: str, run: dict[str, Any]) -> dict[str, Drawing]:
    """The plots of a run by file name."""
    of = {"latency": latency_plots.drawings, "peers": peers_plots.drawings}
    return of[name](run) if name in of else {}


def peers_lines(section: Section, run: dict[str, Any]) -> list[str]:
    load = next(f["with"]["load_average"] for f in run["figures"])
    lines = [f"Load average at the end: {load}.", ""]
    for figure in run["figures"]:
        verdict = budget(section, figure["name"], figure["value"])
        if verdict:
            lines += [f"`{figure['name']}` {shown(figure['value'])} {verdict}.", ""]
    for title, columns, rows in peers_tables.tables(run):
        lines += [f"### {title}", "", *table_lines(columns, rows), ""]
    return lines


def page() -> str:
    lines = [INTRODUCTION]
    for name, section in SECTIONS.items():
        path = RUNS / f"{name}.json"
        if not path.is_file():
            continue
        run = json.loads(path.read_text(encoding="utf-8"))
        figures = run["figures"]
        common = common_of(figures)
        spread = [one for one in figures if one["name"].endswith(PARTS)]
        alone = [one for one in figures if not one["name"].endswith(PARTS)]
        apart = name == "search" and bool(alone)
        shape = distributions if spread == figures else table
        lines += [f"## {section.title}", "", section.text]
        lines += [f"`{run['command']}`", "", f"Machine: {machine_of(run)}.", ""]
        for plot, (title, _) in drawings(name, run).items():
            lines += [f"![{title}](benchmarks/{plot})", ""]
        if name == "peers":
            lines += peers_lines(section, run)
            continue
        if "over_budget" in run:
            over = ", ".join(run["over_budget"]) or "none"
            what = f"Over {run['budget_ms']:g} ms at p99.9 (warm) or p99 (evicted, first)"
            lines += [f"{what}: {over}.", ""]
        if common:
            lines += [f"All figures: {words(common, {})}.", ""]
        if apart:
            lines += [
                *table(section, alone, common),
                "",
                *distributions(section, spread, common),
                "",
            ]
        else:
            lines += [*shape(section, figures, common), ""]
    return "\n".join(lines)


def plots() -> dict[str, Drawing]:
    """Those of all kept runs."""
    kept = {name: RUNS / f"{name}.json" for name in SECTIONS}
    runs = {
        name: json.loads(file.read_text("utf-8")) for name, file in kept.items() if file.is_file()
    }
    return {file: one for name, run in runs.items() for file, one in drawings(name, run).items()}


def main() -> int:
    text = page()
    if sys.argv[1:] == ["--check"]:
        same = PAGE.read_text(encoding="utf-8") == text and all(
            (RUNS / file).is_file() for file in plots()
        )
        sys.stdout.write(
            "" if same else f"{PAGE} is not what the runs say: python bench/report.py\n"
        )
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    draw(RUNS, plots())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
