# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample message as its author thinks of it, and its octets."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from tuimail.demo.samples.cast import Person
from tuimail.demo.samples.clock import date_field
from tuimail.model.flags import SEEN, Flags

_LONGEST_WORD = 42
"""Octets in one encoded word, so that a line stays below 78."""
_SPECIALS = re.compile(r'[()<>@,;:\\".\[\]]')


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment, or an image that the HTML shows."""

    filename: str
    content_type: str
    make: Callable[[], bytes]
    """Makes the content, when it is first wanted."""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One sample message."""

    key: str
    """Unique; becomes the left half of the Message-ID."""
    folder: str
    """With ``/`` between levels, whatever the server's delimiter is."""
    sender: Person
    to: tuple[Person, ...]
    subject: str
    """An empty one leaves the field out."""
    text: str
    arrived: int
    """Seconds since 1970."""
    flags: Flags = frozenset({SEEN})
    cc: tuple[Person, ...] = ()
    html: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    references: tuple[str, ...] = ()
    """Message-IDs of those before, the one answered last."""
    fields: tuple[tuple[str, str], ...] = field(default=())
    """Further header fields."""
    charset: str = "utf-8"

    @property
    def message_id(self) -> str:
        """With angle brackets."""
        return f"<{self.key}@{self.sender.domain}>"

    def __call__(self) -> bytes:
        """The octets, the same each time."""
        header = [
            ("From", written([self.sender], self.charset)),
            ("To", written(self.to, self.charset)),
            *([("Cc", written(self.cc, self.charset))] if self.cc else []),
            *([("Subject", encoded(self.subject, self.charset))] if self.subject else []),
            ("Date", date_field(self.arrived - 4)),
            ("Message-ID", self.message_id),
            *([("In-Reply-To", self.references[-1])] if self.references else []),
            *([("References", "\r\n ".join(self.references))] if self.references else []),
            *self.fields,
            ("MIME-Version", "1.0"),
        ]
        return "".join(f"{name}: {value}\r\n" for name, value in header).encode("utf-8") + self._body()

    def _body(self) -> bytes:
        """The content, its own header fields first."""
        body = _text_part("plain", self.text, self.charset)
        if self.html:
            pictures = [_enclosed(enclosure) for enclosure in self.enclosures if enclosure.content_id]
            html = _text_part("html", self.html, self.charset)
            body = _multipart("alternative", [body, _multipart("related", [html, *pictures]) if pictures else html])
        files = [_enclosed(enclosure) for enclosure in self.enclosures if not (enclosure.content_id and self.html)]
        return _multipart("mixed", [body, *files]) if files else body


def encoded(value: str, charset: str = "utf-8") -> str:
    """Text of a header field, in encoded words where it needs them (RFC 2047)."""
    if value.isascii():
        return value
    pieces, piece = [], b""
    for letter in value:
        octets = letter.encode(charset, "replace")
        if len(piece) + len(octets) > _LONGEST_WORD:
            pieces.append(piece)
            piece = b""
        piece += octets
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(each).decode()}?=" for each in [*pieces, piece])


def written(people: "tuple[Person, ...] | list[Person]", charset: str = "utf-8") -> str:
    """Addresses as they stand in a header field."""
    return ",\r\n ".join(_address(person, charset) for person in people)


def _address(person: Person, charset: str) -> str:
    if not person.name:
        return person.email
    name = f'"{person.name}"' if person.name.isascii() and _SPECIALS.search(person.name) else encoded(person.name, charset)
    return f"{name} <{person.email}>"


def _text_part(subtype: str, text: str, charset: str) -> bytes:
    octets = text.replace("\n", "\r\n").encode(charset, "replace")
    kind, encoding = f"text/{subtype}; charset={charset}", "quoted-printable"
    if octets.isascii() and charset == "utf-8" and max(map(len, octets.split(b"\r\n"))) < 990:
        encoding = "7bit"
    elif sum(octet > 127 for octet in octets) * 3 > len(octets):
        encoding, octets = "base64", base64.encodebytes(octets).replace(b"\n", b"\r\n")
    else:
        octets = binascii.b2a_qp(text.encode(charset, "replace")).replace(b"\n", b"\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + octets


def _enclosed(enclosure: Enclosure) -> bytes:
    name = f'filename="{enclosure.filename}"'
    if not enclosure.filename.isascii():
        name = f"filename*=utf-8''{quote(enclosure.filename)}"
    disposition = "inline" if enclosure.content_id else "attachment"
    content_id = f"Content-ID: <{enclosure.content_id}>\r\n" if enclosure.content_id else ""
    fields = f"Content-Type: {enclosure.content_type}\r\nContent-Disposition: {disposition};\r\n {name}\r\n{content_id}"
    if enclosure.content_type == "message/rfc822":
        return fields.encode() + b"\r\n" + enclosure.make()
    octets = base64.encodebytes(enclosure.make()).replace(b"\n", b"\r\n")
    return f"{fields}Content-Transfer-Encoding: base64\r\n\r\n".encode() + octets


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    boundary = f"=-{subtype}-{binascii.crc32(parts[0]):08x}"
    inner = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n%b--%b--\r\n' % (
        subtype.encode(),
        boundary.encode(),
        inner,
        boundary.encode(),
    )
