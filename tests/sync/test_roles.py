# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folder is for what."""

import pytest

from tuimail.backends.port import FolderListing
from tuimail.model.folder import FolderRole
from tuimail.sync.roles import assign_roles, default_name


def listing(name: str, role: FolderRole | None = None, delimiter: str = "/", *, selectable: bool = True) -> FolderListing:
    return FolderListing(name, delimiter, role, selectable=selectable)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Sent Items", FolderRole.SENT),
        ("Gesendet", FolderRole.SENT),
        ("ENVOYÉS", FolderRole.SENT),
        ("Envoye\u0301s", FolderRole.SENT),
        ("INBOX/Sent", FolderRole.SENT),
        ("[Gmail]/Papelera", FolderRole.TRASH),
        ("Gelöschte Elemente", FolderRole.TRASH),
        ("迷惑メール", FolderRole.JUNK),
        ("Черновики", FolderRole.DRAFTS),
        ("Archiv", FolderRole.ARCHIVE),
        ("INBOX", FolderRole.INBOX),
    ],
)
def test_names_in_many_languages(name: str, role: FolderRole) -> None:
    assert assign_roles([listing(name)]) == {name: role}


def test_what_the_server_says_wins_over_names() -> None:
    folders = [listing("Sent"), listing("Outgoing", FolderRole.SENT)]
    assert assign_roles(folders) == {"Outgoing": FolderRole.SENT}


def test_each_role_once() -> None:
    folders = [listing("Trash"), listing("Deleted Items"), listing("Spam"), listing("Junk")]
    assert assign_roles(folders) == {"Trash": FolderRole.TRASH, "Spam": FolderRole.JUNK}


def test_a_folder_far_below_or_only_for_folders_gets_none() -> None:
    assert assign_roles([listing("Work/2020/Sent"), listing("Trash", selectable=False)]) == {}


def test_default_names_follow_the_namespace() -> None:
    assert default_name(FolderRole.SENT, ["INBOX", "INBOX.Work"], ".") == "INBOX.Sent"
    assert default_name(FolderRole.SENT, ["INBOX", "Work"], "/") == "Sent"
    assert default_name(FolderRole.ARCHIVE, ["INBOX"], ".") == "Archive"
