# SPDX-License-Identifier: GPL-3.0-or-later
"""On which line of a TOML text a key stands: parsers keep no lines, and an error that names none is hard to find. Pure."""

import re

KeyPath = tuple[str, ...]

_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")
_INLINE = re.compile(rf"[{{,]\s*({_DOTTED})\s*=")
_LONG_STRING = re.compile(r'"""|\'\'\'')


class Lines:
    """Line numbers by key path, from 1."""

    def __init__(self, text: str) -> None:
        self._found: dict[KeyPath, int] = {}
        table: KeyPath = ()
        inside = ""
        for number, line in enumerate(text.splitlines(), 1):
            if not inside and (header := _HEADER.match(line)):
                table = _split(header[1])
                self._found.setdefault(table, number)
            elif not inside and (assignment := _ASSIGNMENT.match(line)):
                path = (*table, *_split(assignment[1]))
                self._found.setdefault(path, number)
                for inline in _INLINE.finditer(line, assignment.end()):
                    self._found.setdefault((*path, *_split(inline[1])), number)
            for mark in _LONG_STRING.findall(line):
                inside = "" if inside == mark else inside or mark

    def of(self, path: KeyPath) -> int:
        """The line of a key, else of the nearest table around it; 1 when there is none."""
        while path:
            if path in self._found:
                return self._found[path]
            path = path[:-1]
        return 1


def written(path: KeyPath) -> str:
    """A key path as TOML writes it."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in path)


def _split(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))
