# SPDX-License-Identifier: GPL-3.0-or-later
r"""Flags in FETCH responses. ``\Recent``, which IMAP4rev2 dropped, is left out."""

from tuimail.model.flags import Flags, canonical
from tuimail.model.remember import remember
from tuimail.model.text import safe_line


@remember(4096)
def flag_set(words: bytes) -> Flags:
    """Flags as they stand between the parentheses."""
    return frozenset(map(flag, words.split())) - {"\\Recent"}


def flag(word: bytes) -> str:
    """One flag, its name in the RFC's spelling and safe to show."""
    name = safe_line(word.decode("utf-8", "replace"), limit=200)
    return "\\Recent" if name.lower() == "\\recent" else canonical(name)
