# SPDX-License-Identifier: GPL-3.0-or-later
"""The generic tokenizer: any parenthesised data, tolerant, without recursion, limited in depth."""

import re

from tuimail.backends.imap.wire.splitter import Unit

Value = bytes | None | list["Value"]
"""A string or atom, NIL, or a list."""

MAX_DEPTH = 100
_TOKEN = re.compile(
    rb"""[\s\0]*+(?:
        (\() | (\)) |
        "((?:[^"\\]|\\.)*+)" |
        ((?:BODY|BINARY)(?:\.[A-Z]++)?+\[[^\]]{0,2000}+\](?:<\d++>)?+ | [^\s()"\0]++)
    )""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class Malformed(ValueError):
    """Data that does not follow IMAP's grammar."""


def unescape(quoted: bytes) -> bytes:
    """The content of a quoted string, which is given without its quotes."""
    return _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted


def tokens(unit: Unit) -> list[Value]:
    """Everything in a unit, nested as its parentheses are. Raises Malformed."""
    top: list[Value] = []
    stack = [top]
    for number, piece in enumerate(unit):
        if number % 2:
            stack[-1].append(piece)
        else:
            _read(piece, stack)
    if len(stack) != 1:
        raise Malformed("a parenthesis is not closed")
    return top


def _read(text: bytes, stack: list[list[Value]]) -> None:
    at, end = 0, len(text.rstrip(b" \t\r\n\0"))
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed("a quoted string is not closed")
        at = match.end()
        kind = match.lastindex
        if kind == 1:
            if len(stack) > MAX_DEPTH:
                raise Malformed("nested too deeply")
            inner: list[Value] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif kind == 2:
            if len(stack) == 1:
                raise Malformed("a parenthesis closes nothing")
            stack.pop()
        elif kind == 3:
            stack[-1].append(unescape(match[3]))
        else:
            stack[-1].append(None if match[4].upper() == b"NIL" else match[4])
