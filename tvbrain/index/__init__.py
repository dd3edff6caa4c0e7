"""Vectors by key, found by likeness: exactly, or by a graph where there are many."""

from tvbrain.index.index import By, Hits, ItemIndex
from tvbrain.index.patterns import PatternIndex

__all__ = ["By", "Hits", "ItemIndex", "PatternIndex"]
