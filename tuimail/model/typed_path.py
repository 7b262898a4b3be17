# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as people write them."""

from pathlib import Path


def typed_path(text: str) -> Path:
    """``~`` and ``~ada`` stand for home folders; where nobody is called so, for themselves."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def home_folder() -> Path:
    """The user's, where it is known."""
    found = typed_path("~")
    return found if found.is_absolute() else Path.cwd()
