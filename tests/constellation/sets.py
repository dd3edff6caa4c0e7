"""Sets that speak to a constellation as real ones do, with http.client, and a server process for them to speak to."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tvbrain.constellation.drill.servers import free_port
from tvbrain.wire import delta, envelope, keys, seal
from tvbrain.wire.delta import Delta
from tvbrain.wire.keys import SigningKey

TENANT = "default"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection, made again when it was closed."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """`headers` with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def tell(self, method: str, path: str, said: object, **headers: str) -> Answer:
        return self.ask(method, path, json.dumps(said).encode(), **headers)

    def close(self) -> None:
        self._connection.close()


class Server:
    """`tvbrain constellation serve` in a process of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.port, self._words = folder, free_port(), words
        self.start()

    def start(self) -> None:
        words = ["--data", str(self.folder), "--port", str(self.port), "--json", *self._words]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tvbrain", "constellation", "serve", *words],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        text = ""
        for line in self._process.stdout:
            text += line
            if line == "}\n":
                break
        self.said = json.loads(text)

    @property
    def epoch(self) -> int:
        """That of its start."""
        epoch: int = self.said["epoch"]
        return epoch

    @property
    def operator(self) -> str:
        """What an operator's requests have as `Authorization`."""
        return "Bearer " + Path(self.said["operator_token"]).read_text("ascii").strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(60)
        self._close()
        return code

    def _close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()

    def enrolment_token(self, uses: int) -> str:
        client = Client(self.port)
        path = f"/v1/tenants/{TENANT}/enrolments"
        answer = client.tell("POST", path, {"uses": uses}, Authorization=self.operator)
        client.close()
        token: str = answer.json()["token"]
        return token


class TestSet:
    """A set with its key, enrolled."""

    __test__ = False

    def __init__(self, client: Client, token: str, tenant: str = TENANT) -> None:
        self.key: SigningKey = keys.new_signing_key()
        self.tenant, self._token = tenant, token
        answer = self.enrol(client)
        assert answer.status == 200, answer.body
        said = answer.json()
        self.device = bytes.fromhex(said["device"])
        self.root = unbase64(said["root"])
        self.aggregator_key = unbase64(said["aggregator_key"])

    def enrol(self, client: Client, **changed: str) -> Answer:
        wanted = {
            "tenant": self.tenant,
            "token": self._token,
            "public_key": base64.urlsafe_b64encode(keys.public_of(self.key)).decode(),
        }
        return client.tell("POST", "/v1/devices", wanted | changed)

    def push(self, epoch: int, said: Delta, base: int = 0) -> bytes:
        """The body of a push."""
        sealed = seal.seal(delta.encode(said), self.aggregator_key, self.tenant, epoch)
        return envelope.encode(envelope.sign(self.key, self.tenant, epoch, base, sealed))


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
