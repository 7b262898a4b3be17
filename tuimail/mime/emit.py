# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields as they go out (RFC 5322 §2.2, RFC 2047, RFC 2231): ASCII, folded, injection made impossible.

The standard library's policies encode long message ids as RFC 2047 words, which breaks threading, and re-serialise forwarded
messages; so fields are written here.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from tuimail.mime.addresses import ascii_address
from tuimail.mime.words import encode_words
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong

LINE = 78
"""Characters after which a field is folded where it can be (RFC 5322 §2.1.1)."""
MAX_LINE = 998
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_PIECE = re.compile(r" *[^ ]+")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]+")
_QUOTABLE = re.compile(r"(?:(?!=\?)[ !#-\[\]-~])*")
"""Without what stands for something else within quotes, or is read as an encoded word there although it is none."""
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")


def field(name: str, pieces: Iterable[str]) -> str:
    """One field, CRLF included, folded before pieces that would make the line too long. A piece may bring blanks of its own.

    Raises InputWrong for a line break or control character in a piece: the last guard against header injection.
    """
    if not _NAME.fullmatch(name):
        raise InputWrong("A header field has an impossible name.")
    lines = [f"{name}:"]
    for number, piece in enumerate(pieces):
        if _CONTROL.search(piece):
            raise InputWrong(f"The {name} field holds a line break or control character.")
        piece = piece if piece.startswith(" ") else f" {piece}"
        if number and len(lines[-1]) + len(piece) > LINE:
            lines.append(piece)
        else:
            lines[-1] += piece
    return "\r\n".join(lines) + "\r\n"


def one_line(text: str) -> str:
    """The text with each run of line breaks and control characters made one blank."""
    return _CONTROL.sub(" ", text).strip()


def unstructured(name: str, value: str) -> str:
    """A Subject or the like, as RFC 2047 words where ASCII does not do."""
    value = one_line(value)
    words = _PIECE.findall(value)
    if value.isascii() and "=?" not in value and all(len(word) < MAX_LINE - LINE for word in words):
        return field(name, words)
    return field(name, encode_words(value, LINE - len(name) - 3))


def address_list(name: str, addresses: Iterable[Address], *, smtputf8: bool = False) -> str:
    """A From, To, Cc or Reply-To field; empty for no addresses. Raises InputWrong as `ascii_address` does."""
    pieces: list[str] = []
    for address in addresses:
        if pieces:
            pieces[-1] += ","
        email = ascii_address(address.email, smtputf8=smtputf8)
        words = _phrase(one_line(address.name))
        pieces.extend([*words, f"<{email}>"] if words else [email])
    return field(name, pieces) if pieces else ""


def _phrase(name: str) -> list[str]:
    """A display name in words, a quoted string or encoded words, whatever it takes."""
    if not name:
        return []
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    if name.isascii() and "=?" not in name and len(escaped) < MAX_LINE - LINE:
        return [name if _PHRASE.fullmatch(name) else f'"{escaped}"']
    return encode_words(name)


def is_message_id(message_id: str) -> bool:
    """Whether it can stand in a header: angle brackets, visible ASCII, no blank."""
    return bool(_MESSAGE_ID.fullmatch(message_id))


def message_ids(name: str, ids: Iterable[str]) -> str:
    """A Message-ID, In-Reply-To or References field: never encoded, folded between ids only. What is no id is left out."""
    usable = [message_id for message_id in ids if is_message_id(message_id)]
    return field(name, usable) if usable else ""


def with_parameters(name: str, value: str, parameters: Mapping[str, str]) -> str:
    """A Content-Type or Content-Disposition field; parameter values that are not plain, or long, by RFC 2231."""
    pieces = [value]
    for key, text in parameters.items():
        text = one_line(text)
        if not text:
            continue
        for piece in _parameter(key, text):
            pieces[-1] += ";"
            pieces.append(piece)
    return field(name, pieces)


def _parameter(key: str, text: str) -> list[str]:
    if _QUOTABLE.fullmatch(text) and len(text) <= LINE - 18:
        if _TOKEN.fullmatch(text):
            return [f"{key}={text}"]
        return [f'{key}="{text}"']
    encoded = quote(text.encode("utf-8", "replace"), safe="!#$&+-.^_`{|}~")
    room = LINE - len(key) - 18
    if len(encoded) <= room:
        return [f"{key}*=utf-8''{encoded}"]
    pieces: list[str] = []
    start = 0
    while start < len(encoded):
        end = min(start + room, len(encoded))
        while end < len(encoded) and "%" in encoded[end - 2 : end]:  # never within an escape
            end -= 1
        charset = "utf-8''" if not pieces else ""
        pieces.append(f"{key}*{len(pieces)}*={charset}{encoded[start:end]}")
        start = end
    return pieces
