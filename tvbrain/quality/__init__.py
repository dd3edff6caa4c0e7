"""How good the recommendations are, measured through the public API beside the usual models (docs/quality.md)."""
