-- Folders with older messages that are still to be fetched: after each of them the next one is asked for.
CREATE INDEX folders_unfilled ON folders (account, role) WHERE filled_from > 1;
