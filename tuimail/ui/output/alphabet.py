# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells as characters: a row of the screen is a string that has exactly one character for each column.

A character that surely takes one column stands for itself. Everything else, wide or made of several code points, gets a sign
of its own from the private planes, and a wide one is followed by `CONTINUES`. So rows can be compared, cut and searched as
strings.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from tuimail.model.width import CellSpan, cell_len, split_graphemes

CONTINUES = "\U0010fffe"
"""The second column of the wide character before it."""
UNKNOWN = "\U0010ffff"
"""A column of which nobody knows what it shows."""
_AGREED, _DOUBTFUL, _PERHAPS_WIDE, _DOUBTFUL_WIDE = 0xF0000, 0x100000, 0x104000, 0x108000
"""First signs of wide clusters on whose width terminals agree, of narrow ones that some draw wide, and of others on which they
disagree, narrow and wide.
"""
_SIGNS = 0x3FF0
"""Signs of each kind."""
_WIDE = "\U000f0000-\U000fffff\U00108000-\U0010fffd"

_PLAIN = (
    "\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20bf\u2190-\u22ff\u2500-\u25fc\u2605\u2606\u2713-\u2718\u2800-\u28ff"
)
_NOT_PLAIN = re.compile(f"[^{_PLAIN}]")
_WIDE_EVERYWHERE = re.compile(
    "[\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4c6\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003fffd]"
)
_NEVER = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What is not text: C0, C1, line separators, bidi controls (UAX #9), lone surrogates."""
_SIGN = re.compile(f"[{chr(_AGREED)}-{CONTINUES}]")
_DOUBTFUL_RUN = re.compile(f"[\U00100000-\U00103fff]+|[\U00104000-\U0010fffd]{CONTINUES}?")
_JOINER = "\u200d"
"""ZERO WIDTH JOINER: what follows it belongs to what stands before (UAX #29 §3.1.1)."""
_FLAG = re.compile(f"(?<!{_JOINER})[\U0001f1e6-\U0001f1ff]{{2}}")
"""Two regional indicators; Rich measures each by itself."""
_SYMBOL = re.compile("[\u2190-\u2bff\U0001f000-\U0001ffff]")
"""Signs that some terminals draw in two columns, halves of flags among them."""
_SPACING, _NO_SPACE = "Mc", ("Mn", "Me", "Cf")
"""Categories of marks: those that some terminals give a column, and those that none does."""
_HALF = re.compile(f"[{_WIDE}](?!{CONTINUES})|(?<![{_WIDE}]){CONTINUES}")


def is_single(cells: str) -> bool:
    """Whether every column is a character of its own."""
    return cells.isascii() or not _SIGN.search(cells)


def without_halves(cells: str) -> str:
    """Cells with blanks for wide characters of which only one column is left."""
    return cells if is_single(cells) else _HALF.sub(" ", cells)


class Run(NamedTuple):
    """Cells after which a terminal may stand in another column than we think."""

    start: int
    end: int
    reach: int
    """The column after the last that a terminal may draw on which does not join what belongs together."""


class TableFull(Exception):
    """There are no signs left: the stage has to begin anew."""


class Alphabet:
    """The signs that were given so far."""

    def __init__(self) -> None:
        self._signs: dict[str, str] = {}
        self._clusters: dict[str, str] = {CONTINUES: "", UNKNOWN: " "}
        self._given = dict.fromkeys((_AGREED, _DOUBTFUL, _PERHAPS_WIDE, _DOUBTFUL_WIDE), 0)
        self._more: dict[str, int] = {}
        """Columns that a terminal may give a sign beyond those that it has here."""
        self._known: dict[str, str] = {}

    def cells(self, text: str) -> str:
        """One character for each column of a text. Controls of terminals and of bidi are left out. Raises TableFull."""
        if text.isascii() and text.isprintable():
            return text
        known = self._known.get(text)
        if known is None:
            if len(self._known) > 4096:
                self._known.clear()
            known = self._known[text] = text if not _NOT_PLAIN.search(text) else self._spelled(text)
        return known

    def text(self, cells: str) -> str:
        """What to send for cells."""
        return cells if cells.isascii() else _SIGN.sub(self._cluster, cells)

    def runs(self, cells: str) -> list[Run]:
        """The doubtful cells, from left to right: each cluster by itself of which a terminal may make more or fewer columns."""
        return [
            Run(start, end, min(end + self._more.get(found[0][0], 0), len(cells)))
            for found in _DOUBTFUL_RUN.finditer(cells)
            for start, end in (found.span(),)
        ]

    def _cluster(self, found: re.Match[str]) -> str:
        return self._clusters[found[0]]

    def _spelled(self, text: str) -> str:
        return "".join(self._sign(text[start:end], width) for start, end, width in clusters(text) if width)

    def _sign(self, cluster: str, width: int) -> str:
        cluster = _NEVER.sub("", cluster)
        if not cluster:
            return " " * width
        if width == 1 and len(cluster) == 1 and not _NOT_PLAIN.search(cluster):
            return cluster
        sign = self._signs.get(cluster)
        if sign is None:
            sign = self._signs[cluster] = self._made(cluster, width)
            self._clusters[sign] = cluster
        return sign + CONTINUES * (width - 1)

    def _made(self, cluster: str, width: int) -> str:
        """A new sign."""
        if width == 2 and len(cluster) == 1 and _WIDE_EVERYWHERE.match(cluster):
            return self._new(_AGREED)
        more = max(sum(map(_most, cluster)) - width, 0)
        sign = self._new(_DOUBTFUL_WIDE if width == 2 else _PERHAPS_WIDE if more else _DOUBTFUL)
        if more:
            self._more[sign] = more
        return sign

    def _new(self, kind: int) -> str:
        if self._given[kind] >= _SIGNS:
            raise TableFull
        self._given[kind] += 1
        return chr(kind + self._given[kind] - 1)


def clusters(text: str) -> Iterator[CellSpan]:
    """Where each cluster begins and ends, and its columns. Rich makes two of a flag."""
    at = 0
    for flag in _FLAG.finditer(text):
        start, end = flag.span()
        yield from _spans(text, at, start)
        yield start, end, 2
        at = end
    yield from _spans(text, at, len(text))


def _spans(text: str, start: int, end: int) -> Iterator[CellSpan]:
    while text.startswith(_JOINER, start, end):  # what it joined was cut off: Rich measures both as nothing
        start += 2
    return ((start + low, start + high, width) for low, high, width in split_graphemes(text[start:end])[0])


def _most(char: str) -> int:
    """Columns that a terminal gives a code point at most, were it alone."""
    category = unicodedata.category(char)
    if category in _NO_SPACE:
        return 0
    if category == _SPACING:
        return 1
    return 2 if _SYMBOL.match(char) or unicodedata.east_asian_width(char) == "A" else cell_len(char)
