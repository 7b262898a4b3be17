# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as people type them."""

import re
from pathlib import Path

_ANEW = re.compile(r".*/(?=[/~])", re.DOTALL)
"""What stands before a path that begins anew."""


def last_path(text: str) -> str:
    """What a whole path means that was typed behind one that stood there: ``/home/ada//tmp`` is ``/tmp``, as in Emacs."""
    return _ANEW.sub("", text)


def typed_path(text: str) -> Path:
    """``~`` and ``~ada`` stand for home folders; where nobody is called so, for themselves."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def where_started() -> Path:
    """The folder that the program was started in; that of the user, where it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()
