"""The evaluation itself, on people made up for it."""
