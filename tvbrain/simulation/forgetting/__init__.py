"""The erasure drill: kill -9 of real processes while they forget, and a search of every file for what was forgotten."""
