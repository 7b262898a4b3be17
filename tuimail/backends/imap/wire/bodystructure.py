# SPDX-License-Identifier: GPL-3.0-or-later
"""BODYSTRUCTURE (RFC 9051 §7.5.2) → a tree of `Part`, in whatever state the server sends it.

Known shapes that break the grammar: Exchange's ``(NIL NIL)`` and ``("inline" NIL)`` bodies, Gmail's message/rfc822 without
the fields of one, multiparts without parts, a disposition without its list, strings where numbers belong.
"""

import re

from tuimail.backends.imap.wire.numbers import number
from tuimail.backends.imap.wire.tokens import Malformed, Value, tokens
from tuimail.mime.choose import has_attachment as tree_has_attachment
from tuimail.mime.parameters import parameters
from tuimail.mime.words import decode_words
from tuimail.model.part import Part
from tuimail.model.text import safe_line

MAX_PARTS = 2000
"""What follows is left out, as by `tuimail.mime.parse`."""
_DISPOSITIONS = frozenset({b"attachment", b"inline"})
_MAYBE = re.compile(
    rb'"attachment"|"(?:file)?name["*]|\("(?:application|audio|chemical|font|haptics|image|message|model|video|x-[^"]*)"'
    rb'|\("text" "(?!(?:plain|html|enriched|richtext|markdown)")',
    re.IGNORECASE,
)
"""Whatever `tree_has_attachment` may find, and little else: the rest is text without a name."""
_PLAIN_VALUE = re.compile(rb"[\x20-\x7e]*")


def parse_bodystructure(raw: bytes) -> Part:
    """The tree of a message. Raises Malformed (a ValueError) when there is no sense in it."""
    found = tokens((raw,))
    if not found or not isinstance(found[0], list):
        raise Malformed("a body is a list")
    body = found[0]
    if not _is_multipart(body) and _word(_at(body, 0)) and not _word(_at(body, 1)):
        raise Malformed("the type of the only part is missing")
    return part_of(body)


def part_of(body: list[Value]) -> Part:
    """The same from tokens, as they stand in a FETCH response with literals."""
    return _Builder().part(body, "")


def has_attachment(raw: bytes) -> bool:
    """Whether the message shows attachments; most are told apart without building the tree."""
    if not _MAYBE.search(raw):
        return False
    try:
        return tree_has_attachment(parse_bodystructure(raw))
    except Malformed:
        return b'"attachment"' in raw.lower()


class _Builder:
    """Counts the parts of one tree."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def part(self, body: list[Value], section: str) -> Part:
        """``section`` is empty for the root; a root that is no multipart is section 1."""
        self._left -= 1
        if _is_multipart(body):
            return self._multipart(body, section)
        return self._single(body, section or "1")

    def _multipart(self, body: list[Value], section: str) -> Part:
        count = next((at for at, item in enumerate(body) if not isinstance(item, list)), len(body))
        prefix = section.removesuffix("TEXT").rstrip(".") + "." if section else ""
        children = tuple(
            self.part(child, f"{prefix}{number}")
            for number, child in enumerate(body[:count], 1)
            if isinstance(child, list) and child and self._left > 0
        )
        # A multipart without parts: NIL, or an empty list, stands where they would.
        at = max(count, 1) if body and (body[0] is None or isinstance(body[0], list)) else 0
        subtype = _word(_at(body, at)) or "mixed"
        disposition, filename = _disposition(_at(body, at + 2))
        return Part(
            section=section,
            content_type=f"multipart/{subtype}",
            params=_params(_at(body, at + 1)),
            disposition=disposition,
            filename=filename,
            children=children,
        )

    def _single(self, body: list[Value], section: str) -> Part:
        kind, subtype = _word(_at(body, 0)), _word(_at(body, 1)).partition(" ")[0]  # what follows lacks its semicolon
        if kind.encode() in _DISPOSITIONS or not kind or not subtype:  # a body without Content-Type
            return Part(section, "text/plain" if not kind else "application/octet-stream", disposition=kind if kind else "")
        content_type = f"{kind}/{subtype}"
        params = _params(_at(body, 2))
        after = 7
        children: tuple[Part, ...] = ()
        if kind == "text":
            after = 8
        elif content_type in ("message/rfc822", "message/global"):
            inner = _at(body, 8)
            if isinstance(inner, list) and (isinstance(_at(body, 7), list) or len(inner) > 2):  # else a disposition
                after = 10
                children = (self._enclosed(inner, section),)
        disposition, filename = _disposition(_at(body, after + 1))
        return Part(
            section=section,
            content_type=content_type,
            params=params,
            encoding=_word(_at(body, 5)) or "7bit",
            size=_size(_at(body, 6)),
            disposition=disposition,
            filename=filename or params.get("name", ""),
            content_id=_text(_at(body, 3)).strip("<> "),
            children=children,
        )

    def _enclosed(self, inner: list[Value], section: str) -> Part:
        """The body of an enclosed message: a single part is ``n.1``; a multipart is ``n.TEXT`` and holds ``n.1`` …."""
        return self.part(inner, f"{section}.TEXT" if _is_multipart(inner) else f"{section}.1")


def _is_multipart(body: list[Value]) -> bool:
    """It begins with its parts, or with NIL in place of them."""
    if not body or isinstance(body[0], list):
        return True
    return body[0] is None and len(body) > 1 and isinstance(body[1], bytes) and not isinstance(_at(body, 6), bytes)


def _at(body: list[Value], at: int) -> Value:
    return body[at] if at < len(body) else None


def _word(value: Value) -> str:
    return safe_line(value.decode("utf-8", "replace"), limit=200).strip().lower() if isinstance(value, bytes) else ""


def _text(value: Value) -> str:
    return decode_words(value) if isinstance(value, bytes) else ""


def _size(value: Value) -> int:
    return number(value) or 0


def _params(value: Value) -> dict[str, str]:
    """Names and values; RFC 2231 and encoded words are left to `tuimail.mime.parameters`, written as a header again."""
    if not isinstance(value, list):
        return {}
    pairs = [
        (name, text)
        for name, text in zip(value[::2], value[1::2], strict=False)
        if isinstance(name, bytes) and isinstance(text, bytes)
    ]
    if all(b"*" not in name and b"=?" not in text and _PLAIN_VALUE.fullmatch(text) for name, text in pairs):
        return {_word(name): text.decode("ascii") for name, text in pairs}
    written = b"".join(b"; " + name + b'="' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"' for name, text in pairs)
    return parameters(b"x/x" + written)[1]


def _disposition(value: Value) -> tuple[str, str]:
    """The disposition and the file name it gives."""
    if isinstance(value, list):
        params = _params(_at(value, 1))
        return _known_disposition(_word(_at(value, 0))), params.get("filename", "")
    return _known_disposition(_word(value)), ""


def _known_disposition(word: str) -> str:
    """RFC 2183 §2.8: what is not known counts as an attachment."""
    return word if word in ("", "inline") else "attachment"
