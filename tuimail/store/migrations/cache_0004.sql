-- An index over Message-IDs is written all over the place: most of what a first fill writes was its pages. Messages that may be
-- one that vanished are found by the pull that brought them, a message by its id through thread_ids.

DROP INDEX messages_message_id;
CREATE INDEX messages_born ON messages (account, born);
