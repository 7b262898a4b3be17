# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoded text of a message, for SEARCH BODY and TEXT."""

import binascii
import quopri
from collections.abc import Callable, Iterator

from tuimail.demo.entity import Entity


def _base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return data


_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {b"base64": _base64, b"quoted-printable": quopri.decodestring}


def decoded_text(message: Entity) -> str:
    """All text parts, decoded and in lower case."""
    return "\n".join(_texts(message))


def _texts(part: Entity) -> Iterator[str]:
    for child in part.children:
        yield from _texts(child)
    if part.children or part.maintype != b"text":
        return
    encoding = (part.get(b"Content-Transfer-Encoding") or b"").lower()
    data = _DECODERS.get(encoding, bytes)(part.body_octets)
    charset = next((value for name, value in part.parameters if name == b"charset"), b"utf-8").decode("ascii", "replace")
    try:
        yield data.decode(charset, "replace").lower()
    except LookupError:
        yield data.decode("latin-1").lower()
