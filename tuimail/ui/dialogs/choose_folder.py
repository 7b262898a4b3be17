# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder, found by some letters of its name."""

from collections.abc import Mapping, Sequence

from tuimail.model.folder import Folder
from tuimail.model.ids import AccountId, FolderId
from tuimail.ui.dialogs.choose import Choose
from tuimail.ui.widgets.choice_list import Choice
from tuimail.ui.widgets.tree_entries import ROLE_ORDER


class ChooseFolder(Choose[FolderId]):
    """Answers with the folder's id, None for escape."""

    def __init__(
        self,
        folders: Sequence[Folder],
        title: str = "Choose a folder",
        *,
        accounts: Mapping[AccountId, str] | None = None,
        first: FolderId | None = None,
    ) -> None:
        """``accounts``: names that tell apart folders of several accounts. ``first``: offered before all others."""
        ordered = sorted(folders, key=lambda folder: (folder.id != first, _rank(folder), folder.name.casefold()))
        choices = [(Choice(_name(folder), (accounts or {}).get(folder.account, "")), folder.id) for folder in ordered]
        super().__init__(title, choices, filter=True)


def _rank(folder: Folder) -> int:
    return ROLE_ORDER.index(folder.role) if folder.role is not None else len(ROLE_ORDER)


def _name(folder: Folder) -> str:
    return " / ".join(folder.levels)
