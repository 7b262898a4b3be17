# SPDX-License-Identifier: GPL-3.0-or-later
"""What may never come out: text that steers a terminal, and sequences on the terminal that the program did not write."""

import re
from collections.abc import Iterable

from tests.pty.sequences import OWN

_UNSAFE = "\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029"
_IN_TEXT = re.compile(f"[{_UNSAFE}]")
_IN_LINE = re.compile(f"[\n{_UNSAFE}]")
_ON_TERMINAL = re.compile(
    rb"[\x00-\x07\x0b\x0c\x0e\x10-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
)


class Unsafe(AssertionError):
    """Something came out that may steer a terminal, or a file where none belongs."""


def clean(what: str, texts: Iterable[str], *, text: bool = False) -> None:
    """Every one of these may be shown; ``text`` may have several lines."""
    for one in texts:
        if found := (_IN_TEXT if text else _IN_LINE).search(one):
            raise Unsafe(f"{what}: {found[0]!r} at {found.start()} of {len(one)} characters")


def clean_output(what: str, data: bytes) -> None:
    """A terminal may get this: the program's own sequences, and printable text."""
    rest = OWN.sub(b"", data)
    if found := _ON_TERMINAL.search(rest):
        raise Unsafe(f"{what}: {found[0]!r} in {rest[max(0, found.start() - 20) : found.end() + 20]!r}")
