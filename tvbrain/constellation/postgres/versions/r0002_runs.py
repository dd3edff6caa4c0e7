"""Cells as runs instead of a row each."""

from __future__ import annotations

from alembic import op

from tvbrain.constellation import moving

revision = "0002"
down_revision = "0001"

RUNS = """
CREATE TABLE run (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, space bigint NOT NULL,
  cap integer NOT NULL, part integer NOT NULL, level integer NOT NULL, entries integer NOT NULL,
  bytes bytea NOT NULL);
ALTER TABLE run ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX run_place ON run (space, cap, part, level);
ALTER TABLE run ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON run USING (space IN (SELECT id FROM space));
GRANT SELECT, INSERT, UPDATE, DELETE ON run TO tvbrain_app;
CREATE FUNCTION spaces() RETURNS SETOF space LANGUAGE sql SECURITY DEFINER STABLE
  AS 'SELECT * FROM space ORDER BY id';
"""


def upgrade() -> None:
    """The owner moves what there is; rows of all tenants exist for it."""
    op.execute(RUNS)
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    moving.into_runs(connection.execute)
    op.execute("DROP FUNCTION forget_cells(bigint)")
    op.execute("DROP TABLE cell")
