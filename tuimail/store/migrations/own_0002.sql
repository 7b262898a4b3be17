-- How actions and outgoing messages ended that were not simply done: for another program that waits for it.

CREATE TABLE endings (
    -- 'action' or 'outbox'
    kind   TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- 'refused' or 'taken back'
    state  TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
