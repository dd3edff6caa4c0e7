"""The full library of the build tree, and a C host to load it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.places import ROOT
from tvbrain.pack import demo_pack_path

STARTING, RUNNING, PAUSED, FAILED = 1, 2, 3, 4
"""TVB_LEARNING_*."""


@dataclass(frozen=True, slots=True)
class Host:
    """The C programs of this folder, run on one library."""

    programs: Path
    library: Path

    def run(
        self,
        deed: str,
        data: Path | str,
        *more: str | int | Path,
        pack: Path | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, object]:
        """What host.c answered; it must have ended well."""
        words = [deed, data, pack or demo_pack_path(), *more]
        answer: dict[str, object] = json.loads(self.say("host", *words, environment=environment))
        return answer

    def say(
        self,
        program: str,
        *words: str | int | Path,
        given: str = "",
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """What a program printed, given a text to read; it must have ended well."""
        done = subprocess.run(
            [self.programs / program, self.library, *map(str, words)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=600,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, f"{done.returncode}: {done.stdout} {done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def host(native_build: Path) -> Host:
    """Skips where the Python that built has no shared libpython: cmake said so."""
    brain = native_build / "brain"
    library = brain / "libtvbrain.so.1"
    if not library.exists() or not (brain / "tvbrain" / "links").exists():
        pytest.skip("libtvbrain was not built: this Python has no shared libpython, or no numpy …")
    return Host(brain, library)
