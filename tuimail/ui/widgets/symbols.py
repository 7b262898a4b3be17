# SPDX-License-Identifier: GPL-3.0-or-later
"""The signs that the widgets draw, each one column wide, and what stands for them where only ASCII is safe."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tuimail.model.folder import FolderRole


@dataclass(frozen=True, slots=True)
class Symbols:
    """One set of signs."""

    cursor: str = "▌"
    cursor_blurred: str = "▏"
    """The cursor of a pane that has not the focus."""
    mark: str = "✓"
    unread: str = "●"
    star: str = "★"
    answered: str = "↩"
    forwarded: str = "→"
    attachment: str = "⊞"
    waiting: str = "↑"
    quote: str = "▎"
    folded: str = "▸"
    unfolded: str = "▾"
    branch: str = "└"
    placeholder: str = "·"
    ellipsis: str = "…"
    separator: str = "·"
    online: str = "●"
    offline: str = "○"
    busy: str = "◐"
    broken: str = "✗"
    warning: str = "⚠"
    folder: str = "▪"
    roles: Mapping[FolderRole, str] = field(
        default_factory=lambda: {
            FolderRole.INBOX: "▣",
            FolderRole.FLAGGED: "★",
            FolderRole.DRAFTS: "✎",
            FolderRole.SENT: "↗",
            FolderRole.ARCHIVE: "▤",
            FolderRole.JUNK: "⊘",
            FolderRole.TRASH: "×",
            FolderRole.ALL: "≡",
        }
    )
    outbox: str = "↑"
    all_unread: str = "●"


UNICODE = Symbols()
ASCII = Symbols(
    cursor=">",
    cursor_blurred=".",
    mark="x",
    unread="*",
    star="!",
    answered="r",
    forwarded="f",
    attachment="@",
    waiting="^",
    quote="|",
    folded="+",
    unfolded="-",
    branch="`",
    placeholder=".",
    ellipsis="~",
    separator="-",
    online="*",
    offline="o",
    busy="~",
    broken="x",
    warning="!",
    folder=" ",
    roles={
        FolderRole.INBOX: "I",
        FolderRole.FLAGGED: "!",
        FolderRole.DRAFTS: "D",
        FolderRole.SENT: "S",
        FolderRole.ARCHIVE: "A",
        FolderRole.JUNK: "J",
        FolderRole.TRASH: "T",
        FolderRole.ALL: "=",
    },
    outbox="^",
    all_unread="*",
)
