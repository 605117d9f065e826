CREATE TABLE seats (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    https_port INTEGER NOT NULL,
    ports TEXT NOT NULL,
    fingerprint TEXT,
    secret BLOB NOT NULL,
    join_code TEXT NOT NULL,
    join_name TEXT NOT NULL,
    join_id TEXT NOT NULL,
    conference TEXT,
    participant INTEGER,
    role TEXT,
    log TEXT,
    refused TEXT,
    cursor INTEGER NOT NULL DEFAULT 0,
    missing_after INTEGER,
    missing_through INTEGER,
    last_number INTEGER NOT NULL DEFAULT 0,
    -- The conference as it stood after entry state_at; the events from there to the cursor are folded on loading.
    state TEXT NOT NULL,
    state_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE outbox (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (seat, number)
) STRICT;

CREATE TABLE settled (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    digest BLOB NOT NULL,
    kept TEXT,
    PRIMARY KEY (seat, number)
) STRICT;
CREATE INDEX settled_spare ON settled (seat, number) WHERE kept IS NULL;

-- No event of a seat is numbered above its cursor.
CREATE TABLE events (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (seat, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
