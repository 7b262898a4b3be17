# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown is what the server has with the waiting actions on top."""

from tuimail.model.action import Copy, CreateFolder, DeleteFolder, Expunge, Move, RenameFolder, SetFlags, Subscribe
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.overlay import FolderState, MessageState, new_name, shown, shown_folders

ONE = (MessageId(1),)
INBOX, ARCHIVE, TRASH = FolderId(1), FolderId(2), FolderId(3)
ON_SERVER = MessageState(INBOX, frozenset({SEEN}))


def test_nothing_waiting_shows_the_server() -> None:
    assert shown(ON_SERVER, ()) == ON_SERVER


def test_actions_are_folded_oldest_first() -> None:
    actions = (SetFlags(ONE, add=frozenset({FLAGGED}), remove=frozenset({SEEN})), Move(ONE, ARCHIVE), Move(ONE, TRASH))
    assert shown(ON_SERVER, actions) == MessageState(TRASH, frozenset({FLAGGED}))


def test_flags_set_elsewhere_stay() -> None:
    state = MessageState(INBOX, frozenset({"$Label1"}))
    assert shown(state, (SetFlags(ONE, add=frozenset({SEEN})),)).flags == {"$Label1", SEEN}


def test_hidden_when_deleted_or_nowhere() -> None:
    assert shown(ON_SERVER, (Expunge(ONE),)).hidden
    assert shown(ON_SERVER, (SetFlags(ONE, add=frozenset({DELETED})),)).hidden
    assert shown(MessageState(None, frozenset()), ()).hidden
    assert not shown(MessageState(None, frozenset()), (Copy(ONE, ARCHIVE, ONE),)).hidden


def test_folders_are_renamed_with_all_below_them() -> None:
    server = {
        INBOX: FolderState("a", True, "/"),
        ARCHIVE: FolderState("a/b", True, "/"),
        TRASH: FolderState("ab", False, "/"),
    }
    folded = shown_folders(server, (RenameFolder(INBOX, "a", "x/y"), Subscribe(TRASH, True)))
    assert [state.name for state in folded.values()] == ["x/y", "x/y/b", "ab"]
    assert [state.waiting for state in folded.values()] == [True, True, False]
    assert folded[TRASH].subscribed


def test_folders_come_and_go() -> None:
    server = {INBOX: FolderState(None, False, "/"), ARCHIVE: FolderState("old", True, "/")}
    folded = shown_folders(server, (CreateFolder(INBOX, "new"), DeleteFolder(ARCHIVE)))
    assert (folded[INBOX].name, folded[INBOX].subscribed) == ("new", True)
    assert folded[ARCHIVE].name is None
    assert server[ARCHIVE].name == "old"


def test_new_name_moves_descendants_only() -> None:
    assert new_name("a.b", ".", "a", "c") == "c.b"
    assert new_name("ab", ".", "a", "c") == "ab"
    assert new_name("a.b", "", "a", "c") == "a.b"
    assert new_name(None, ".", "a", "c") is None
