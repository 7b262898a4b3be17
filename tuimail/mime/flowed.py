# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing text/plain as format=flowed (RFC 3676), so that it looks right on a telephone and in a terminal alike."""

import re

WIDTH = 72
_QUOTE = re.compile(r"(>(?: ?>)*) ?(.*)", re.DOTALL)
_WORDS = re.compile(r"[^ ]+ *")


def encode(text: str) -> str:
    """The text with soft line breaks (a blank before the break) at 72 characters, lines ended by ``\\n``.

    A quoted line is broken too, its marks repeated. Text that begins with a blank is left as it is: code and tables.
    """
    return "\n".join(piece for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for piece in _line(line))


def _line(line: str) -> list[str]:
    if line == "-- ":  # the signature's mark (RFC 3676 §4.3)
        return [line]
    line = line.rstrip(" ")
    quote = _QUOTE.fullmatch(line)
    if quote:
        marks = quote[1].replace(" ", "")
        return [f"{marks} {piece}" for piece in _broken(quote[2], WIDTH - len(marks) - 1)] if quote[2] else [marks]
    return [_stuffed(piece) for piece in _broken(line, WIDTH)]


def _broken(text: str, width: int) -> list[str]:
    """``text`` in pieces of at most ``width`` characters where blanks allow; all but the last end with a blank.

    No piece is the mark of a signature.
    """
    if len(text) <= width or text.startswith((" ", "\t")):
        return [text]
    pieces = [""]
    for word in _WORDS.findall(text):
        soft = pieces[-1].endswith(" ") and pieces[-1] != "-- "
        if soft and len(pieces[-1]) + len(word.rstrip(" ")) > width:
            pieces.append("")
        pieces[-1] += word
    return pieces


def _stuffed(line: str) -> str:
    """RFC 3676 §4.4."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
