"""The tables of journals in PostgreSQL.

One database holds many journals, told apart by name. `journal` holds the end of each chain: an
append moves it by compare-and-set, so that several hosts may write to one journal and their
records still form one chain. With it stands the newest epoch that the account was taken over under:
an append of an older one changes nothing.
"""

from quantum_exit.execution.records import Record

FORMAT_VERSION = 1
# Two services that start at the same time must not create the tables at the same time.
LOCK_FOR_TABLES = "SELECT pg_advisory_xact_lock(5859444)"

TABLES = """
CREATE SCHEMA IF NOT EXISTS quantum_exit;
CREATE TABLE IF NOT EXISTS quantum_exit.journal (
    name text PRIMARY KEY,
    format integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    epoch bigint NOT NULL DEFAULT 0
);
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM information_schema.columns
        WHERE table_schema = 'quantum_exit' AND table_name = 'journal' AND column_name = 'epoch'
    ) THEN
        ALTER TABLE quantum_exit.journal ADD COLUMN epoch bigint NOT NULL DEFAULT 0;
    END IF;
END $$;
CREATE TABLE IF NOT EXISTS quantum_exit.record (
    journal text NOT NULL REFERENCES quantum_exit.journal,
    seq bigint NOT NULL,
    epoch bigint NOT NULL,
    kind text NOT NULL,
    ts_ms bigint NOT NULL,
    payload bytea NOT NULL,
    crc32 bigint NOT NULL,
    prev_hash bytea NOT NULL,
    PRIMARY KEY (journal, seq)
);
CREATE TABLE IF NOT EXISTS quantum_exit.record_set_aside (
    LIKE quantum_exit.record,
    batch bigint NOT NULL,
    reason text NOT NULL
);
CREATE TABLE IF NOT EXISTS quantum_exit.snapshot (
    journal text NOT NULL REFERENCES quantum_exit.journal,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    ts_ms bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (journal, seq)
);
CREATE TABLE IF NOT EXISTS quantum_exit.lease (
    account text NOT NULL,
    symbol text NOT NULL,
    owner text NOT NULL,
    epoch bigint NOT NULL,
    expires_ms bigint NOT NULL,
    PRIMARY KEY (account, symbol)
);
"""

_COLUMNS = ", ".join(Record._fields)

ADD_JOURNAL = """
INSERT INTO quantum_exit.journal (name, format, seq, hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING
"""
SELECT_JOURNAL = "SELECT format, seq, hash, epoch FROM quantum_exit.journal WHERE name = $1"
MOVE_HEAD = "UPDATE quantum_exit.journal SET seq = $2, hash = $3 WHERE name = $1"
RAISE_EPOCH = "UPDATE quantum_exit.journal SET epoch = greatest(epoch, $2) WHERE name = $1"

# One statement and so one transaction: nothing is inserted unless the head is where we think and
# nobody has taken over since the oldest epoch among the entries.
APPEND = f"""
WITH moved AS (
    UPDATE quantum_exit.journal SET seq = $4, hash = $5
    WHERE name = $1 AND seq = $2 AND hash = $3 AND epoch <= $13 RETURNING name
)
INSERT INTO quantum_exit.record (journal, {_COLUMNS})
SELECT moved.name, new.* FROM moved, unnest(
    $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::bytea[], $11::bigint[], $12::bytea[]
) AS new ({_COLUMNS})
"""
SELECT_RECORDS = f"""
SELECT {_COLUMNS} FROM quantum_exit.record WHERE journal = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""
SELECT_RECORD = f"SELECT {_COLUMNS} FROM quantum_exit.record WHERE journal = $1 AND seq = $2"

SET_ASIDE = f"""
WITH gone AS (
    DELETE FROM quantum_exit.record WHERE journal = $1 AND seq >= $2 RETURNING journal, {_COLUMNS}
)
INSERT INTO quantum_exit.record_set_aside (journal, {_COLUMNS}, batch, reason)
SELECT gone.*, (SELECT 1 + coalesce(max(batch), 0) FROM quantum_exit.record_set_aside), $3::text
FROM gone
"""

SAVE_SNAPSHOT = """
INSERT INTO quantum_exit.snapshot VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (journal, seq) DO UPDATE
SET hash = excluded.hash, ts_ms = excluded.ts_ms, payload = excluded.payload
"""
THIN_SNAPSHOTS = """
DELETE FROM quantum_exit.snapshot WHERE journal = $1 AND seq NOT IN (
    SELECT seq FROM quantum_exit.snapshot WHERE journal = $1 ORDER BY seq DESC LIMIT $2
)
"""
SELECT_SNAPSHOTS = """
SELECT seq, hash, ts_ms, payload FROM quantum_exit.snapshot WHERE journal = $1 ORDER BY seq DESC
"""

# A row that does not exist yet cannot be locked, but its name can.
LOCK_LEASE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 5859444))"
SELECT_LEASE = """
SELECT owner, epoch, expires_ms FROM quantum_exit.lease WHERE account = $1 AND symbol = $2
"""
SAVE_LEASE = """
INSERT INTO quantum_exit.lease VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account, symbol) DO UPDATE
SET owner = excluded.owner, epoch = excluded.epoch, expires_ms = excluded.expires_ms
"""
SERVER_CLOCK_MS = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
