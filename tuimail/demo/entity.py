# SPDX-License-Identifier: GPL-3.0-or-later
"""The MIME structure of a message by octet offsets, and its BODYSTRUCTURE and ENVELOPE (RFC 9051 §7.5.2).

Octet-exact on purpose: ``BODY[1.2]`` must be the very octets of the message, which a parser that decodes cannot give.
"""

import re
from dataclasses import dataclass, field
from email.utils import getaddresses

from tuimail.demo.names import nstring, string

_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:((?:[^\r\n]|\r\n[ \t])*+)(?:\r\n|\Z)", re.MULTILINE)
_PARAMETER = re.compile(rb';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_SIMPLE_ADDRESS = re.compile(
    rb'\s*(?:"?([^",<>@()\\\x80-\xff]*?)"?\s*<([^\s<>@",]+)@([^\s<>@",]+)>|([^\s<>@",:;()]+)@([^\s<>@",:;()]+))\s*'
)
_DEPTH = 30


@dataclass(slots=True)
class Entity:
    """One part: the octets ``raw[start:end]``, its body from ``body`` on."""

    raw: bytes
    start: int
    body: int
    end: int
    fields: list[tuple[bytes, bytes]]
    """(name, unfolded value) in order."""
    maintype: bytes = b"text"
    subtype: bytes = b"plain"
    parameters: list[tuple[bytes, bytes]] = field(default_factory=list)
    children: list["Entity"] = field(default_factory=list)
    """The parts of a multipart, or the one message inside a message/rfc822."""

    @property
    def header_octets(self) -> bytes:
        """The header with the empty line."""
        return self.raw[self.start : self.body]

    @property
    def body_octets(self) -> bytes:
        """The body, still encoded."""
        return self.raw[self.body : self.end]

    @property
    def is_multipart(self) -> bool:
        """Whether the children are parts."""
        return self.maintype == b"multipart"

    def get(self, name: bytes) -> bytes | None:
        """The first value of a header field."""
        name = name.lower()
        return next((value for key, value in self.fields if key.lower() == name), None)

    def part(self, path: tuple[int, ...]) -> "Entity | None":
        """The part that a section number names; None when there is none. The empty path is the whole message."""
        part = self
        for depth, number in enumerate(path):
            inner = part.children[0] if depth and part.maintype == b"message" and part.children else part
            if inner.is_multipart:
                if not 0 < number <= len(inner.children):
                    return None
                part = inner.children[number - 1]
            elif number == 1 and (not depth or inner is not part):
                part = inner
            else:
                return None
        return part


def parse(raw: bytes) -> Entity:
    """The structure of a whole message."""
    return _entity(raw, 0, len(raw), b"text/plain", 0)


def _entity(raw: bytes, start: int, end: int, default: bytes, depth: int) -> Entity:
    if raw.startswith(b"\r\n", start):
        body = start + 2
    else:
        blank = raw.find(b"\r\n\r\n", start, end)
        body = blank + 4 if blank >= 0 else end
    fields = [(match[1], match[2].replace(b"\r\n", b"").strip()) for match in _FIELD.finditer(raw, start, body)]
    part = Entity(raw, start, body, end, fields)
    kind, part.parameters = _parameters(part.get(b"Content-Type") or default)
    maintype, slash, subtype = kind.partition(b"/")
    if slash and maintype and subtype:
        part.maintype, part.subtype = maintype, subtype
    boundary = next((value for name, value in part.parameters if name == b"boundary"), b"")
    if part.is_multipart and boundary and depth < _DEPTH:
        inner = b"message/rfc822" if part.subtype == b"digest" else b"text/plain"
        part.children = [_entity(raw, low, high, inner, depth + 1) for low, high in _split(raw, body, end, boundary)]
    elif (part.maintype, part.subtype) == (b"message", b"rfc822") and depth < _DEPTH:
        part.children = [_entity(raw, body, end, b"text/plain", depth + 1)]
    if part.is_multipart and not part.children:
        part.maintype, part.subtype = b"text", b"plain"
    return part


