"""Write the C source of `tvbrain._native.core`, the cffi binding of tvbrain.h and tvn.h.

The two headers are the only declarations: the compiler's preprocessor resolves conditions and
macros, and what is left is what cffi reads. Integer constants (`#define TVB_... 3`) are handed over
by name, so that the compiler supplies their values. Run by CMake; `--cdef` prints what cffi gets.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parents[2]
HEADERS = (ROOT / "sdk_headers" / "tvbrain.h", ROOT / "native" / "python" / "tvn.h")
MODULE = "tvbrain._native.core"

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
INTEGER_MACRO = re.compile(
    r"^#define\s+(TV[BN]_\w+)\s+\(?\s*-?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\s*\)?\s*(?:/\*.*)?$",
    re.MULTILINE,
)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
STATIC_ASSERT = re.compile(r"_Static_assert\s*\(.*?\)\s*;", re.DOTALL)


def preprocessed(header: Path, compiler: str) -> str:
    """The header's own declarations: cffi knows stdint.h, so every include finds an empty file."""
    with tempfile.TemporaryDirectory() as empty:
        for name in INCLUDE.findall(header.read_text(encoding="utf-8")):
            stub = Path(empty, name)
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.touch()
        # Away from its own folder, where an include of the next header would be found.
        alone = Path(empty, "alone.h")
        alone.write_text(header.read_text(encoding="utf-8"), encoding="utf-8")
        command = [compiler, "-E", "-P", "-nostdinc", "-x", "c", "-I", empty, str(alone)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def cdef(compiler: str) -> str:
    """Everything that both headers declare, in the subset of C that cffi parses."""
    parts: list[str] = []
    for header in HEADERS:
        constants = INTEGER_MACRO.findall(header.read_text(encoding="utf-8"))
        parts += [f"#define {name} ..." for name in constants]
        parts.append(STATIC_ASSERT.sub("", ATTRIBUTE.sub("", preprocessed(header, compiler))))
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", default="cc", help="the C compiler to preprocess with")
    parser.add_argument("--out", type=Path, help="the C file to write")
    parser.add_argument("--cdef", action="store_true", help="print the declarations instead")
    arguments = parser.parse_args()
    if arguments.cdef or arguments.out is None:
        sys.stdout.write(cdef(arguments.compiler))
        return 0
    ffi = FFI()
    ffi.cdef(cdef(arguments.compiler))
    ffi.set_source(MODULE, '#include "tvn.h"\n')
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    ffi.emit_c_code(str(arguments.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
