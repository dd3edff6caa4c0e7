"""What the serving library shows to the world: the functions of its header, and no need but libc."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.places import HEADER


def listed(*command: str | Path) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_the_library_exports_the_functions_of_the_header_and_nothing_else(
    native_build: Path,
) -> None:
    symbols = listed("nm", "-D", "--defined-only", native_build / "libtvbrain-serve.so.1")
    exported = {line.split()[-1].split("@")[0] for line in symbols if line.split()[-2] != "A"}
    declared = set(re.findall(r"^TVB_API .*?(tvb_\w+)\(", HEADER.read_text("utf-8"), re.MULTILINE))
    assert exported == declared


def test_the_library_needs_libc_alone(native_build: Path) -> None:
    dynamic = "\n".join(listed("readelf", "-d", native_build / "libtvbrain-serve.so.1"))
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
    assert all(re.match(r"libc\.so|ld-linux", name) for name in needed), needed
    assert re.findall(r"\(SONAME\).*\[(.+)\]", dynamic) == ["libtvbrain-serve.so.1"]


def test_kernel_objects_define_no_symbol_that_others_could_be_linked_to(native_build: Path) -> None:
    """A weak function compiled for AVX-512 could become everybody's copy of it."""
    kernels = native_build / "CMakeFiles" / "tvcore.dir" / "native" / "src" / "kernels"
    for kernel in sorted(kernels.glob("*_*.o")):
        weak = [line for line in listed("nm", "-C", kernel) if line[17:18] in "WVu"]
        assert weak == [], kernel.name
