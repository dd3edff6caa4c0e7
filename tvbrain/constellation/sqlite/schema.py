"""The tables of ingest.db and aggregate.db, as migrations. docs/formats.md says what the columns mean."""

from __future__ import annotations

import secrets

from tvbrain.constellation import moving
from tvbrain.sqlite import Database, Migrations

ingest = Migrations("ingest")
aggregate = Migrations("aggregate")


@ingest(name="0001_who")
def who(db: Database) -> None:
    """Tenants, tokens, devices, receipts and the stream."""
    for statement in (
        "CREATE TABLE tenant (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        "CREATE TABLE enrolment (token BLOB PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
        " expires INTEGER NOT NULL, uses_left INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE operator (token BLOB PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
        " expires INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE device (device BLOB PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant,"
        " public_key BLOB NOT NULL, revoked INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE receipt (device BLOB NOT NULL, epoch INTEGER NOT NULL, digest BLOB NOT NULL,"
        " PRIMARY KEY (device, epoch)) STRICT, WITHOUT ROWID",
        "CREATE TABLE push (seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
        " epoch INTEGER NOT NULL, base INTEGER NOT NULL, bucket INTEGER NOT NULL,"
        " once BLOB NOT NULL, sealed BLOB NOT NULL) STRICT",
        "CREATE TABLE stream (id INTEGER PRIMARY KEY CHECK (id = 1), name BLOB NOT NULL,"
        " floor INTEGER NOT NULL) STRICT",
    ):
        db.execute(statement)
    db.execute("INSERT INTO stream VALUES (1, ?, 0)", [secrets.token_bytes(16)])


@aggregate(name="0001_what")
def what(db: Database) -> None:
    """Sums with their place in the stream, releases and their cost."""
    for statement in (
        "CREATE TABLE position (stream BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT,"
        " WITHOUT ROWID",
        "CREATE TABLE counted (once BLOB PRIMARY KEY, epoch INTEGER NOT NULL) STRICT,"
        " WITHOUT ROWID",
        "CREATE TABLE space (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, pack BLOB NOT NULL,"
        " UNIQUE (tenant, pack)) STRICT",
        "CREATE TABLE cell (space INTEGER, cell INTEGER, bucket INTEGER, count INTEGER NOT NULL,"
        " epoch INTEGER NOT NULL, PRIMARY KEY (space, cell, bucket)) STRICT, WITHOUT ROWID",
        "CREATE TABLE dense (tenant TEXT, kind TEXT, key TEXT, place INTEGER,"
        " weight INTEGER NOT NULL, total BLOB NOT NULL,"
        " PRIMARY KEY (tenant, kind, key, place)) STRICT, WITHOUT ROWID",
        "CREATE TABLE blob (content BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        "CREATE TABLE release (tenant TEXT, version INTEGER, content BLOB NOT NULL,"
        " created INTEGER NOT NULL, same_as INTEGER NOT NULL, charges TEXT NOT NULL,"
        " PRIMARY KEY (tenant, version)) STRICT, WITHOUT ROWID",
        "CREATE TABLE document (tenant TEXT, kind TEXT, number INTEGER, bytes BLOB NOT NULL,"
        " PRIMARY KEY (tenant, kind, number)) STRICT",
        "CREATE TABLE pack (tenant TEXT, sha256 BLOB, rows INTEGER NOT NULL,"
        " rows_of BLOB NOT NULL, PRIMARY KEY (tenant, sha256)) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


@aggregate(name="0002_runs")
def in_runs(db: Database) -> None:
    """Cells as runs instead of a row each."""
    for statement in (
        "CREATE TABLE run (id INTEGER PRIMARY KEY, space INTEGER NOT NULL, cap INTEGER NOT NULL,"
        " part INTEGER NOT NULL, level INTEGER NOT NULL, entries INTEGER NOT NULL,"
        " bytes BLOB NOT NULL) STRICT",
        "CREATE INDEX run_place ON run (space, cap, part, level)",
    ):
        db.execute(statement)
    moving.into_runs(lambda statement, values: db.execute(statement.replace("%s", "?"), values))
    db.execute("DROP TABLE cell")
