"""A recommendation brain that lives inside the television."""

__version__ = "0.1.0"
