# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to text, whatever the label says. Labels of mail are wrong often enough that they are only a hint."""

import codecs
import re
from contextlib import suppress

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
# What senders say, and what they mean: the superset that their software really wrote.
_MEANT = {
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
    "big5": "big5hkscs",
}
_ALIASES = {
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "utf8mb4": "utf-8",
    "utf-8-mac": "utf-8",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-romanian": "mac_romanian",
    "x-mac-croatian": "mac_croatian",
    "x-mac-japanese": "cp932",
    "latin-9": "iso8859-15",
    "x-big5": "big5",
    "x-windows-949": "cp949",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "x-utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "cp-850": "cp850",
}
# Codecs that are not charsets of mail; punycode and idna take quadratic time.
_NOT_CHARSETS = frozenset(
    {
        "punycode",
        "idna",
        "unicode-escape",
        "unicode_escape",
        "raw-unicode-escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "oem",
    }
)
# What Western and Central Europe's software calls any text; accented letters of theirs never make valid UTF-8.
_LATIN = frozenset(
    {"cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-4", "iso8859-9", "iso8859-13", "iso8859-15", "iso8859-16"}
)
_JAPANESE = frozenset({"iso2022_jp", "iso2022_jp_1", "iso2022_jp_ext", "euc_jp"})
"""Of what these codecs refuse `tuimail.mime.japanese` reads more."""
_MOSTLY = 5
"""One character in so many that is no UTF-8 makes a text of another charset, not a damaged one."""
# Labels that are no promise: the default of software that never looked at the text.
_UNSURE = frozenset({"ascii", "iso8859-1", "latin-1"})
_NO_HINT = _UNSURE | {"", "utf-8", "utf-16", "utf-7"}
_ISO_2022 = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$)C")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SURE = 0.6
DETECT_FROM = 65_536
"""Octets that are looked at when the charset has to be guessed."""


def decode(data: bytes, charset: str) -> str:
    """The text of ``data``, by its declared charset (may be empty or nonsense). Never raises; not yet safe to show.

    UTF-8 is tried first where the label is missing, unknown or the meaningless default; what cannot be decoded becomes U+FFFD.
    """
    codec = codec_of(charset)
    if not codec or codec in _UNSURE:
        if any(escape in data for escape in _ISO_2022):
            return _decoded(data, "iso2022_jp_ext" if b"\x1b$)C" not in data else "iso2022_kr")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            codec = _MEANT[codec] if codec and codec != "ascii" else _detect(data)
    codec = _MEANT.get(codec, codec)
    if codec == "utf-8":
        return _utf_8(data)
    if codec in _LATIN and not data.isascii():
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
    if codec == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16-be" if data[:64:2].count(0) >= data[1:64:2].count(0) else "utf-16-le"
    return _decoded(data, codec)


def _decoded(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "strict" if codec in _JAPANESE else "replace")
    except UnicodeDecodeError:
        return _japanese(data, codec) if codec in _JAPANESE else data.decode("utf-8", "replace")
    except (LookupError, ValueError, RecursionError):  # a codec of Python's own may still refuse
        return data.decode("utf-8", "replace")


def _japanese(data: bytes, codec: str) -> str:
    from tuimail.mime.japanese import euc_jp, iso_2022_jp  # seldom needed

    return euc_jp(data) if codec == "euc_jp" else iso_2022_jp(data)


def _utf_8(data: bytes) -> str:
    """What is said to be UTF-8, and may be another charset all the same."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", "replace")
        damaged = text.count("\ufffd")
        if error.reason == "unexpected end of data" or (damaged == 1 and not any(map(str.isalpha, text))):
            return text
    foreign = damaged * _MOSTLY > len(_BEYOND_ASCII.findall(text))
    return _decoded(data, _MEANT.get(codec := _detect(data), codec)) if foreign else text


def beginning(data: bytes, limit: int) -> bytes:
    """At most so many octets. A character of UTF-8 is not cut through: what is left would look like another charset."""
    if len(data) <= limit:
        return data
    for back in range(1, min(limit, 4)):
        octet = data[limit - back]
        if octet & 0xC0 != 0x80:
            return data[: limit - back] if octet >= 0xC0 else data[:limit]
    return data[:limit]


def codec_of(charset: str) -> str:
    """Python's normalised name of the codec for a charset; empty for what is unknown or no charset."""
    name = charset.strip().strip("\"'").lower()
    if not _NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return ""
    if found in _NOT_CHARSETS:
        return ""
    try:
        b"".decode(found)  # LookupError: bytes to bytes (base64, zlib), not text
    except (LookupError, ValueError):
        return ""
    return found


def header_text(data: bytes, charset: str = "") -> str:
    """A header's raw octets as text: ASCII, UTF-8 (RFC 6532), the message's own charset, or what Western mailers meant."""
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    if any(escape in data for escape in _ISO_2022):
        return _decoded(data, "iso2022_jp_ext")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        codec = codec_of(charset)
        return data.decode("cp1252", "replace") if codec in _NO_HINT else decode(data, charset)


def _detect(data: bytes) -> str:
    """The codec the octets look like."""
    from turbohtml.detect import detect  # 40 ms to import, and seldom needed

    found = detect(data[:DETECT_FROM])
    codec = codec_of(found.encoding or "")
    doubtful = codec == "cp1250" and found.confidence < _SURE  # a pound sign alone looks Polish
    return codec if codec and not doubtful else "cp1252"
