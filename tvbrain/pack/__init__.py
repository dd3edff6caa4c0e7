"""Packs: reading catalogues, joining titles that are the same work, and the files they become."""
