"""A load on `tvbrain constellation serve`: signed pushes at a steady rate, the generator on the same machine.

Every push is another (device, epoch) with 200 pairs, signed and sealed before the clock starts. Each has its moment; a
latency counts from that moment, so that a server which falls behind cannot make the generator wait. Then the server is
stopped, all that waits is added, and what was counted is compared with what was acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.output import Figure
from tvbrain.errors import NotInstalledError

if TYPE_CHECKING:
    from tvbrain.cli.bench.sets import Pushes

TENANT = "default"


@dataclass(frozen=True, slots=True)
class Course:
    """What happened: latencies in milliseconds of what was acknowledged, other answers, the server's memory in MB over
    time, its processor time in seconds, and how long it took."""

    latencies: list[float]
    others: dict[str, int]
    memory: list[float]
    cpu: float
    seconds: float


def add_options(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--rate", type=int, default=650, metavar="N", help="pushes a second (650)")
    bench.add_argument("--seconds", type=int, default=60, metavar="N", help="default 60")
    bench.add_argument("--connections", type=int, default=64, metavar="N", help="default 64")
    bench.add_argument("--port", type=int, default=18484, metavar="N", help="default 18484")
    bench.add_argument(
        "--data", type=Path, metavar="DIR", help="the device to write to (a temporary folder)"
    )
    output.add_json_option(bench)


def run(arguments: argparse.Namespace) -> int:
    """FAILED where an acknowledged push was not counted exactly once."""
    try:
        from tvbrain.cli.bench.sets import counted, signed
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    with tempfile.TemporaryDirectory(prefix="tvbrain-load-", dir=arguments.data) as scratch:
        folder = Path(scratch)
        count = arguments.rate * arguments.seconds
        with output.progress("signing") as step:
            pushes = signed(folder, TENANT, count, step)
        server = _server(folder, arguments.port)
        try:
            with output.progress("pushing") as step:
                course = asyncio.run(_load(arguments, pushes, server.pid, step))
        finally:
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
        waiting, total = counted(folder, TENANT)
    figures = _figures(arguments, course, waiting, total)
    words = " ".join(["tvbrain", *arguments.words])
    output.print_figures(words, figures, as_json=arguments.json)
    return exits.OK if total == len(course.latencies) else exits.FAILED


def _server(folder: Path, port: int) -> subprocess.Popen[str]:
    words = ["constellation", "serve", "--data", str(folder), "--port", str(port), "--json"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tvbrain", *words], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    for line in server.stdout:
        if line == "}\n":
            break
    return server


async def _load(
    arguments: argparse.Namespace, pushes: Pushes, pid: int, step: output.Progress
) -> Course:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    others: dict[str, int] = {}
    memory = [_memory(pid)]
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
    begun, before = loop.time(), _cpu(pid)
    step(0, len(pushes))
    for number, body in enumerate(pushes):
        due = begun + number / arguments.rate
        if (left := due - loop.time()) > 0:
            await asyncio.sleep(left)
        waiting.put_nowait((due, body))
        if number % arguments.rate == 0:
            memory.append(_memory(pid))
            step(number, len(pushes))
    for _ in senders:
        waiting.put_nowait(None)
    await asyncio.gather(*senders)
    step(len(pushes), len(pushes))
    memory.append(_memory(pid))
    return Course(latencies, others, memory, _cpu(pid) - before, loop.time() - begun)


def _figures(
    arguments: argparse.Namespace, course: Course, waiting: int, total: int
) -> list[Figure]:
    ordered = sorted(course.latencies)
    count = len(ordered)
    given = {"rate": arguments.rate, "storage": "sqlite", "connections": arguments.connections}
    third = len(course.memory) // 3

    def part(share: float) -> float:
        return ordered[min(count - 1, int(count * share))] if ordered else float("nan")

    figures = [
        Figure("push.rate", count / course.seconds, "1/s", count, given),
        Figure("push.p50", part(0.5), "ms", count, given),
        Figure("push.p99", part(0.99), "ms", count, given),
        Figure("push.p999", part(0.999), "ms", count, given),
        Figure("push.cpu", course.cpu * 1000 / max(count, 1), "ms", count, given),
        Figure("server.memory_third", max(course.memory[: third + 1]), "MB", third + 1, given),
        Figure("server.memory_end", course.memory[-1], "MB", 1, given),
        Figure("push.not_yet_added", waiting, "", 1, given),
        Figure("push.counted", total, "", 1, given | {"acknowledged": count}),
    ]
    figures += [Figure(f"answer.{s}", n, "", n, given) for s, n in sorted(course.others.items())]
    return figures


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise NotInstalledError("this system does not tell a process's memory")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
