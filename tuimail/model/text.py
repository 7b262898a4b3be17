# SPDX-License-Identifier: GPL-3.0-or-later
"""The border that untrusted text crosses: what comes out cannot steer a terminal nor pretend to be other text.

Mail and servers may hold escape sequences, bidirectional overrides and invisible characters. `safe_line` is for names,
subjects, file names and server answers, where hidden characters only serve deceit; `safe_text` is for bodies, where some
scripts need them.
"""

import re
import unicodedata
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that went through `safe_text` or `safe_line`: no C0 (but ``\\n`` in `safe_text`), C1, bidi control or lone surrogate."""

MARKS_PER_BASE = 4
"""Combining marks that one base character may carry."""

_BIDI = {
    "\u061c": "ALM",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
_BIDI_CLASS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS = "\u200c\u200d"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_VISIBLE_NEIGHBOUR = f"[^\x00-\u02ff{_CONTROLS}{_BIDI_CLASS}{_JOINERS}{_INVISIBLE}]"

_ODD_IN_LINE = re.compile(f"(?:\r\n?|\n)[ \t]*|[\t\u2028\u2029{_CONTROLS}{_BIDI_CLASS}{_JOINERS}{_INVISIBLE}]")
_ODD_IN_TEXT = re.compile(f"[{_CONTROLS}{_BIDI_CLASS}{_INVISIBLE}]")
_STRAY_JOINER = re.compile(f"(?<!{_VISIBLE_NEIGHBOUR})[{_JOINERS}]|[{_JOINERS}](?!{_VISIBLE_NEIGHBOUR})")
# \w covers letters and digits but no combining mark, so that few runs need a look at the character database.
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\u02ff]{{{MARKS_PER_BASE + 1},}}")


def safe_line(text: str, *, limit: int = 998) -> SafeText:
    """One line: breaks and tabs become a space, controls visible, bidi controls named; invisible characters are removed."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return SafeText(text)
    text = _ODD_IN_LINE.sub(_in_line, _cut(text, limit))
    return SafeText(_cut(_composed(text), limit))


def safe_text(text: str, *, limit: int = 1_000_000) -> SafeText:
    r"""Several lines, ended by ``\n``: tabs are expanded, controls made visible, bidi controls and invisible characters go.

    Zero-width joiners stay between characters outside Latin: emoji, Persian and the scripts of India need them.
    """
    text = _cut(text, limit).replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text:
        text = _cut(text.expandtabs(8), limit)
    if len(text) <= limit and text.isascii() and text.replace("\n", "").isprintable():
        return SafeText(text)
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    text = _ODD_IN_TEXT.sub(_in_text, _STRAY_JOINER.sub("", text))
    return SafeText(_cut(_composed(text), limit))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _in_line(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] in "\t\r\n\u2028\u2029":
        return " "
    name = _BIDI.get(found)
    return f"<{name}>" if name else _picture(found)


def _in_text(match: re.Match[str]) -> str:
    return "" if match[0] in _BIDI else _picture(match[0])


def _picture(char: str) -> str:
    """A control as something to see; nothing for a character that is only invisible."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0xA0:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else ""


def _composed(text: str) -> str:
    """NFC, with towers of combining marks cut. Cut first: to order a long tower takes quadratic time."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _MAYBE_MARKS.sub(_cut_marks, text))


def _cut_marks(match: re.Match[str]) -> str:
    kept = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MARKS_PER_BASE:
            kept.append(char)
    return "".join(kept)
