-- Keys of threads that a first fill has found lately. In thread_ids they lie all over the file, and most of what each of its
-- transactions wrote were those pages. From here they go there many at a time, in order. A key is in one of the two tables.

CREATE TABLE thread_ids_new (
    key    INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL
) STRICT;
CREATE INDEX thread_ids_new_thread ON thread_ids_new (thread);
