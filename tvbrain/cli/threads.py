"""How many threads a command's process computes on."""

from __future__ import annotations

import os


def compute_on_one() -> None:
    """To be called before numpy is loaded: what a brain multiplies is small, and OpenBLAS would start a thread a core,
    which wait for work by spinning. What the environment says already is left alone.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
