# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that exists nowhere else: its folders, numbers and files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tuimail.model.flags import DELETED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId
from tuimail.model.uidset import UidSet
from tuimail.store.local_mail import FOLDERS, LocalFolder, LocalMail
from tuimail.store.store import Store


class Box:
    """The local mail of one account."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder)
        self.account: AccountId = self.store.accounts.ensure("pop")
        self.local: LocalMail = self.store.local_mail
        self.local.ensure(self.account)

    def folder(self, name: str = "INBOX") -> LocalFolder:
        """As it is now."""
        found = self.local.folder(self.account, name)
        assert found is not None, name
        return found

    def add(self, *texts: bytes) -> list[int]:
        """New messages in the inbox; their UIDs."""
        files = self.local.keep(self.account, texts)
        return [self.local.add(self.folder().id, file, 1, frozenset(), 1) for file in files]

    def texts(self, name: str = "INBOX") -> dict[int, bytes]:
        """UID → octets."""
        folder = self.folder(name).id
        found = self.local.messages(folder, self.local.uids(folder))
        return {one.uid: self.local.files.read(one.file) for one in found}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.store.close()


def test_a_new_mailbox_has_the_usual_folders_once(box: Box) -> None:
    box.local.ensure(box.account)
    found = box.local.folders(box.account)
    assert [(folder.name, folder.role) for folder in found] == list(FOLDERS)
    assert len({folder.uidvalidity for folder in found}) == len(found)


def test_a_role_is_given_once(box: Box) -> None:
    box.local.create(box.account, "More", FolderRole.SENT)
    box.local.create(box.account, "More", FolderRole.SENT)
    assert box.folder("More").role is None
    assert box.folder("Sent").role is FolderRole.SENT


def test_uids_rise_and_are_never_given_again(box: Box) -> None:
    assert box.add(b"one", b"two") == [1, 2]
    box.local.expunge(box.folder().id, UidSet.of([2]))
    assert box.add(b"three") == [3]
    assert box.folder().uidnext == 4
    assert box.texts() == {1: b"one", 3: b"three"}


def test_every_change_raises_the_mod_sequence(box: Box) -> None:
    box.add(b"one", b"two")
    before = box.folder().modseq
    box.local.set_flags(box.folder().id, UidSet.of([1, 2]), frozenset({SEEN}), frozenset())
    box.local.set_flags(box.folder().id, UidSet.of([1]), frozenset({SEEN}), frozenset())
    assert [one.uid for one in box.local.changed_since(box.folder().id, before)] == [1, 2]
    after = box.folder().modseq
    box.local.expunge(box.folder().id, UidSet.of([1]))
    assert before < after < box.folder().modseq
    assert box.local.counts(box.folder().id) == (1, 0)


def test_moved_messages_get_new_uids_and_keep_their_flags(box: Box) -> None:
    box.add(b"one", b"two")
    box.local.set_flags(box.folder().id, UidSet.of([2]), frozenset({SEEN}), frozenset())
    assert box.local.move(box.folder().id, UidSet.of([2, 9]), box.folder("Archive").id) == {2: 1}
    (moved,) = box.local.messages(box.folder("Archive").id, [1])
    assert moved.flags == {SEEN}
    assert (box.texts(), box.texts("Archive")) == ({1: b"one"}, {1: b"two"})


def test_a_file_is_kept_for_as_long_as_a_copy_needs_it(box: Box) -> None:
    box.add(b"one")
    box.local.copy(box.folder().id, UidSet.of([1]), box.folder("Archive").id)
    assert box.local.expunge(box.folder().id, UidSet.of([1])) == []
    assert box.texts("Archive") == {1: b"one"}
    (copy,) = box.local.messages(box.folder("Archive").id, [1])
    assert box.local.remove_folder(box.folder("Archive").id) == [copy.file]


def test_expunging_without_numbers_takes_what_is_marked(box: Box) -> None:
    box.add(b"one", b"two")
    box.local.set_flags(box.folder().id, UidSet.of([1]), frozenset({DELETED}), frozenset())
    assert len(box.local.expunge(box.folder().id)) == 1
    assert box.texts() == {2: b"two"}


def test_a_message_takes_the_place_of_its_header_in_every_copy(box: Box) -> None:
    (header, whole) = box.local.files.write_all([b"header", b"whole"])
    box.local.add(box.folder().id, header, 5, frozenset(), 1, whole=False)
    box.local.copy(box.folder().id, UidSet.of([1]), box.folder("Archive").id)
    box.local.complete(header, whole)
    assert (box.texts(), box.texts("Archive")) == ({1: b"whole"}, {1: b"whole"})
    assert all(one.whole for one in box.local.with_file(whole))


def test_folders_below_are_renamed_along(box: Box) -> None:
    for name in ("Maps", "Maps/Old", "Mapsmith"):
        box.local.create(box.account, name)
    box.local.rename(box.account, "Maps", "Charts/Sea", "/")
    names = {folder.name for folder in box.local.folders(box.account)} - {name for name, _ in FOLDERS}
    assert names == {"Charts/Sea", "Charts/Sea/Old", "Mapsmith"}


def test_messages_survive_the_loss_of_their_rows(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.add(b"one", b"two")
    box.local.keep(box.account, [b"a header"], whole=False)
    box.store.close()
    for file in tmp_path.glob("own.sqlite-*"):
        file.unlink()
    (tmp_path / "own.sqlite").write_bytes(b"no database" * 1000)
    box = Box(tmp_path)
    assert "2 messages whose folder is not known any more are in the inbox" in box.store.repaired
    assert sorted(box.texts().values()) == [b"one", b"two"]
    assert box.folder().uidnext > max(box.texts())
    assert {folder.name for folder in box.local.folders(box.account)} == {name for name, _ in FOLDERS}
    box.store.close()


def test_accounts_do_not_see_each_other(box: Box) -> None:
    other = box.store.accounts.ensure("another")
    box.local.ensure(other)
    box.add(b"one")
    theirs = box.local.folder(other, "INBOX")
    assert theirs is not None
    assert not box.local.uids(theirs.id)
