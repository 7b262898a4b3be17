# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as DATA carries it (RFC 5321 §4.5.2), piece by piece. Pure."""

import re
from collections.abc import Iterator

PIECE = 64 * 1024
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")


def pieces(message: bytes, size: int = PIECE) -> Iterator[tuple[int, bytes]]:
    """What goes out, and how many octets of the message are done with it; the final dot is not part of it.

    Leading dots are doubled. A bare CR or LF becomes CRLF: what some servers take for an end of line, and others do not,
    would let a message hold a second one (CVE-2023-51764). The last piece ends a line.
    """
    start, line_start = 0, True
    while start < len(message):
        end = min(start + size, len(message))
        if message[end - 1 : end + 1] == b"\r\n":
            end += 1
        piece = message[start:end]
        if not piece.count(b"\n") == piece.count(b"\r") == piece.count(b"\r\n"):
            piece = _LINE_BREAK.sub(b"\r\n", piece)
        if end == len(message) and not piece.endswith(b"\n"):
            piece += b"\r\n"
        stuffed = piece.replace(b"\r\n.", b"\r\n..")
        yield end, b"." + stuffed if line_start and piece.startswith(b".") else stuffed
        start, line_start = end, piece.endswith(b"\n")


def header_block(message: bytes) -> bytes:
    """Everything before the first empty line."""
    end = message.find(b"\r\n\r\n")
    return message if end < 0 else message[:end]
