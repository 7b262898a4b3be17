-- What exists nowhere else: wishes, drafts, the outbox. A rebuild of the cache never touches this file.

CREATE TABLE accounts (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE
) STRICT;

-- Facts learned by experience, such as whether the server files sent mail itself.
CREATE TABLE learned (
    account INTEGER NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    state   TEXT NOT NULL DEFAULT 'waiting',
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,
    text    TEXT NOT NULL,
    gesture INTEGER,
    -- the number of the pull that would have been next when it was first sent; 0: not sent yet
    attempt INTEGER NOT NULL DEFAULT 0,
    -- which of the gesture's actions this is (a share of)
    step    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX actions_account ON actions (account, id);
CREATE INDEX actions_gesture ON actions (gesture);

-- Which messages an action needs; effect 1: it changes how the row is shown.
CREATE TABLE action_messages (
    message INTEGER NOT NULL,
    action  INTEGER NOT NULL,
    effect  INTEGER NOT NULL,
    PRIMARY KEY (message, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_messages_action ON action_messages (action);

-- By what a message or folder that a wish names is found again after the cache was lost.
CREATE TABLE message_anchors (
    message     INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    folder_name TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    message_id  TEXT NOT NULL,
    size        INTEGER NOT NULL
) STRICT;
CREATE TABLE folder_anchors (
    folder  INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    name    TEXT NOT NULL
) STRICT;

-- One gesture of the user. inverse: a JSON list of [step, kind, body], what takes each of its actions back once it was carried.
CREATE TABLE gestures (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    text    TEXT NOT NULL,
    inverse TEXT NOT NULL,
    undone  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE drafts (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    saved   INTEGER NOT NULL,
    body    TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT 'open'
) STRICT;

CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    state   TEXT NOT NULL,
    due     INTEGER NOT NULL,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
