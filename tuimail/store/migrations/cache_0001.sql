-- What the server can tell again at any time.

CREATE TABLE folders (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    account           INTEGER NOT NULL,
    server_name       TEXT,
    server_subscribed INTEGER NOT NULL DEFAULT 1,
    name              TEXT,
    subscribed        INTEGER NOT NULL DEFAULT 1,
    waiting           INTEGER NOT NULL DEFAULT 0,
    delimiter         TEXT NOT NULL DEFAULT '',
    role              TEXT,
    selectable        INTEGER NOT NULL DEFAULT 1,
    mailbox_id        TEXT NOT NULL DEFAULT '',
    -- rows shown here, kept by triggers; messages on the server that have no row yet
    rows_total        INTEGER NOT NULL DEFAULT 0,
    rows_unread       INTEGER NOT NULL DEFAULT 0,
    unlisted_total    INTEGER NOT NULL DEFAULT 0,
    unlisted_unread   INTEGER NOT NULL DEFAULT 0,
    -- the cursor of the last pull
    uidvalidity       INTEGER,
    uidnext           INTEGER NOT NULL DEFAULT 1,
    highestmodseq     INTEGER,
    filled_from       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX folders_server_name ON folders (account, server_name) WHERE server_name IS NOT NULL;

-- server_folder NULL and limbo set: its UID vanished in that pull, and where it went is not known yet.
-- server_folder set and uid NULL: moved or copied there, the server did not say under which UID.
CREATE TABLE messages (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        INTEGER NOT NULL,
    server_folder  INTEGER,
    uid            INTEGER,
    server_flags   TEXT NOT NULL DEFAULT '',
    modseq         INTEGER,
    limbo          INTEGER,
    born           INTEGER NOT NULL DEFAULT 0,
    folder         INTEGER,
    flags          TEXT NOT NULL DEFAULT '',
    hidden         INTEGER NOT NULL DEFAULT 0,
    waiting        INTEGER NOT NULL DEFAULT 0,
    seen           INTEGER GENERATED ALWAYS AS (instr(flags, '\Seen') > 0) VIRTUAL,
    thread         INTEGER NOT NULL DEFAULT 0,
    date           INTEGER NOT NULL,
    arrived        INTEGER NOT NULL,
    size           INTEGER NOT NULL,
    has_date       INTEGER NOT NULL,
    message_id     TEXT NOT NULL,
    in_reply_to    TEXT NOT NULL,
    refs           TEXT NOT NULL,
    subject        TEXT NOT NULL,
    addresses      TEXT NOT NULL,
    bodystructure  BLOB NOT NULL,
    has_attachment INTEGER NOT NULL,
    snippet        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX messages_uid ON messages (server_folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX messages_unplaced ON messages (account, message_id) WHERE uid IS NULL;
CREATE INDEX messages_waiting ON messages (id) WHERE waiting;
CREATE INDEX messages_shown ON messages (folder, hidden, date, id);
CREATE INDEX messages_message_id ON messages (message_id);
CREATE INDEX messages_thread ON messages (thread);

CREATE TRIGGER messages_inserted AFTER INSERT ON messages WHEN NEW.folder IS NOT NULL AND NOT NEW.hidden BEGIN
    UPDATE folders SET rows_total = rows_total + 1, rows_unread = rows_unread + NOT NEW.seen WHERE id = NEW.folder;
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages WHEN OLD.folder IS NOT NULL AND NOT OLD.hidden BEGIN
    UPDATE folders SET rows_total = rows_total - 1, rows_unread = rows_unread - NOT OLD.seen WHERE id = OLD.folder;
END;
CREATE TRIGGER messages_left AFTER UPDATE OF folder, flags, hidden ON messages
WHEN OLD.folder IS NOT NULL AND NOT OLD.hidden BEGIN
    UPDATE folders SET rows_total = rows_total - 1, rows_unread = rows_unread - NOT OLD.seen WHERE id = OLD.folder;
END;
CREATE TRIGGER messages_entered AFTER UPDATE OF folder, flags, hidden ON messages
WHEN NEW.folder IS NOT NULL AND NOT NEW.hidden BEGIN
    UPDATE folders SET rows_total = rows_total + 1, rows_unread = rows_unread + NOT NEW.seen WHERE id = NEW.folder;
END;

-- Every Message-ID that is known or referred to (a 64-bit hash over account and id) → thread.
CREATE TABLE thread_ids (
    key    INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL
) STRICT;
CREATE INDEX thread_ids_thread ON thread_ids (thread);

CREATE TABLE bodies (
    message INTEGER NOT NULL,
    section TEXT NOT NULL,
    used    INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (message, section)
) STRICT;
CREATE INDEX bodies_used ON bodies (used);
CREATE TRIGGER messages_bodies AFTER DELETE ON messages BEGIN
    DELETE FROM bodies WHERE message = OLD.id;
END;

CREATE TABLE contacts (
    email    TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    written  INTEGER NOT NULL DEFAULT 0,
    received INTEGER NOT NULL DEFAULT 0,
    last     INTEGER NOT NULL DEFAULT 0
) STRICT;
