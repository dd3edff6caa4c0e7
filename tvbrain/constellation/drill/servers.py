"""A real PostgreSQL and a real NATS server on this machine, in folders of their own, to be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import psycopg

from tvbrain.errors import NotInstalledError, StorageError

STARTS_S = 60.0
LOOK_S = 0.02
_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"


class NatsServer:
    """With JetStream, its files in a folder under `where` (the system's temporary one)."""

    def __init__(self, where: Path | None = None) -> None:
        """Starts it. NotInstalledError, StorageError."""
        program = _program("nats-server", Path("/usr/sbin"))
        self.folder = Path(tempfile.mkdtemp(prefix="tvbrain-nats-", dir=where))
        self.port = free_port()
        listens = ["-a", "127.0.0.1", "-p", str(self.port)]
        self._words: list[str | Path] = [program, *listens, "-js", "-sd", self.folder]
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pids(self) -> list[int]:
        return [self._process.pid]

    def start(self) -> None:
        """Returns when it listens."""
        self._process = subprocess.Popen(
            self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if b"Server is ready" in line:
                self._listener = threading.Thread(target=self._process.stderr.read, daemon=True)
                self._listener.start()
                return
        raise StorageError(f"nats-server ended: {self._process.wait()}")

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def close(self) -> None:
        """Ends it, and removes its files."""
        self.kill()
        shutil.rmtree(self.folder)


class PostgresServer:
    """A cluster of its own under `where` (the system's temporary folder), reached by a socket beside it. Root cannot
    run it: then it runs as the user that Debian's package makes."""

    def __init__(self, where: Path | None = None) -> None:
        """Starts it. NotInstalledError, StorageError."""
        self._initdb, self._postgres = _postgres_program("initdb"), _postgres_program("postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="tvbrain-postgres-", dir=where))
        self._user = _user() if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self._folder, *self._user)
        self._data = self._folder / "data"
        words = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--no-locale", "--no-sync"]
        made = self._run([self._initdb, "-D", self._data, *words], subprocess.PIPE)
        said = made.communicate()[1]
        if made.returncode:
            raise StorageError(f"initdb: {said.decode('utf-8', 'replace').strip()}")
        self.start()

    @property
    def address(self) -> str:
        """As a superuser."""
        return f"postgresql://{_USER}@/postgres?host={self._folder}"

    @property
    def pids(self) -> list[int]:
        """The postmaster, then its children."""
        parent = self._process.pid
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii")
        return [parent, *map(int, text.split())]

    def start(self) -> None:
        """Returns when it answers; what a kill left is repaired by then. StorageError."""
        self._begin()
        self.settle()

    def settle(self) -> None:
        """Returns when it answers. It is begun again if it has ended, as a supervisor would: it does so while what a
        kill left of its predecessor is not gone, and where it loses the process that repairs. StorageError."""
        looks = threading.Event()
        for _ in range(round(STARTS_S / LOOK_S)):
            try:
                psycopg.connect(self.address).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    self._begin()
                looks.wait(LOOK_S)
            else:
                return
        raise StorageError(f"postgres does not answer after {STARTS_S} s")

    def _begin(self) -> None:
        words = ["-k", str(self._folder), "-c", "listen_addresses="]
        self._process = self._run([self._postgres, "-D", self._data, *words], subprocess.DEVNULL)

    def kill(self) -> None:
        """kill -9 of the postmaster and of every process that it has."""
        os.kill(self._process.pid, signal.SIGSTOP)  # it begins no other
        for pid in reversed(self.pids):
            _kill(pid)
        self._process.wait()

    def kill_child(self, which: int) -> None:
        """kill -9 of one of its processes; it ends all others and repairs itself. Returns when it answers."""
        children = self.pids[1:]
        if children:
            _kill(children[which % len(children)])
        self.settle()

    def stop(self) -> None:
        """As an administrator would, without waiting for clients."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait()

    def close(self) -> None:
        """Ends it, and removes its files."""
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, words: list[Path | str], errors: int) -> subprocess.Popen[bytes]:
        uid, gid = self._user or (None, None)
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=self._folder,
            user=uid,
            group=gid,
            extra_groups=None if gid is None else [],
        )


def created(address: str, name: str) -> str:
    """The address of the database of this name, which is made where there is none."""
    with psycopg.connect(address, autocommit=True) as admin:
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            admin.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _user() -> tuple[int, int]:
    try:
        found = pwd.getpwnam(_USER)
    except KeyError as error:
        raise NotInstalledError(
            f"root cannot run PostgreSQL, and there is no user {_USER}"
        ) from error
    return found.pw_uid, found.pw_gid


def _postgres_program(name: str) -> Path:
    folders = sorted(_DEBIAN.glob("*/bin"), key=lambda path: float(path.parent.name))
    return _program(name, *reversed(folders), package="postgresql")


def _program(name: str, *beside: Path, package: str | None = None) -> Path:
    for folder in beside:
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise NotInstalledError(f"{name} is missing: apt-get install {package or name}")
    return Path(found)
