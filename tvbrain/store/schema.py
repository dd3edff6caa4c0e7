"""The tables of brain.db, as migrations: each is applied with its record in one transaction.

docs/formats.md ("brain.db") says what the columns mean. A released migration is never edited.
"""

from __future__ import annotations

from tvbrain.sqlite import Database, Migrations

MAJOR = 1
"""`PRAGMA user_version`: a database with a larger one is not ours to open."""

APPLICATION_ID = 0x54564244
"""`PRAGMA application_id`: "TVBD"."""

migrations = Migrations("brain")


@migrations(name="0001_spine")
def spine(db: Database) -> None:
    """Everything that the first release keeps."""
    for statement in (
        "CREATE TABLE consumption (id INTEGER PRIMARY KEY CHECK (id = 1), journal_id INTEGER NOT NULL,"
        " seq INTEGER NOT NULL, erasure_epoch INTEGER NOT NULL) STRICT",
        "INSERT INTO consumption VALUES (1, 0, 0, 0)",
        "CREATE TABLE fold (profile INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT",
        "CREATE TABLE tally (profile INTEGER, kind INTEGER, n INTEGER NOT NULL,"
        " PRIMARY KEY (profile, kind)) STRICT, WITHOUT ROWID",
        "CREATE TABLE episode (id INTEGER PRIMARY KEY, profile INTEGER NOT NULL,"
        " session INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL,"
        " events INTEGER NOT NULL) STRICT",
        "CREATE INDEX episode_of_session ON episode (profile, session)",
        "CREATE TABLE memory (id INTEGER PRIMARY KEY, tier TEXT NOT NULL, profile INTEGER NOT NULL,"
        " item INTEGER NOT NULL, at INTEGER NOT NULL, daypart INTEGER NOT NULL,"
        " strength REAL NOT NULL, explicit INTEGER NOT NULL, episode INTEGER) STRICT",
        "CREATE INDEX memory_of_profile ON memory (profile, tier, at)",
        "CREATE TABLE preference (profile INTEGER, genre TEXT, daypart INTEGER, weight REAL NOT NULL,"
        " at INTEGER NOT NULL, PRIMARY KEY (profile, genre, daypart)) STRICT, WITHOUT ROWID",
        "CREATE TABLE interest (profile INTEGER, place INTEGER, item INTEGER NOT NULL,"
        " weight REAL NOT NULL, PRIMARY KEY (profile, place)) STRICT, WITHOUT ROWID",
        "CREATE TABLE loop (name TEXT PRIMARY KEY, due INTEGER NOT NULL, trusted INTEGER NOT NULL,"
        " last_run INTEGER, duration_ms INTEGER, failures INTEGER NOT NULL, error TEXT) STRICT",
        "CREATE TABLE gap (journal_id INTEGER, first INTEGER, last INTEGER NOT NULL,"
        " at INTEGER NOT NULL, PRIMARY KEY (journal_id, first)) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


@migrations(name="0002_header")
def header(db: Database) -> None:
    """Mark the file as ours."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {MAJOR}")


@migrations(name="0003_habit")
def habit(db: Database) -> None:
    """Shares of what is done at a daypart: rows that titles are opened out of, channels."""
    db.execute(
        "CREATE TABLE habit (profile INTEGER, sort TEXT, daypart INTEGER, thing INTEGER,"
        " amount REAL NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (profile, sort, daypart, thing))"
        " STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE channel_on (profile INTEGER PRIMARY KEY, channel INTEGER NOT NULL,"
        " since INTEGER NOT NULL, utc_offset_min INTEGER NOT NULL) STRICT"
    )


@migrations(name="0004_blender")
def blender(db: Database) -> None:
    """What was shown, and what the blender learned from it."""
    for statement in (
        "CREATE TABLE showing (profile INTEGER, item INTEGER, at INTEGER, played INTEGER NOT NULL,"
        " seen BLOB, PRIMARY KEY (profile, item, at)) STRICT, WITHOUT ROWID",
        "CREATE INDEX showing_by_time ON showing (profile, at)",
        "CREATE TABLE blender (profile INTEGER PRIMARY KEY, terms INTEGER NOT NULL,"
        " version INTEGER NOT NULL, updates INTEGER NOT NULL, trained INTEGER NOT NULL,"
        " belief BLOB NOT NULL) STRICT",
    ):
        db.execute(statement)


@migrations(name="0005_job")
def job(db: Database) -> None:
    """How often each loop ran, and where a job that was cut short goes on."""
    for column in ("runs INTEGER NOT NULL DEFAULT 0", "begun INTEGER", "cursor TEXT"):
        db.execute(f"ALTER TABLE loop ADD COLUMN {column}")


@migrations(name="0006_viewing")
def viewing(db: Database) -> None:
    """What each sitting offered, what was chosen, and how that went."""
    db.execute(
        "CREATE TABLE viewing (episode INTEGER PRIMARY KEY, profile INTEGER NOT NULL,"
        " daypart INTEGER NOT NULL, weekday INTEGER NOT NULL, shown INTEGER NOT NULL,"
        " offered BLOB NOT NULL, chosen BLOB NOT NULL, reward REAL, success INTEGER, critique TEXT) STRICT"
    )
    db.execute("CREATE INDEX viewing_of_profile ON viewing (profile, episode)")


@migrations(name="0007_pattern")
def pattern(db: Database) -> None:
    """What is watched at some time of the week more than else."""
    db.execute(
        "CREATE TABLE pattern (profile INTEGER, id INTEGER, tier TEXT NOT NULL, name TEXT NOT NULL,"
        " genre TEXT NOT NULL, dayparts INTEGER NOT NULL, weekdays INTEGER NOT NULL,"
        " company TEXT NOT NULL, trials INTEGER NOT NULL, successes INTEGER NOT NULL,"
        " low REAL NOT NULL, high REAL NOT NULL, usual REAL NOT NULL, titles BLOB NOT NULL,"
        " found INTEGER NOT NULL, seen INTEGER NOT NULL, factor REAL NOT NULL, retired INTEGER,"
        " PRIMARY KEY (profile, id)) STRICT, WITHOUT ROWID"
    )


@migrations(name="0008_epoch")
def epoch(db: Database) -> None:
    """Years folded into taste epochs, and epochs into stages of life."""
    for statement in (
        "CREATE TABLE epoch (profile INTEGER, begun INTEGER, ended INTEGER NOT NULL,"
        " years INTEGER NOT NULL, evidence INTEGER NOT NULL, genres TEXT NOT NULL,"
        " dayparts BLOB NOT NULL, titles BLOB NOT NULL, shift REAL NOT NULL, name TEXT NOT NULL,"
        " PRIMARY KEY (profile, begun)) STRICT, WITHOUT ROWID",
        "CREATE TABLE life_stage (profile INTEGER, begun INTEGER, ended INTEGER NOT NULL,"
        " genres TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (profile, begun)) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


@migrations(name="0009_edge")
def edge(db: Database) -> None:
    """What came of showing a genre at a daypart."""
    for statement in (
        "ALTER TABLE showing ADD COLUMN propensity INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE showing ADD COLUMN daypart INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE edge (profile INTEGER, daypart INTEGER, genre TEXT, shown REAL NOT NULL,"
        " unknown REAL NOT NULL, w REAL NOT NULL, wr REAL NOT NULL, ww REAL NOT NULL,"
        " wwr REAL NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (profile, daypart, genre))"
        " STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


@migrations(name="0010_tuning")
def tuning(db: Database) -> None:
    """What was shown and is answered, and the configurations that were in use."""
    for statement in (
        "CREATE TABLE judged (profile INTEGER, at INTEGER, item INTEGER, row INTEGER NOT NULL,"
        " place INTEGER NOT NULL, propensity INTEGER NOT NULL, played INTEGER NOT NULL,"
        " seen BLOB NOT NULL, PRIMARY KEY (profile, at, item)) STRICT, WITHOUT ROWID",
        "CREATE TABLE configuration (version INTEGER PRIMARY KEY, steps TEXT NOT NULL,"
        " since INTEGER NOT NULL, until INTEGER, why TEXT NOT NULL, gain REAL NOT NULL,"
        " error REAL NOT NULL) STRICT",
    ):
        db.execute(statement)


@migrations(name="0011_change")
def change(db: Database) -> None:
    """Whether an epoch began with a change of taste."""
    db.execute("ALTER TABLE epoch ADD COLUMN changed INTEGER NOT NULL DEFAULT 0")


@migrations(name="0012_erase_seq")
def erase_seq(db: Database) -> None:
    """The newest record consumed that erases something."""
    db.execute("ALTER TABLE consumption ADD COLUMN erase_seq INTEGER NOT NULL DEFAULT 0")


@migrations(name="0013_prior")
def prior(db: Database) -> None:
    """The prior that a belief was learned around."""
    db.execute("ALTER TABLE blender ADD COLUMN prior BLOB")


@migrations(name="0014_remaining")
def remaining(db: Database) -> None:
    """What each loop had left to wait when its row was stored: all that a set without a clock knows."""
    db.execute("ALTER TABLE loop ADD COLUMN remaining INTEGER")


@migrations(name="0015_sync")
def sync(db: Database) -> None:
    """What is between this set and a constellation, what waits to be said, and what is on its way."""
    for statement in (
        "CREATE TABLE sync (id INTEGER PRIMARY KEY CHECK (id = 1), url TEXT NOT NULL, tenant TEXT NOT NULL,"
        " key BLOB NOT NULL, aggregator BLOB NOT NULL, epoch_s INTEGER NOT NULL, slot INTEGER NOT NULL,"
        " slot_s INTEGER NOT NULL, trust BLOB NOT NULL, etag TEXT NOT NULL, pull BLOB, before BLOB,"
        " applied INTEGER NOT NULL, refused INTEGER NOT NULL, since INTEGER NOT NULL, halted TEXT NOT NULL)"
        " STRICT",
        "CREATE TABLE unsaid (profile INTEGER, kind TEXT, a INTEGER, b INTEGER, value REAL NOT NULL,"
        " PRIMARY KEY (profile, kind, a, b)) STRICT, WITHOUT ROWID",
        "CREATE TABLE outbox (epoch INTEGER PRIMARY KEY, body BLOB, made INTEGER NOT NULL) STRICT",
    ):
        db.execute(statement)
