"""A household that lives for years before one set, on a virtual clock, through the public API (docs/simulation.md)."""
