# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox names on the wire, as the server sees them: modified UTF-7 (RFC 3501 §5.1.3) or UTF-8 (RFC 6855), and strings.

Written apart from the client's own code on purpose, so that one checks the other.
"""

import binascii
import re

_SHIFTED = re.compile(r"[^\x20-\x7e]+|&")
_ENCODED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_ATOM = re.compile(rb"[A-Za-z0-9$_.!#'+,/:;<=>?@^`|~&-]+")
_QUOTABLE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]{0,900}")


def encode_name(name: str, utf8: bool) -> bytes:
    """A mailbox name as an astring."""
    if utf8:
        return b'"%b"' % name.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    encoded = _SHIFTED.sub(_shift, name).encode("ascii")
    return encoded if _ATOM.fullmatch(encoded) and encoded.upper() != b"NIL" else string(encoded)


def decode_name(raw: bytes, utf8: bool) -> str:
    """The Unicode name. Raises ValueError for 8-bit or malformed modified UTF-7."""
    if utf8:
        return raw.decode()
    name = _ENCODED.sub(_unshift, raw).decode("utf-8")
    if not raw.isascii() or raw.count(b"&") != len(_ENCODED.findall(raw)):
        raise ValueError("malformed modified UTF-7")
    return name


def string(value: bytes) -> bytes:
    """A value as a quoted string where it can be one, else as a literal."""
    if _QUOTABLE.fullmatch(value):
        return b'"%b"' % value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b"{%d}\r\n%b" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    """A string, or NIL for None."""
    return b"NIL" if value is None else string(value)


def _shift(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    code = binascii.b2a_base64(match[0].encode("utf-16-be"), newline=False).rstrip(b"=").replace(b"/", b",")
    return f"&{code.decode()}-"


def _unshift(match: re.Match[bytes]) -> bytes:
    if not match[1]:
        return b"&"
    code = match[1].replace(b",", b"/")
    return binascii.a2b_base64(code + b"=" * (-len(code) % 4)).decode("utf-16-be").encode()
