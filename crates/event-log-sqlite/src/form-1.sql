CREATE TABLE log (
    conference TEXT    NOT NULL PRIMARY KEY,
    log        BLOB    NOT NULL,
    last       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    conference TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    PRIMARY KEY (conference, number)
) STRICT, WITHOUT ROWID;
