# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench takes for a list that is complete."""

from pathlib import Path

from tests.bench.stored import Stored
from tests.store.mailbox import mail
from tuimail.model.folder import FolderRole
from tuimail.store.folders import Cursor, ListedFolder
from tuimail.store.store import Store


def test_a_folder_counts_once_it_was_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    store = Store.open(tmp_path / "data")
    account = store.accounts.ensure("bench")
    store.folders.apply_listing(
        account, [ListedFolder("INBOX", "", FolderRole.INBOX, subscribed=True, selectable=True)], {}, ()
    )
    inbox = store.folders.on_server(account)["INBOX"].id
    store.folders.set_cursor(inbox, Cursor(1, 3, 1, 2))
    stored = Stored(tmp_path)
    store.arrivals.insert(account, inbox, [mail(2)], store.next_pull())
    assert (stored.latest(), stored.listed()) == (1, 0)
    store.arrivals.insert(account, inbox, [mail(1)], store.next_pull())
    store.folders.filled(inbox, 1, 1)
    assert (stored.latest(), stored.listed()) == (2, 2)
    store.close()
