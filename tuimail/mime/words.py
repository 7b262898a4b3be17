# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded words (RFC 2047), both ways, in linear time."""

import binascii
import re
from collections.abc import Iterator

from tuimail.mime.charset import decode, header_text
from tuimail.mime.transfer import decode_transfer, quoted_printable
from tuimail.model.text import SafeText, safe_line

MAX_VALUE = 65_536
"""Characters of a header field's value that are looked at; what follows is dropped."""
_OPENER = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?")
_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def decode_words(value: str | bytes, *, limit: int = 998) -> SafeText:
    """A header value as a person reads it: unfolded, encoded words decoded, safe to show on one line of ``limit`` characters.

    Tolerant: words may touch other text, hold blanks, be split within a character or stand inside quotes.
    """
    return safe_line(unsafe_words(value), limit=limit)


def unsafe_words(value: str | bytes) -> str:
    """As `decode_words`, of any length and not safe to show."""
    text = unfold(value)
    return "".join(_runs(text)) if "=?" in text else text


def unfold(value: str | bytes) -> str:
    """The value on one line (RFC 5322 §2.2.3), raw octets made text, nothing decoded."""
    value = value[:MAX_VALUE]
    text = header_text(value) if isinstance(value, bytes) else value
    return _FOLD.sub(" ", text).strip() if "\n" in text or "\r" in text else text.strip()


def _runs(text: str) -> Iterator[str]:
    """Plain stretches and decoded stretches in turn. Neighbouring words of one charset are joined before decoding."""
    openers = list(_OPENER.finditer(text))
    done = 0
    charset = ""
    octets: list[bytes] = []
    for index, opener in enumerate(openers):
        limit = openers[index + 1].start() if index + 1 < len(openers) else len(text)
        end = text.find("?=", opener.end(), limit)
        if end < 0:
            continue
        between = text[done : opener.start()]
        adjoining = bool(octets) and not between.strip()
        if octets and not (adjoining and opener[1].lower() == charset):
            yield decode(b"".join(octets), charset)
            octets = []
        if not adjoining:
            yield between
        charset = opener[1].lower()
        octets.append(_decode_word(text[opener.end() : end], opener[2]))
        done = end + 2
    if octets:
        yield decode(b"".join(octets), charset)
    yield text[done:]


def _decode_word(text: str, encoding: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    return decode_transfer(octets, "base64") if encoding in "bB" else quoted_printable(octets, header=True)


def encode_words(text: str, first: int = 60) -> list[str]:
    """``text`` as UTF-8 encoded words, each at most 75 characters, none splitting a character, to be joined by folds.

    ``first`` is the room for the first word, where the field's name stands on the same line.
    """
    octets = text.encode("utf-8", "replace")
    use_q = sum(octet in _Q_PLAIN or octet == 32 for octet in octets) * 2 > len(octets)
    words = []
    start = 0
    room = max(min(first, 75), 24) - len("=?utf-8?q??=")
    while start < len(octets):
        end = _piece_end(octets, start, room, use_q)
        piece = octets[start:end]
        words.append(
            f"=?utf-8?q?{_q_encoded(piece)}?=" if use_q else f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?="
        )
        start = end
        room = 75 - len("=?utf-8?q??=")
    return words


def _piece_end(octets: bytes, start: int, room: int, use_q: bool) -> int:
    """Where the piece that starts at ``start`` ends, so that its encoding fits ``room`` and characters stay whole."""
    if not use_q:
        end = min(len(octets), start + room // 4 * 3)
    else:
        end, length = start, 0
        while end < len(octets):
            length += 1 if octets[end] in _Q_PLAIN or octets[end] == 32 else 3
            if length > room:
                break
            end += 1
    while end < len(octets) and octets[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _q_encoded(octets: bytes) -> str:
    return "".join(chr(octet) if octet in _Q_PLAIN else "_" if octet == 32 else f"={octet:02X}" for octet in octets)
