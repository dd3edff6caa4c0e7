"""From histories to weights."""
