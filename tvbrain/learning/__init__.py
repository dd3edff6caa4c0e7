"""Learning: pure functions from histories to weights."""
