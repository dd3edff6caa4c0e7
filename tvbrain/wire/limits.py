"""What may be sent at most. Checked before anything is decoded."""

from __future__ import annotations

from typing import Final

PUSH_BYTES: Final = 1024
"""A push with its signature and seal."""
PULL_BYTES: Final = 5120
"""A timestamp and a release with all their signatures."""
ROOT_BYTES: Final = 2048
"""A signed root."""

SEALED_SIZES: Final = (256, 512, 832)
"""Bytes of a delta before it is sealed, padding included: its length says no more than which of these it is."""
FRAME_BYTES: Final = SEALED_SIZES[-1] - 2
"""A delta's frame."""
DELTA_BYTES: Final = 4096
"""A delta, decompressed."""
RELEASE_BYTES: Final = 16_384
"""A release, decompressed."""

TENANT_LENGTH: Final = 32
MOST_FIELDS: Final = 16
"""Elements of any array."""
MOST_DEPTH: Final = 4

POSITION: Final = (1 << 22) - 1
"""The largest row of a pack."""
NUMBER: Final = (1 << 32) - 1
"""Epochs, versions and times (seconds since 1970)."""

PAIRS: Final = 512
ITEMS: Final = 256
PATTERNS: Final = 16
"""Of each, in a delta."""
ORDER: Final = 7
"""Of a pair: which came first, and how near."""
ITEM_COUNT: Final = 15
DAYPARTS: Final = 8
DAYPART_COUNT: Final = 100
WEIGHT: Final = 100
"""A pattern's weight, in hundredths."""
STEP: Final = 127
"""A difference of the blender, either way, in 1/128."""
TERMS: Final = 32

RELEASED_PATTERNS: Final = 48
COUNTS: Final = 1024
SUPPORT: Final = 65_535
PACKS: Final = 8
KEYS: Final = 8
SIGNATURES: Final = 8
