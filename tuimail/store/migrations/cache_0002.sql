-- Search over everything that is here, texts that came in pieces, and which messages' texts are here.

-- A message's key: its date, held within 33 bits, above 30 bits of its id. Rowids in descending order are messages from the
-- newest on, so the first of many results need no sorting; and the id needs no looking up. A message's date never changes.
-- Two letters have an index of their own, because every word that begins so would have to be merged. Merging of segments is
-- left to the indexer: SQLite's own would make one commit in a hundred last ten times as long.
CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, text,
    content = '', contentless_delete = 1, prefix = '2',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('crisismerge', 1000);

-- Messages whose entry does not say (yet) what is here. turn: grows when there is something new while the indexer reads.
CREATE TABLE search_todo (
    key  INTEGER PRIMARY KEY,
    turn INTEGER NOT NULL
) STRICT;
INSERT INTO search_todo SELECT min(max(date, 0), 8589934591) << 30 | id, 1 FROM messages;

-- parts: how many texts of a message are cached, all of those that the reader shows; 0: it has none; -1: not fetched unasked.
CREATE TABLE texts (
    message INTEGER PRIMARY KEY,
    parts   INTEGER NOT NULL
) STRICT;

-- The beginning of a large section whose transfer was interrupted, still encoded.
CREATE TABLE pieces (
    message INTEGER NOT NULL,
    section TEXT NOT NULL,
    start   INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (message, section, start)
) STRICT;

-- kind, charset: as the structure of the message tells. packed: compressed by zlib; size is what it takes here.
ALTER TABLE bodies ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE bodies ADD COLUMN charset TEXT NOT NULL DEFAULT '';
ALTER TABLE bodies ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
DROP INDEX bodies_used;
CREATE INDEX bodies_used ON bodies (used, size);

CREATE TRIGGER messages_search_new AFTER INSERT ON messages BEGIN
    INSERT INTO search_todo VALUES (min(max(NEW.date, 0), 8589934591) << 30 | NEW.id, 1)
        ON CONFLICT (key) DO UPDATE SET turn = turn + 1;
END;
CREATE TRIGGER messages_search_gone AFTER DELETE ON messages BEGIN
    INSERT INTO search_todo VALUES (min(max(OLD.date, 0), 8589934591) << 30 | OLD.id, 1)
        ON CONFLICT (key) DO UPDATE SET turn = turn + 1;
    DELETE FROM texts WHERE message = OLD.id;
    DELETE FROM pieces WHERE message = OLD.id;
END;
CREATE TRIGGER bodies_search_new AFTER INSERT ON bodies WHEN NEW.section <> 'HEADER' BEGIN
    INSERT INTO search_todo SELECT min(max(date, 0), 8589934591) << 30 | id, 1 FROM messages WHERE id = NEW.message
        ON CONFLICT (key) DO UPDATE SET turn = turn + 1;
END;
CREATE TRIGGER bodies_search_gone AFTER DELETE ON bodies WHEN OLD.section <> 'HEADER' BEGIN
    INSERT INTO search_todo SELECT min(max(date, 0), 8589934591) << 30 | id, 1 FROM messages WHERE id = OLD.message
        ON CONFLICT (key) DO UPDATE SET turn = turn + 1;
    DELETE FROM texts WHERE message = OLD.message;
END;
CREATE TRIGGER bodies_search_renamed AFTER UPDATE OF message ON bodies WHEN NEW.section <> 'HEADER' BEGIN
    INSERT INTO search_todo
        SELECT min(max(date, 0), 8589934591) << 30 | id, 1 FROM messages WHERE id IN (OLD.message, NEW.message)
        ON CONFLICT (key) DO UPDATE SET turn = turn + 1;
    UPDATE OR REPLACE texts SET message = NEW.message WHERE message = OLD.message;
END;
