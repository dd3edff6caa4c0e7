"""Where things lie in the source tree."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "dev"
HEADER = ROOT / "sdk_headers" / "tvbrain.h"
