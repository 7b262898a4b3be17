# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognises file names in pasted text: terminals paste the paths of files that are dropped on them."""

import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tuimail.model.typed_path import typed_path

_LONGEST = 10_000
_MOST = 50


def pasted_files(text: str) -> tuple[Path, ...]:
    """The files that a pasted text consists of; empty unless every word or line of it is the absolute path of one."""
    text = text.strip()
    if not text or len(text) > _LONGEST or not text.startswith(("/", "~", "'", '"', "file://")):
        return ()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _files(lines) or _files(_words(text))


def _words(text: str) -> list[str]:
    """As a shell would read them: terminals quote or escape the blanks in names."""
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _files(names: list[str]) -> tuple[Path, ...]:
    if not 0 < len(names) <= _MOST:
        return ()
    found = tuple(map(_path, names))
    return found if all(path.is_absolute() and _is_file(path) for path in found) else ()


def _path(name: str) -> Path:
    if name.startswith("file://"):
        name = unquote(urlsplit(name).path)
    return typed_path(name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
