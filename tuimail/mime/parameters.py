# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2231), received in any state."""

import re
from urllib.parse import unquote_to_bytes

from tuimail.mime.charset import decode
from tuimail.mime.words import unfold, unsafe_words
from tuimail.model.text import safe_line

MAX_PARAMETERS = 1000
_NAME = re.compile(r"[\s;]*+([^\s;=\"]*+)\s*+(=?)\s*+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEGMENT = re.compile(r"(.+?)\*(?:(\d{1,4})(\*?))?")
_UNDIVIDED = re.compile(r"(?<!\s)\s++(?=[\w*-]{1,60}=)")
"""Where parameters begin although the semicolon was forgotten."""
# Names of files may hold blanks although nobody quoted them; elsewhere a blank starts a comment or rubbish.
_MAY_HOLD_BLANKS = ("name", "filename")


def parameters(value: str | bytes) -> tuple[str, dict[str, str]]:
    """The main value in lower case and the parameters, names in lower case, values decoded and safe to show.

    RFC 2231 continuations and charsets, RFC 2047 words where they do not belong, missing quotes: all are read. Never raises.
    """
    main, values = unsafe_parameters(value)
    return safe_line(main), {safe_line(name): safe_line(text) for name, text in values.items()}


def unsafe_parameters(value: str | bytes) -> tuple[str, dict[str, str]]:
    """As `parameters`, not safe to show: for boundaries, which must stay exact."""
    main, pairs = _pairs(value)
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, text in pairs:
        segment = _SEGMENT.fullmatch(name)
        if segment:
            number = int(segment[2] or 0)
            extended = segment[2] is None or bool(segment[3])
            segments.setdefault(segment[1], {}).setdefault(number, (text, extended))
        elif name not in plain:
            plain[name] = unsafe_words(text)
    for name, numbered in segments.items():
        joined = _joined(numbered)
        if joined or name not in plain:
            plain[name] = joined
    return main, plain


def _pairs(value: str | bytes) -> tuple[str, list[tuple[str, str]]]:
    """The main value in lower case, and names and values as they stand, quotes removed."""
    text = unfold(value)
    end = text.find(";")
    main = (text if end < 0 else text[:end]).partition("(")[0]
    if undivided := _UNDIVIDED.search(main):
        end = undivided.start()
        main = main[:end]
    main = main.strip().lower()
    pairs: list[tuple[str, str]] = []
    at = len(text) if end < 0 else end
    quotes_close = True
    while at < len(text) and len(pairs) < MAX_PARAMETERS:
        found = _NAME.match(text, at)
        assert found is not None  # every piece of the pattern may be empty
        at = found.end()
        quoted = _QUOTED.match(text, at) if quotes_close and text.startswith('"', at) else None
        quotes_close = quotes_close and (quoted is not None or not text.startswith('"', at))
        end = text.find(";", quoted.end() if quoted else at)
        end = len(text) if end < 0 else end
        name = found[1].lower()
        if found[2] and name:
            content = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text[at:end].strip().strip('"')
            whole = quoted or name.partition("*")[0] in _MAY_HOLD_BLANKS
            pairs.append((name, content if whole else (content.split() or [""])[0]))
        at = end
    return main, pairs


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    """The value of an RFC 2231 parameter from its numbered pieces, up to the first one that is missing."""
    charset = ""
    octets: list[bytes] = []
    encoded_words = False
    for number in range(len(numbered)):
        if number not in numbered:
            break
        text, extended = numbered[number]
        if number == 0 and extended and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        encoded_words = encoded_words or (not extended and "=?" in text)
        raw = text.encode("utf-8", "replace")
        octets.append(unquote_to_bytes(raw) if extended else raw)
    joined = decode(b"".join(octets), charset)
    return unsafe_words(joined) if encoded_words else joined
