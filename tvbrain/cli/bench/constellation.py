"""A load on `tvbrain constellation serve`: signed pushes at a steady rate, the generator on the same machine.

Every push is another (device, epoch) with 200 pairs, signed and sealed before the clock starts. Each has its moment; a
latency counts from that moment, so that a server which falls behind cannot make the generator wait. Then the server is
stopped, what waits is added for at most --drain seconds, and what was counted is compared with what was acknowledged.
`--back-end postgres` begins a PostgreSQL and a NATS server of its own (Debian's packages); processor time and memory
are those of all server processes together.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench.processes import cpu_seconds, memory_mb
from tvbrain.cli.bench.programs import command_line
from tvbrain.cli.output import Figure
from tvbrain.errors import NotInstalledError

BACK_ENDS = ("sqlite", "postgres")
Servers = dict[str, list[int]]
"""The processes of each server."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened: latencies in milliseconds of what was acknowledged, other answers, the servers' memory in MB over
    time, that of each at the end, their processor time and the generator's in seconds, and how long it took."""

    latencies: list[float]
    others: dict[str, int]
    memory: list[float]
    memory_of: dict[str, float]
    cpu: dict[str, float]
    generator_cpu: float
    seconds: float


def add_options(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--rate", type=int, default=650, metavar="N", help="pushes a second (650)")
    bench.add_argument("--seconds", type=int, default=60, metavar="N", help="default 60")
    bench.add_argument("--connections", type=int, default=64, metavar="N", help="default 64")
    bench.add_argument("--port", type=int, default=18484, metavar="N", help="default 18484")
    bench.add_argument(
        "--data", type=Path, metavar="DIR", help="the device to write to (a temporary folder)"
    )
    bench.add_argument(
        "--back-end", choices=BACK_ENDS, default="sqlite", help="postgres: with NATS (sqlite)"
    )
    bench.add_argument(
        "--drain",
        type=float,
        default=60.0,
        metavar="S",
        help="to add what waits then, at most (60)",
    )
    output.add_json_option(bench)


def run(arguments: argparse.Namespace) -> int:
    """FAILED where an acknowledged push was not counted exactly once."""
    try:
        from tvbrain.cli.bench.sets import counted, signed
        from tvbrain.constellation.drill import kills, nodes
        from tvbrain.constellation.drill.servers import NatsServer, PostgresServer
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    with ExitStack() as stack:
        scratch = tempfile.TemporaryDirectory(prefix="tvbrain-load-", dir=arguments.data)
        folder = Path(stack.enter_context(scratch))
        shared, beside = None, dict[str, PostgresServer | NatsServer]()
        if arguments.back_end == "postgres":
            postgres, nats, shared = stack.enter_context(kills.servers(arguments.data))
            beside = {"postgres": postgres, "nats": nats}
        with output.progress("signing") as step:
            count = arguments.rate * arguments.seconds
            pushes = signed(nodes.opened(folder, shared), count, step)
        words = ["--data", str(folder), "--port", str(arguments.port)]
        words += ["--postgres", shared.postgres, "--nats", shared.nats] if shared else []
        server = _server(words)

        def pids() -> Servers:
            return {"node": [server.pid]} | {name: one.pids for name, one in beside.items()}

        try:
            with output.progress("pushing") as step:
                course = asyncio.run(_load(arguments, pushes, pids, step))
        finally:
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
        waiting, total, drained = counted(nodes.opened(folder, shared), arguments.drain)
    figures = _figures(arguments, course, waiting, total, drained)
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    return exits.OK if drained and total == len(course.latencies) else exits.FAILED


def _server(words: list[str]) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tvbrain", "constellation", "serve", "--json", *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    for line in server.stdout:
        if line == "}\n":
            break
    return server


async def _load(
    arguments: argparse.Namespace,
    pushes: list[bytes],
    servers: Callable[[], Servers],
    step: output.Progress,
) -> Course:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    others: dict[str, int] = {}
    memory = [memory_mb(servers().values())]
    waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", arguments.port)
        while (given := await waiting.get()) is not None:
            due, body = given
            writer.write(
                b"POST /v1/pushes HTTP/1.1\r\nHost: load\r\nContent-Length: %d\r\n\r\n" % len(body)
            )
            writer.write(body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            said = await reader.readexactly(length)
            status = head.split(b" ", 2)[1].decode()
            if status == "202" and said == b'{"kept":"new"}':
                latencies.append((loop.time() - due) * 1000)
            else:
                others[status] = others.get(status, 0) + 1
        writer.close()

    senders = [asyncio.create_task(connection()) for _ in range(arguments.connections)]
    begun, before, own = loop.time(), _cpu(servers()), time.process_time()
    step(0, len(pushes))
    for number, body in enumerate(pushes):
        due = begun + number / arguments.rate
        if (left := due - loop.time()) > 0:
            await asyncio.sleep(left)
        waiting.put_nowait((due, body))
        if number % arguments.rate == 0:
            memory.append(memory_mb(servers().values()))
            step(number, len(pushes))
    for _ in senders:
        waiting.put_nowait(None)
    await asyncio.gather(*senders)
    step(len(pushes), len(pushes))
    memory.append(memory_mb(servers().values()))
    own, after = time.process_time() - own, _cpu(servers())
    each = {name: memory_mb([pids]) for name, pids in servers().items()}
    used = {name: after[name] - seconds for name, seconds in before.items()}
    return Course(latencies, others, memory, each, used, own, loop.time() - begun)


def _cpu(servers: Servers) -> dict[str, float]:
    return {name: cpu_seconds(pids) for name, pids in servers.items()}


def _figures(
    arguments: argparse.Namespace, course: Course, waiting: int, total: int, drained: bool
) -> list[Figure]:
    ordered = sorted(course.latencies)
    count = len(ordered)
    given: dict[str, output.Value] = {
        "back_end": arguments.back_end,
        "rate": arguments.rate,
        "connections": arguments.connections,
        "load_average": round(os.getloadavg()[0], 2),
    }
    third = len(course.memory) // 3
    early, late = max(course.memory[: third + 1]), course.memory[-1]

    def part(share: float) -> float:
        return ordered[min(count - 1, int(count * share))] if ordered else float("nan")

    figures = [
        Figure("push.rate", count / course.seconds, "1/s", count, given),
        Figure("push.p50", part(0.5), "ms", count, given),
        Figure("push.p99", part(0.99), "ms", count, given),
        Figure("push.p999", part(0.999), "ms", count, given),
        Figure("push.cpu", sum(course.cpu.values()) * 1000 / max(count, 1), "ms", count, given),
        *(
            Figure(f"push.cpu.{name}", seconds * 1000 / max(count, 1), "ms", count, given)
            for name, seconds in course.cpu.items()
            if len(course.cpu) > 1
        ),
        Figure("generator.cpu", course.generator_cpu * 1000 / max(count, 1), "ms", count, given),
        Figure("server.memory_begin", course.memory[0], "MB", 1, given),
        Figure("server.memory_third", early, "MB", third + 1, given),
        Figure("server.memory_end", late, "MB", 1, given),
        Figure("server.memory_growth", late / early - 1, "", 1, given),
        *(
            Figure(f"server.memory_end.{name}", mb, "MB", 1, given)
            for name, mb in course.memory_of.items()
            if len(course.memory_of) > 1
        ),
        Figure("push.not_yet_added", waiting, "", 1, given),
        Figure("push.counted", total, "", 1, given | {"acknowledged": count, "drained": drained}),
        Figure("push.acknowledged_not_counted", count - total, "", 1, given),
    ]
    figures += [Figure(f"answer.{s}", n, "", n, given) for s, n in sorted(course.others.items())]
    return figures
