"""The files that the learning plane writes."""
