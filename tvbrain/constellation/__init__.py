"""The server side: what many sets say in a kilobyte each becomes one release for all of them. docs/sync.md.

Two halves that share nothing but the stream. The ingest half sees who: it checks signatures and keeps each push once.
The aggregation half sees what: it opens seals and adds. Neither imports the other's module (`ingest`, `aggregate`) nor
holds the other's key. Needs the extra `constellation`.
"""
