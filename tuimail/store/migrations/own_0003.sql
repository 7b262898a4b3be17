-- The mailbox of an account whose server keeps none (POP3). Once a message is deleted there, it exists nowhere else; its octets are
-- files in the folder "mail" beside this one.

CREATE TABLE local_folders (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    role        TEXT,
    subscribed  INTEGER NOT NULL DEFAULT 1,
    uidvalidity INTEGER NOT NULL,
    uidnext     INTEGER NOT NULL DEFAULT 1,
    modseq      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX local_folders_name ON local_folders (account, name);

-- whole 0: the file holds the header only. size is what the server told, and never changes.
CREATE TABLE local_messages (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    folder  INTEGER NOT NULL,
    uid     INTEGER NOT NULL,
    modseq  INTEGER NOT NULL,
    flags   TEXT NOT NULL,
    arrived INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    file    TEXT NOT NULL,
    whole   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX local_messages_uid ON local_messages (folder, uid);
CREATE INDEX local_messages_file ON local_messages (file);

-- What is on a POP3 server and known here. file: that of the local message.
-- stored 1: it was safely on disk as a whole, so that it may be deleted on the server; 2: it was asked to delete it.
-- gone: since when it is missing there, in seconds since 1970; 0: it is there.
CREATE TABLE pop3_messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL,
    identity    TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    file        TEXT NOT NULL,
    size        INTEGER NOT NULL,
    stored      INTEGER NOT NULL DEFAULT 0,
    gone        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX pop3_messages_identity ON pop3_messages (account, identity);
