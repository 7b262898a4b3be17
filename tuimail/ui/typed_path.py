# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths while people type them."""

import re
from pathlib import Path

from tuimail.model.typed_path import home_folder

_ANEW = re.compile(r".*/(?=[/~])", re.DOTALL)
"""What stands before a path that begins anew."""


def last_path(text: str) -> str:
    """What a whole path means that was typed behind one that stood there: ``/home/ada//tmp`` is ``/tmp``, as in Emacs."""
    return _ANEW.sub("", text)


def where_started() -> Path:
    """The folder that the program was started in; that of the user, where it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return home_folder()
