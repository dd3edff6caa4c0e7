"""The last good slates: what each profile is shown while its history is whole. They go with every snapshot."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tvbrain.brain.serving import Serving
from tvbrain.clock import Clock
from tvbrain.loops.publisher import Slates
from tvbrain.pack.native import key_of
from tvbrain.types import ViewContext


def shown_by(serving: Serving, known: Collection[int] = ()) -> Slates:
    """What each profile but those `known` would be shown now."""
    return {
        profile.id: [key_of(item) for item in serving.recommended(ViewContext(profile=profile.id))]
        for profile in serving.profiles()
        if profile.id not in known
    }


def shown_beside(data_dir: Path, pack: Path, clock: Clock, known: Collection[int] = ()) -> Slates:
    """The same where another process, or a host in C, serves: what its files come to. Errors: those of reading them."""
    serving = Serving(data_dir, pack, clock=clock, read_only=True, thread=False)
    try:
        return shown_by(serving, known)
    finally:
        serving.close()
