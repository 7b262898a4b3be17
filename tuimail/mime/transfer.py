# SPDX-License-Identifier: GPL-3.0-or-later
"""Content-Transfer-Encoding (RFC 2045 §6), read as leniently as possible."""

import binascii
import re

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_NEXT_LINE = re.compile(rb"=+\s*+([^\r\n]*+)")
_BASE64_LINE = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[ \t]*")
_PADDED_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r?\n)")
_SEPARATORS = re.compile(r"[\s_-]+")
"""In names of encodings: a few programs put others there."""
_LOOKED_AT = 1000
_LONGEST_WORD = 12
_FEWEST_WORDS = 3
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The octets that were encoded. Never raises: damaged input gives what can be had, unknown encodings the input itself."""
    match _SEPARATORS.sub("", encoding.lower()):
        case "base64":
            return _base64(data) if not _is_prose(data) else data
        case "quotedprintable":
            return quoted_printable(data)
        case "xuuencode" | "uuencode" | "xuue" | "uue":
            return _uuencode(data)
        case _:
            return data


def quoted_printable(data: bytes, *, header: bool = False) -> bytes:
    """RFC 2045 §6.7; with ``header`` the Q encoding of RFC 2047 §4.2. Blanks at line ends are kept, against the
    letter: no transport adds them any more, and format=flowed from careless senders needs them.
    """
    return binascii.a2b_qp(data if header else _PADDED_SOFT_BREAK.sub(b"=", data), header=header)


def _base64(data: bytes) -> bytes:
    """What is not of the alphabet is skipped, a cut-off end completed. After padding only what is plainly more base64 counts:
    some mailers encode in pieces, and mailing lists append text.
    """
    pieces = []
    at = 0
    while at < len(data):
        end = data.find(b"=", at)
        end = len(data) if end < 0 else end
        pieces.append(_unpadded(data[at:end].translate(None, _NOT_BASE64)))
        following = _NEXT_LINE.match(data, end)
        if not following or not _BASE64_LINE.fullmatch(following[1]):
            break
        at = following.start(1)
    return b"".join(pieces)


def _is_prose(data: bytes) -> bool:
    """Whether this was never encoded: it begins with words, blanks between them. Encoders write long lines without any."""
    words = data[:_LOOKED_AT].partition(b"=")[0].split()
    short = len(words) >= _FEWEST_WORDS and sum(map(len, words)) <= _LONGEST_WORD * len(words)
    return short and b" ".join(words[:2]) in data and any(len(word) % 4 for word in words)


def _unpadded(piece: bytes) -> bytes:
    """Base64 digits without padding; six bits left over make no octet."""
    spare = len(piece) % 4
    return binascii.a2b_base64(piece[:-1] if spare == 1 else piece + b"==" if spare else piece)


def _uuencode(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    pieces = []
    for line in data[begin.end() if begin else 0 :].splitlines():
        if line.strip() in {b"end", b"`"}:
            break
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0  # some encoders write rubbish after the data
            try:
                pieces.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(pieces)
