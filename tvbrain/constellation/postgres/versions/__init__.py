"""Alembic's revisions. A released one is never edited."""
