"""The server process from outside: started, told the time, asked for its sums, stopped."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import numpy as np

from tvbrain.constellation import keyring
from tvbrain.constellation.node import KEYS
from tvbrain.constellation.records import Counts
from tvbrain.errors import TvbrainError

TENANT = "fleet"
PATIENCE_S = 60.0


class ServerEndedError(TvbrainError):
    """The fleet's server process has ended before it was told to."""


class Served:
    """One process over `folder`; a context. `token` enrols sets, `pack` is the name that deltas give their pack."""

    def __init__(
        self, folder: Path, pack: Path, now: float, bucket_key: bytes | None = None
    ) -> None:
        """`bucket_key`: 32 bytes by which sets fall into buckets; a secret one of the server's if left out."""
        self._folder, self.port = folder, _free_port()
        node = folder / "node"
        if bucket_key is not None:
            node.mkdir(mode=0o700, parents=True)
            keyring.keep(node / KEYS, keyring.INGEST, bucket_key)
        words = [str(node), str(pack), str(self.port), str(now)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tvbrain.fleet.server", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(self._line())
        self.token, self.pack = str(told["token"]), bytes.fromhex(told["pack"])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def set_now(self, now: float) -> None:
        self._order(f"now {now}")

    def sums(self) -> Counts:
        """Of all that was acknowledged: what a release that passes its canary is trained on."""
        file = self._folder / "sums.npy"
        self._order(f"sums {file}")
        return Counts(*np.load(file))

    def release(self) -> str:
        """`published`, or the name of what refused it."""
        return self._order("release now")

    def _order(self, line: str) -> str:
        if self._process.stdin is None:
            raise ServerEndedError("the server has no standard input")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._line().strip()

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise ServerEndedError(f"the server has ended with {self._process.wait(PATIENCE_S)}")
        return line


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