def _split(raw: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts lie between their delimiter lines (RFC 2046 §5.1.1)."""
    delimiter = re.compile(rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    parts: list[tuple[int, int]] = []
    low = -1
    for match in delimiter.finditer(raw, max(start - 2, 0), end):
        if low >= 0:
            parts.append((low, max(low, match.start())))
        low = match.end() + 2
        if match[1]:
            return parts
    if low >= 0:
        parts.append((low, end))
    return parts


def _parameters(value: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    kind = value.split(b";", 1)[0].strip().lower()
    found = [
        (match[1].lower(), re.sub(rb"\\(.)", rb"\1", match[2]) if match[2] is not None else match[3])
        for match in _PARAMETER.finditer(value)
    ]
    return kind, found


def bodystructure(part: Entity, *, extended: bool) -> bytes:
    """BODYSTRUCTURE, or BODY when not ``extended``."""
    if part.is_multipart:
        children = b"".join(bodystructure(child, extended=extended) for child in part.children)
        more = b" %b %b NIL NIL" % (_pairs(part.parameters), _disposition(part)) if extended else b""
        return b"(%b %b%b)" % (children, string(part.subtype.upper()), more)
    size = part.end - part.body
    lines = part.raw.count(b"\n", part.body, part.end)
    fields = [
        string(part.maintype.upper()),
        string(part.subtype.upper()),
        _pairs(part.parameters or ([(b"charset", b"us-ascii")] if part.maintype == b"text" else [])),
        nstring(part.get(b"Content-ID")),
        nstring(part.get(b"Content-Description")),
        string((part.get(b"Content-Transfer-Encoding") or b"7bit").upper()),
        b"%d" % size,
    ]
    if part.children:
        fields += [envelope(part.children[0]), bodystructure(part.children[0], extended=extended), b"%d" % lines]
    elif part.maintype == b"text":
        fields.append(b"%d" % lines)
    if extended:
        fields += [nstring(part.get(b"Content-MD5")), _disposition(part), nstring(part.get(b"Content-Language")), b"NIL"]
    return b"(" + b" ".join(fields) + b")"


def _pairs(parameters: list[tuple[bytes, bytes]]) -> bytes:
    if not parameters:
        return b"NIL"
    return b"(" + b" ".join(string(name) + b" " + string(value) for name, value in parameters) + b")"


def _disposition(part: Entity) -> bytes:
    value = part.get(b"Content-Disposition")
    if not value:
        return b"NIL"
    kind, parameters = _parameters(value)
    return b"(%b %b)" % (string(kind.upper()), _pairs(parameters))


def envelope(message: Entity) -> bytes:
    """ENVELOPE; Sender and Reply-To default to From."""
    from_ = _addresses(message.get(b"From"))
    return b"(" + b" ".join([
        nstring(message.get(b"Date")),
        nstring(message.get(b"Subject")),
        from_,
        _addresses(message.get(b"Sender"), from_),
        _addresses(message.get(b"Reply-To"), from_),
        _addresses(message.get(b"To")),
        _addresses(message.get(b"Cc")),
        _addresses(message.get(b"Bcc")),
        nstring(message.get(b"In-Reply-To")),
        nstring(message.get(b"Message-ID")),
    ]) + b")"  # fmt: skip


def _addresses(value: bytes | None, default: bytes = b"NIL") -> bytes:
    if not value:
        return default
    if simple := _SIMPLE_ADDRESS.fullmatch(value):
        return b"(%b)" % _address(simple[1], simple[2] or simple[4], simple[3] or simple[5])
    found = []
    for name, address in getaddresses([value.decode("utf-8", "surrogateescape")]):
        local, _, domain = address.encode("utf-8", "surrogateescape").rpartition(b"@")
        if local and domain:
            found.append(_address(name.encode("utf-8", "surrogateescape"), local, domain))
    return b"(%b)" % b"".join(found) if found else default


def _address(name: bytes | None, local: bytes, domain: bytes) -> bytes:
    return b"(%b NIL %b %b)" % (nstring(name or None), string(local), string(domain))
