"""The seven loops of the learning plane: one table, one module a loop, one engine."""
