# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO-2022-JP and EUC-JP as mailers write them: with the rows of NEC and IBM (①, ㈱, 髙) that JIS X 0208 leaves empty.

Python's codecs refuse those. They stand in Windows' code page 932, of which the same characters are read here.
"""

import re
from functools import cache

_ESCAPE = re.compile(rb"\x1b(\([BJIHT]|\$[@B]|\$\([@BD])")
_HIGH = bytes(octet | 0x80 if octet > 0x20 else octet for octet in range(128)) + bytes(range(128, 256))
_PAIR = re.compile(rb"[\x21-\x7e]{2}")
_KANA = re.compile(rb"[\x21-\x5f]")
_EUC = re.compile("\x8f[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|[\xa1-\xfe]{2}|[\x80-\xff]")


def iso_2022_jp(data: bytes) -> str:
    """RFC 1468, RFC 2237 and half-width katakana. Never raises; what is nothing becomes U+FFFD."""
    pieces = _ESCAPE.split(data)
    out = [pieces[0]]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape == b"(I":
            out.append(_KANA.sub(lambda kana: b"\x8e" + kana[0].translate(_HIGH), piece))
        elif escape == b"$(D":
            out.append(_PAIR.sub(lambda pair: b"\x8f" + pair[0].translate(_HIGH), piece))
        elif escape.startswith(b"$"):
            out.append(_PAIR.sub(lambda pair: pair[0].translate(_HIGH), piece))
        else:
            out.append(piece)
    return euc_jp(b"".join(out))


def euc_jp(data: bytes) -> str:
    """Never raises; what is nothing becomes U+FFFD."""
    return _EUC.sub(lambda found: _character(found[0]), data.decode("latin-1"))


@cache
def _character(code: str) -> str:
    """One of the some 16,000 characters of EUC-JP."""
    octets = code.encode("latin-1")
    if len(octets) == 2 and octets[0] != 0x8E:
        return _shift_jis(octets[0] - 0xA1, octets[1] - 0xA1).decode("cp932", "replace")
    return octets.decode("euc_jp", "replace")[:1]


def _shift_jis(row: int, cell: int) -> bytes:
    """A row and cell of JIS X 0208, from 0, as Shift_JIS writes them (JIS X 0208 annex 1)."""
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 if cell < 63 else 0x41)
    return bytes((lead, trail))
