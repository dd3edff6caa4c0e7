"""A recommendation brain that lives inside the television."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tvbrain.brain.brain import Brain
    from tvbrain.events import ViewingEvent
    from tvbrain.types import ViewContext

__all__ = ["Brain", "ViewContext", "ViewingEvent", "__version__"]

_HOMES = {
    "Brain": "tvbrain.brain.brain",
    "ViewContext": "tvbrain.types",
    "ViewingEvent": "tvbrain.events",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: `tvbrain --help` needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
