"""Everything that the first release keeps; the same tables as SQLite's, with row-level security a tenant.

Whoever works for tenants says which (`tvbrain.tenants`); rows of others do not exist for it. The few questions that
come before a tenant is known are functions of the owner.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE tenant (name text PRIMARY KEY);
CREATE TABLE enrolment (token bytea PRIMARY KEY, tenant text NOT NULL REFERENCES tenant,
  expires bigint NOT NULL, uses_left bigint NOT NULL);
CREATE TABLE operator (token bytea PRIMARY KEY, tenant text NOT NULL REFERENCES tenant, expires bigint NOT NULL);
CREATE TABLE device (device bytea PRIMARY KEY, tenant text NOT NULL REFERENCES tenant,
  public_key bytea NOT NULL, revoked boolean NOT NULL);
CREATE TABLE receipt (device bytea, epoch bigint, tenant text NOT NULL, digest bytea NOT NULL,
  sent boolean NOT NULL, PRIMARY KEY (device, epoch));
CREATE TABLE floor (id integer PRIMARY KEY CHECK (id = 1), epoch bigint NOT NULL);
INSERT INTO floor VALUES (1, 0);
CREATE TABLE position (stream bytea PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE counted (once bytea PRIMARY KEY, epoch bigint NOT NULL);
CREATE TABLE space (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text NOT NULL,
  pack bytea NOT NULL, UNIQUE (tenant, pack));
CREATE TABLE cell (space bigint, cell bigint, bucket integer, count bigint NOT NULL,
  epoch bigint NOT NULL, PRIMARY KEY (space, cell, bucket));
CREATE TABLE dense (tenant text, kind text, key text, place integer, weight bigint NOT NULL,
  total bytea NOT NULL, PRIMARY KEY (tenant, kind, key, place));
CREATE TABLE blob (content bytea PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE release (tenant text, version bigint, content bytea NOT NULL, created bigint NOT NULL,
  same_as bigint NOT NULL, charges text NOT NULL, PRIMARY KEY (tenant, version));
CREATE TABLE document (tenant text, kind text, number bigint, bytes bytea NOT NULL,
  PRIMARY KEY (tenant, kind, number));
CREATE TABLE pack (tenant text, sha256 bytea, rows bigint NOT NULL, rows_of bytea NOT NULL,
  PRIMARY KEY (tenant, sha256));
"""

OF_TENANTS = (
    "enrolment",
    "operator",
    "device",
    "receipt",
    "space",
    "dense",
    "release",
    "document",
    "pack",
)

MINE = "tenant = ANY (string_to_array(current_setting('tvbrain.tenants', true), ','))"

BEFORE_A_TENANT_IS_KNOWN = """
CREATE FUNCTION device_of(bytea) RETURNS SETOF device LANGUAGE sql SECURITY DEFINER STABLE
  AS 'SELECT * FROM device WHERE device = $1';
CREATE FUNCTION operator_of(bytea, bigint) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER STABLE
  AS 'SELECT tenant FROM operator WHERE token = $1 AND expires > $2';
CREATE FUNCTION enrolment_of(bytea) RETURNS SETOF enrolment LANGUAGE sql SECURITY DEFINER STABLE
  AS 'SELECT * FROM enrolment WHERE token = $1';
CREATE FUNCTION forget_receipts(bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
  AS 'DELETE FROM receipt WHERE epoch < $1';
CREATE FUNCTION forget_cells(bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
  AS 'DELETE FROM cell WHERE epoch < $1';
"""

ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tvbrain_app') THEN
    CREATE ROLE tvbrain_app NOLOGIN;
  END IF;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tvbrain_app;
"""


def upgrade() -> None:
    """Tables, policies, functions and the role that the processes take."""
    op.execute(TABLES)
    for table in OF_TENANTS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY mine ON {table} USING ({MINE})")
    op.execute("ALTER TABLE cell ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY mine ON cell USING (space IN (SELECT id FROM space))")
    op.execute(BEFORE_A_TENANT_IS_KNOWN)
    op.execute(ROLE)
