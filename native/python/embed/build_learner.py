"""Write the C source of learner.so, the cffi module through which libtvbrain enters Python.

learner.h is the only declaration. Its functions in Python become `extern "Python+C"`: C code that
takes the interpreter lock and calls what tvbrain/sdk/embedded.py put there with `def_extern`. Run by
CMake.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from cffi import FFI

HEADER = Path(__file__).with_name("learner.h")
MODULE = "tvbrain._native.learner"
IN_PYTHON = ("tvl_start", "tvl_step", "tvl_stop")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def cdef() -> str:
    """The struct, and the functions that are in Python."""
    text = COMMENT.sub("", HEADER.read_text(encoding="utf-8"))
    struct = re.search(r"typedef struct tvl_host \{.*?\} tvl_host;", text, re.DOTALL)
    assert struct is not None
    constants = [f"#define {name} ..." for name in re.findall(r"#define (TVL_\w+) \d", text)]
    functions = [
        'extern "Python+C" ' + found.group(0)
        for name in IN_PYTHON
        if (found := re.search(rf"^\w+ {name}\(.*?\);", text, re.MULTILINE)) is not None
    ]
    assert len(functions) == len(IN_PYTHON)
    return "\n".join([*constants, struct.group(0), *functions])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the C file to write")
    arguments = parser.parse_args()
    ffi = FFI()
    ffi.cdef(cdef())
    ffi.set_source(MODULE, '#include "learner.h"\n')
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    ffi.emit_c_code(str(arguments.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
