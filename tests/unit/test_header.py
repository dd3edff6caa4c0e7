"""sdk_headers/tvbrain.h stands alone, in the strictest settings of both languages."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.places import HEADER, ROOT

STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only")

# The macros are code that only their user compiles.
USES = """
#include "tvbrain.h"
int main(void) {
  tvb_event event = TVB_EVENT_INIT;
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_screen screen = TVB_SCREEN_INIT;
  return (int)(event.kind + context.row + slate.count + screen.row_count);
}
"""


README_PROGRAM = re.findall(r"```c\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[
    0
]


@pytest.mark.parametrize("language", [("cc", "c", "-std=c11"), ("c++", "c++", "-std=c++17")])
@pytest.mark.parametrize("text", ['#include "tvbrain.h"\nint unused;\n', USES, README_PROGRAM])
def test_the_header_alone_compiles_without_a_warning(language: tuple[str, ...], text: str) -> None:
    compiler, name, standard = language
    done = subprocess.run(
        [compiler, "-x", name, standard, *STRICT, f"-I{HEADER.parent}", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_header_includes_nothing_but_stdint() -> None:
    includes = [line for line in HEADER.read_text("utf-8").splitlines() if "#include" in line]
    assert [line for line in includes if line.startswith("#")] == ["#include <stdint.h>"]


def test_every_code_has_its_cause_and_remedy_in_the_documentation() -> None:
    codes = re.findall(
        r"^#define (TVB_OK|TVB_PENDING|TVB_E_\w+) ", HEADER.read_text("utf-8"), re.MULTILINE
    )
    page = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    assert re.findall(r"^\| `(TVB_\w+)` \| \S", page, re.MULTILINE) == codes


def test_every_struct_of_the_header_has_its_layout_asserted() -> None:
    structs = re.findall(r"^typedef struct (tvb_\w+) \{", HEADER.read_text("utf-8"), re.MULTILINE)
    layout = (ROOT / "native" / "sdk" / "layout.cpp").read_text("utf-8")
    assert re.findall(r"^SIZE\((\w+),", layout, re.MULTILINE) == structs
