"""The embedded back end: two SQLite files, one writing connection each."""
