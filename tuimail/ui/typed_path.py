# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as people type them."""

from pathlib import Path


def typed_path(text: str) -> Path:
    """``~`` and ``~ada`` stand for home folders; where nobody is called so, for themselves."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path
