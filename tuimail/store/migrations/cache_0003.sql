-- Lists of a million messages: what a list needs comes from indexes alone, and a list tells whether it is still true.

-- Grows by one with each message that comes into the folder's list, leaves it, or joins another conversation in it.
ALTER TABLE folders ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

-- A message stands for its conversation where no newer one of it is shown in the folder: one look into messages_thread.
DROP INDEX messages_shown;
CREATE INDEX messages_shown ON messages (folder, hidden, date, id, thread);
DROP INDEX messages_thread;
CREATE INDEX messages_thread ON messages (thread, folder, hidden, date);
CREATE INDEX messages_unread ON messages (folder, date) WHERE hidden = 0 AND seen = 0;

DROP TRIGGER messages_inserted;
DROP TRIGGER messages_deleted;
DROP TRIGGER messages_left;
DROP TRIGGER messages_entered;
CREATE TRIGGER messages_inserted AFTER INSERT ON messages WHEN NEW.folder IS NOT NULL AND NOT NEW.hidden BEGIN
    UPDATE folders SET rows_total = rows_total + 1, rows_unread = rows_unread + NOT NEW.seen, changes = changes + 1
        WHERE id = NEW.folder;
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages WHEN OLD.folder IS NOT NULL AND NOT OLD.hidden BEGIN
    UPDATE folders SET rows_total = rows_total - 1, rows_unread = rows_unread - NOT OLD.seen, changes = changes + 1
        WHERE id = OLD.folder;
END;
CREATE TRIGGER messages_left AFTER UPDATE OF folder, flags, hidden ON messages
WHEN OLD.folder IS NOT NULL AND NOT OLD.hidden BEGIN
    UPDATE folders SET rows_total = rows_total - 1, rows_unread = rows_unread - NOT OLD.seen,
        changes = changes + (NEW.folder IS NOT OLD.folder OR NEW.hidden) WHERE id = OLD.folder;
END;
CREATE TRIGGER messages_entered AFTER UPDATE OF folder, flags, hidden ON messages
WHEN NEW.folder IS NOT NULL AND NOT NEW.hidden BEGIN
    UPDATE folders SET rows_total = rows_total + 1, rows_unread = rows_unread + NOT NEW.seen,
        changes = changes + (OLD.folder IS NOT NEW.folder OR OLD.hidden) WHERE id = NEW.folder;
END;
CREATE TRIGGER messages_joined AFTER UPDATE OF thread ON messages
WHEN NEW.thread <> OLD.thread AND NEW.folder IS NOT NULL AND NOT NEW.hidden BEGIN
    UPDATE folders SET changes = changes + 1 WHERE id = NEW.folder;
END;
