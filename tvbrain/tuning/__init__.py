"""Self-tuning: candidate configurations of the ranking, judged on what this household was shown (docs/tuning.md)."""
