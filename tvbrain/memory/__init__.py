"""What is remembered of each profile."""
