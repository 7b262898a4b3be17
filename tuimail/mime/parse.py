# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole message into its tree of parts, in one pass, with the section numbers that IMAP gives (RFC 9051 §6.4.5.1).

Parts are ranges of the original octets: nothing is re-serialised, so signatures stay verifiable and forwarding is exact. An own
splitter rather than the standard library's, which recurses per level and keeps no positions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tuimail.mime.charset import decode
from tuimail.mime.headers import MAX_BLOCK, Headers, is_header_line, parameters
from tuimail.mime.parameters import unsafe_parameters
from tuimail.mime.transfer import decode_transfer
from tuimail.mime.words import decode_words
from tuimail.model.part import Part
from tuimail.model.text import safe_line

MAX_DEPTH = 50
MAX_PARTS = 2000
MAX_DELIMITER = 4096
"""Octets of a line that begins with ``--`` that are compared with the boundaries; RFC 2046 §5.1.1 allows 72."""
_BLANK_LINE = rb"(?:\r?\n|[ \t]++\r?\n(?![!-9;-~]{1,200}[ \t]*:|[ \t\r\n]))"
"""A line of blanks counts when no field comes after it: a few programs write that."""
_BODY = re.compile(rb"\r?\n" + _BLANK_LINE)
_END_OF_HEADER = re.compile(rb"\n(?:" + _BLANK_LINE + rb"|(--))")
_TOKEN = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
_NO_HEADER = Headers()


@dataclass(frozen=True, slots=True)
class Range:
    """Where a part stands in the message: header, body, and the end of the body."""

    header: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message taken apart. ``raw`` is the one original, never changed."""

    raw: bytes
    headers: Headers
    root: Part
    ranges: Mapping[str, Range] = field(repr=False)
    parts: Mapping[str, Part] = field(repr=False)
    """All parts of ``root`` by their sections: a message may have `MAX_PARTS` of them, and each be asked for."""

    def encoded(self, section: str) -> bytes:
        """The octets of a section as IMAP's ``BODY[section]`` gives them; empty for one that is not there.

        ``""`` is the whole message; ``HEADER``, ``TEXT``, ``n``, ``n.MIME``, ``n.HEADER`` and ``n.TEXT`` are known.
        """
        if not section:
            return self.raw
        number, _, word = section.rpartition(".") if not section[-1].isdigit() else (section, "", "")
        if word in {"HEADER", "TEXT"}:
            found = self.ranges.get(f"{number}.TEXT".lstrip(".")) or self.ranges.get(f"{number}.1" if number else "1")
        else:
            found = self.ranges.get(number)
        if found is None:
            return b""
        return self.raw[found.header : found.body] if word in {"HEADER", "MIME"} else self.raw[found.body : found.end]

    def content(self, section: str) -> bytes:
        """The octets of a part with its transfer encoding undone."""
        part = self.parts.get(section)
        return decode_transfer(self.encoded(section), part.encoding if part else "")

    def text(self, section: str) -> str:
        """The decoded content as text, by the part's charset. Not safe to show."""
        part = self.parts.get(section)
        return decode(self.content(section), part.charset if part else "")


@dataclass(slots=True)
class _Node:
    """A part while its end is not known yet."""

    part: Part
    header: int
    body: int
    children: list["_Node"] = field(default_factory=list)
    end: int = 0


def parse(raw: bytes) -> ParsedMessage:
    """Take a message apart. Never raises: beyond `MAX_DEPTH` or `MAX_PARTS` the rest belongs to the part that was open."""
    headers, body = _split_header(raw, 0, len(raw))
    splitter = _Splitter(raw)
    root = splitter.run(headers, body)
    ranges: dict[str, Range] = {}
    tree = _number(root, ranges)
    return ParsedMessage(raw, headers, tree, ranges, {part.section: part for part in tree.walk()})


