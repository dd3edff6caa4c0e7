"""Packs: reading catalogues, joining titles that are the same work, and the files they become."""

from pathlib import Path


def demo_pack_path() -> Path:
    """The built-in demo pack: 500 and more well-known films and series, with vectors and weights."""
    return Path(__file__).parent / "demo" / "demo.tvpack"
