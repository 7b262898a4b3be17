# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox names: modified UTF-7 both ways (RFC 3501 §5.1.3), and which name the server means by INBOX."""

import base64
import binascii
import re

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_DIRECT = re.compile(r"[\x20-\x7e]+")


def decode_name(raw: bytes, *, utf8: bool = False) -> str:
    """A mailbox name in Unicode. What is no legal modified UTF-7 stays as it is. ``utf8``: UTF8=ACCEPT is in force."""
    if raw.upper() == b"INBOX":
        return "INBOX"
    if utf8 or not raw.isascii():
        return raw.decode("utf-8", "replace")
    text = raw.decode("ascii")
    if b"&" not in raw:
        return text
    try:
        name = _SHIFTED.sub(_unshift, raw).decode("utf-8")
    except ValueError:
        return text
    return name if encode_name(name) == raw else text


def _unshift(match: re.Match[bytes]) -> bytes:
    encoded = match[1].replace(b",", b"/")
    if not encoded:
        return b"&"
    try:
        octets = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no modified base64") from error
    return octets.decode("utf-16-be").encode("utf-8")


def encode_name(name: str, *, utf8: bool = False) -> bytes:
    """A mailbox name for the wire, unquoted. Lone surrogates become U+FFFD."""
    name = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if utf8:
        return name.encode("utf-8")
    encoded: list[bytes] = []
    at = 0
    while at < len(name):
        direct = _DIRECT.match(name, at)
        if direct:
            encoded.append(direct[0].replace("&", "&-").encode("ascii"))
            at = direct.end()
            continue
        end = next((index for index in range(at, len(name)) if _DIRECT.match(name[index])), len(name))
        octets = base64.b64encode(name[at:end].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
        encoded.append(b"&" + octets + b"-")
        at = end
    return b"".join(encoded)