class _Splitter:
    """One pass over the lines that begin with ``--``, with the stack of parts that are open."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._open: list[tuple[_Node, bytes]] = []
        """Open parts, outermost first, with the boundary of those that are multiparts (else empty)."""
        self._boundaries: dict[bytes, list[int]] = {}
        """Boundary → places in ``_open``; the innermost is last."""
        self._count = 0

    def run(self, headers: Headers, body: int) -> _Node:
        """The tree of the message whose header ends at ``body``."""
        root = self._begin(headers, 0, body, digest=False)
        at = max(body - 1, 0)
        while self._boundaries and self._count < MAX_PARTS:
            line = self._raw.find(b"\n--", at)
            if line < 0:
                break
            at = self._delimiter(line + 1)
        self._close(0, len(self._raw))
        return root

    def _delimiter(self, start: int) -> int:
        """Take the line at ``start`` if it is a delimiter; where to look for the next."""
        raw = self._raw
        end = raw.find(b"\n", start, start + MAX_DELIMITER)
        line = raw[start : end if end >= 0 else start + MAX_DELIMITER].rstrip(b" \t\r")
        places = self._boundaries.get(line[2:])
        closing = not places and line.endswith(b"--")
        if closing:
            places = self._boundaries.get(line[2:-2])
        if not places:
            return start
        before = start - 2 if raw[start - 2 : start - 1] == b"\r" else start - 1
        place = places[-1]
        self._close(place + 1, before)
        if closing:
            places.pop()
            self._forget(line[2:-2])
            self._open[place] = (self._open[place][0], b"")
            return start
        header = end + 1 if end >= 0 else len(raw)
        limit = self._next_delimiter(header)
        headers, body = _split_header(raw, header, limit)
        parent = self._open[place][0]
        parent.children.append(self._begin(headers, header, body, digest=parent.part.content_type == "multipart/digest"))
        return max(body - 1, start)

    def _next_delimiter(self, start: int) -> int:
        """Where a header that begins at ``start`` must end: at a known delimiter, though no blank line came before it."""
        limit = min(start + MAX_BLOCK, len(self._raw))
        for found in _END_OF_HEADER.finditer(self._raw, max(start - 1, 0), limit):
            if not found[1]:
                break
            at = found.start(1)
            line = self._raw[at + 2 : at + MAX_DELIMITER].partition(b"\n")[0].rstrip(b" \t\r")
            if line in self._boundaries or (line.endswith(b"--") and line[:-2] in self._boundaries):
                return at
        return len(self._raw)

    def _begin(self, headers: Headers, header: int, body: int, *, digest: bool) -> _Node:
        """Open a part, and the messages that begin with it."""
        first = node = _Node(_described(headers, "message/rfc822" if digest else "text/plain"), header, body)
        while True:
            self._count += 1
            boundary = _boundary(headers) if node.part.is_multipart and len(self._open) < MAX_DEPTH else b""
            if boundary:
                self._boundaries.setdefault(boundary, []).append(len(self._open))
            self._open.append((node, boundary))
            if not _holds_message(node.part) or len(self._open) >= MAX_DEPTH or self._count >= MAX_PARTS:
                return first
            headers, inner = _split_header(self._raw, node.body, self._next_delimiter(node.body))
            child = _Node(_described(headers, "text/plain"), node.body, inner)
            node.children.append(child)
            node = child

    def _close(self, depth: int, end: int) -> None:
        """End every open part from that depth inwards at ``end``."""
        while len(self._open) > depth:
            node, boundary = self._open.pop()
            node.end = max(end, node.body)
            if boundary:
                self._boundaries[boundary].pop()
                self._forget(boundary)

    def _forget(self, boundary: bytes) -> None:
        if not self._boundaries[boundary]:
            del self._boundaries[boundary]


def _split_header(raw: bytes, start: int, limit: int) -> tuple[Headers, int]:
    """The header that begins at ``start``, and where the body begins.

    A block without any field is body already, and so are lines at its end that are no fields: the blank line was forgotten.
    """
    if raw.startswith((b"\n", b"\r\n"), start):
        return _NO_HEADER, min(start + (1 if raw.startswith(b"\n", start) else 2), limit)
    limit = min(limit, start + MAX_BLOCK)
    blank = _BODY.search(raw, start, limit)
    body = blank.end() if blank else limit
    headers = Headers.parse(raw[start:body])
    if not len(headers):
        return _NO_HEADER, start
    end = blank.start() if blank else limit
    while end > start:
        line = raw.rfind(b"\n", start, end - 1) + 1 or start
        if is_header_line(raw[line:end]):
            break
        body = end = line
    return headers, body


def _described(headers: Headers, default: str) -> Part:
    """A part from its header, size and section still missing."""
    content_type, params = parameters(headers.get("Content-Type"))
    if not _TOKEN.fullmatch(content_type):
        content_type = content_type.strip('"') if _TOKEN.fullmatch(content_type.strip('"')) else default  # RFC 2045 §5.2
    disposition, details = parameters(headers.get("Content-Disposition"))
    return Part(
        section="",
        content_type=content_type,
        params=params,
        encoding=safe_line(
            (headers.get("Content-Transfer-Encoding").partition(";")[0].split() or ["7bit"])[0].lower(), limit=40
        ),
        disposition=disposition if disposition in {"", "inline"} else "attachment",
        filename=details.get("filename") or params.get("name", ""),
        content_id=decode_words(headers.get("Content-ID")).strip("<> "),
    )


def _boundary(headers: Headers) -> bytes:
    """The boundary as it stands in the body; the form that is safe to show may differ."""
    _, params = unsafe_parameters(headers.get("Content-Type"))
    return params.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")


def _holds_message(part: Part) -> bool:
    """Whether the body is a message that can be looked into (RFC 2046 §5.2.1)."""
    return part.content_type in {"message/rfc822", "message/global"} and part.encoding in {"7bit", "8bit", "binary"}


def _number(root: _Node, ranges: dict[str, Range]) -> Part:
    """The finished tree, numbered. Deep first without recursion, so that parents find their children done."""
    order: list[tuple[_Node, str]] = [(root, "" if root.children and root.part.is_multipart else "1")]
    for node, section in order:
        prefix = section.removesuffix("TEXT").removesuffix(".")
        for number, child in enumerate(node.children, 1):
            if not node.part.is_multipart:  # the one message inside
                own = f"{prefix}.TEXT" if child.part.is_multipart and child.children else f"{prefix}.1"
            else:
                own = f"{prefix}.{number}" if prefix else str(number)
            order.append((child, own))
    done: dict[int, Part] = {}
    for node, section in reversed(order):
        part = node.part
        if part.is_multipart and not node.children:
            part = replace(part, content_type="text/plain")  # no delimiter was found: better shown raw than hidden
        children = tuple(done.pop(id(child)) for child in node.children)
        done[id(node)] = replace(part, section=section, size=node.end - node.body, children=children)
        ranges[section or "TEXT"] = Range(node.header, node.body, node.end)
    return done[id(root)]
