-- Entries are texts that this engine does not read. The term of an entry is the last one in `term`
-- that begins at its number or before; entries before the first belong to the log's own term.
ALTER TABLE log ADD COLUMN summary TEXT NOT NULL DEFAULT '{}';

CREATE TABLE term (
    conference TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    term       BLOB    NOT NULL,
    PRIMARY KEY (conference, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    conference  TEXT    NOT NULL,
    participant INTEGER NOT NULL,
    command     BLOB    NOT NULL,
    number      INTEGER NOT NULL,
    PRIMARY KEY (conference, participant, command)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
    conference TEXT    NOT NULL PRIMARY KEY,
    number     INTEGER NOT NULL,
    term       BLOB    NOT NULL,
    text       TEXT    NOT NULL
) STRICT;

CREATE TABLE tombstone (
    conference TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
