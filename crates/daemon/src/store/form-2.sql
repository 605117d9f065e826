-- Of a seat's replicas one is in use, that of `log`; the others were put aside and stay readable.
CREATE TABLE seats_2 (
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
    refused TEXT,
    log TEXT
) STRICT;

CREATE TABLE replicas (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    log TEXT NOT NULL,
    -- The order in which those that are not in use were put aside.
    aside INTEGER NOT NULL DEFAULT 0,
    participant INTEGER,
    was_participant INTEGER NOT NULL DEFAULT 0,
    cursor INTEGER NOT NULL DEFAULT 0,
    terms TEXT NOT NULL DEFAULT '[]',
    missing TEXT NOT NULL DEFAULT '[]',
    -- The snapshot from which the state is folded anew; NULL where that begins with the first event.
    base INTEGER NOT NULL DEFAULT 0,
    base_state TEXT,
    base_level INTEGER NOT NULL DEFAULT 1,
    -- The conference as it stood after entry state_at, NULL where it has to be folded anew; the
    -- events from there to the cursor are folded on loading.
    state TEXT,
    state_at INTEGER NOT NULL DEFAULT 0,
    level INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (seat, log)
) STRICT;

CREATE TABLE events_2 (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    log TEXT NOT NULL,
    seq INTEGER NOT NULL,
    step INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (seat, log, seq, step)
) STRICT, WITHOUT ROWID;

-- In the order of `place`, which is that in which commands were accepted.
CREATE TABLE outbox_2 (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    place INTEGER NOT NULL,
    id TEXT NOT NULL,
    seen TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (seat, place),
    UNIQUE (seat, id)
) STRICT;

-- The body of an accepted command is given back where a restored backup lost it.
CREATE TABLE receipts (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    log TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    digest BLOB NOT NULL,
    body TEXT,
    PRIMARY KEY (seat, log, id)
) STRICT;
CREATE INDEX receipts_by_number ON receipts (seat, log, body IS NULL, number);

-- Texts that came back, until somebody has read why.
CREATE TABLE returned (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    refused TEXT,
    PRIMARY KEY (seat, id)
) STRICT;

-- As in form 1.
CREATE TABLE IF NOT EXISTS memory (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
