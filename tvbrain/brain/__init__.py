"""The brain: serving handle and learning plane, one object."""
