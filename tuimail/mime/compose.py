# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as it goes out (RFC 5322, RFC 2045-2047, RFC 2231): lines ended by CRLF, every line short enough for any server.

Nothing in it tells of the machine or the program: no host name, no User-Agent, boundaries and ids are random, Date is in UTC.
"""

import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from time import gmtime

from tuimail.mime import emit
from tuimail.mime.addresses import ascii_address
from tuimail.mime.dates import DAYS, MONTHS
from tuimail.mime.flowed import encode as flow
from tuimail.mime.headers import parameters
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong

MAX_LINE = 998
"""Octets of a line without its CRLF (RFC 5322 §2.1.1)."""
_PLAIN = bytes((9, 10, *range(32, 127)))
"""Octets that 7bit text may hold."""
_FROM = re.compile(rb"^From ", re.MULTILINE)
"""What mbox files change (RFC 4155)."""
_BASE64_LINE = 57
_SLICE = _BASE64_LINE * 16_384


@dataclass(frozen=True, slots=True)
class OutgoingAttachment:
    """A file to send along; its octets arrive unchanged. A ``message/rfc822`` is attached as the message it is."""

    filename: str
    content_type: str
    """May bring parameters, ``text/calendar; method=REPLY``."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What `build` needs. There is no Bcc: those addresses belong to the SMTP envelope alone."""

    from_: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    """A richer wording of ``text``, if any."""
    attachments: tuple[OutgoingAttachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    message_id: str = ""
    """With angle brackets; a new one is made where it is empty."""
    date: int = 0
    """Seconds since 1970."""
    flowed: bool = False
    """Wrap the text softly (RFC 3676). Blanks at line ends are lost then, so not for patches."""
    smtputf8: bool = False
    """The server takes addresses beyond ASCII (RFC 6531)."""


def new_message_id(email: str) -> str:
    """A new Message-ID with the address's domain, which is the only thing it tells."""
    domain = ascii_address(email, smtputf8=True).rpartition("@")[2]
    return f"<{secrets.token_urlsafe(18)}@{domain.strip('[]').replace(':', '.')}>"


def build(message: Outgoing) -> bytes:
    """The message's octets. Raises InputWrong for an address or id that cannot be sent; never writes a Bcc."""
    out = BytesIO()
    out.write(_head(message).encode("utf-8" if message.smtputf8 else "ascii"))
    boundary = _boundary()
    if message.attachments:
        out.write(_multipart("mixed", boundary, eight_bit=any(map(_may_be_eight_bit, message.attachments))))
        out.write(f"--{boundary}\r\n".encode())
    _write_body(out, message)
    for attachment in message.attachments:
        out.write(f"\r\n--{boundary}\r\n".encode())
        _write_attachment(out, attachment)
    if message.attachments:
        out.write(f"\r\n--{boundary}--\r\n".encode())
    return out.getvalue()


def _head(message: Outgoing) -> str:
    """Every field but those of MIME."""
    message_id = message.message_id or new_message_id(message.from_.email)
    if not emit.is_message_id(message_id):
        raise InputWrong("The Message-ID is malformed.")
    utf8 = message.smtputf8
    return "".join(
        (
            emit.field("Date", [date_text(message.date)]),
            emit.address_list("From", (message.from_,), smtputf8=utf8),
            emit.address_list("Reply-To", message.reply_to, smtputf8=utf8),
            emit.address_list("To", message.to, smtputf8=utf8),
            emit.address_list("Cc", message.cc, smtputf8=utf8),
            emit.unstructured("Subject", message.subject) if message.subject.strip() else "",
            emit.message_ids("Message-ID", (message_id,)),
            emit.message_ids("In-Reply-To", (message.in_reply_to,)),
            emit.message_ids("References", message.references),
            emit.field("MIME-Version", ["1.0"]),
        )
    )


def date_text(date: int) -> str:
    """RFC 5322 §3.3, in UTC: where the sender sits is nobody's business."""
    year, month, day, hour, minute, second, weekday, _, _ = gmtime(date)
    return f"{DAYS[weekday]}, {day:02} {MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} +0000"


def _boundary() -> str:
    """Random; the ``=_`` cannot occur in quoted-printable or base64 (RFC 2045 §6.7)."""
    return f"=_{secrets.token_hex(16)}"


def _multipart(subtype: str, boundary: str, *, eight_bit: bool = False) -> bytes:
    """Its header; octets beyond ASCII in a part have to be told here as well (RFC 2045 §6.4)."""
    encoding = emit.field("Content-Transfer-Encoding", ["8bit"]) if eight_bit else ""
    return (emit.with_parameters("Content-Type", f"multipart/{subtype}", {"boundary": boundary}) + encoding + "\r\n").encode()


def _write_body(out: BytesIO, message: Outgoing) -> None:
    """The text, or the text and its richer wording as alternatives."""
    text = flow(message.text) if message.flowed else message.text
    parameters_ = {"charset": "utf-8", "format": "flowed"} if message.flowed else {"charset": "utf-8"}
    if not message.html:
        _write_text(out, "text/plain", parameters_, text)
        return
    boundary = _boundary()
    out.write(_multipart("alternative", boundary))
    out.write(f"--{boundary}\r\n".encode())
    _write_text(out, "text/plain", parameters_, text)
    out.write(f"\r\n--{boundary}\r\n".encode())
    _write_text(out, "text/html", {"charset": "utf-8"}, message.html)
    out.write(f"\r\n--{boundary}--\r\n".encode())


def _write_text(out: BytesIO, content_type: str, parameters_: Mapping[str, str], text: str) -> None:
    """A text part with the lightest encoding that every server carries; the last line always ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    octets = (text if text.endswith("\n") or not text else f"{text}\n").encode("utf-8", "replace")
    encoding = _text_encoding(octets)
    out.write(emit.with_parameters("Content-Type", content_type, parameters_).encode())
    out.write(f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode())
    match encoding:
        case "7bit":
            out.write(octets.replace(b"\n", b"\r\n"))
        case "base64":
            _write_base64(out, octets.replace(b"\n", b"\r\n"))
        case _:
            out.write(_FROM.sub(b"=46rom ", binascii.b2a_qp(octets, istext=True)).replace(b"\n", b"\r\n"))


def _text_encoding(octets: bytes) -> str:
    """7bit for plain ASCII, base64 where most of it is beyond ASCII, else quoted-printable, which stays readable."""
    beyond = sum(map((127).__lt__, octets[:100_000])) if not octets.isascii() else 0
    if beyond * 3 > min(len(octets), 100_000):
        return "base64"
    plain = not beyond and octets.isascii() and not octets.translate(None, _PLAIN)
    if (
        plain
        and max(map(len, octets.split(b"\n"))) <= MAX_LINE
        and not octets.startswith(b"From ")
        and b"\nFrom " not in octets
    ):
        return "7bit"
    return "quoted-printable"


def _write_attachment(out: BytesIO, attachment: OutgoingAttachment) -> None:
    content_type, details = parameters(attachment.content_type)
    data = attachment.data
    encoding = "base64"
    if content_type == "message/rfc822":
        as_message = _message_octets(data)
        if as_message is None:
            content_type = "application/octet-stream"
        else:
            data, encoding = as_message
    elif content_type.count("/") != 1 or content_type.startswith(("multipart/", "message/")):
        content_type, details = "application/octet-stream", {}
    if content_type.startswith("text/") and "charset" not in details and not data.isascii() and _is_utf8(data):
        details = {**details, "charset": "utf-8"}
    out.write(emit.with_parameters("Content-Type", content_type, details).encode())
    name = {"filename": attachment.filename.rpartition("/")[2].replace("\\", "_")}
    out.write(emit.with_parameters("Content-Disposition", "attachment", name).encode())
    out.write(f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode())
    if encoding == "base64":
        _write_base64(out, data)
    else:
        out.write(data)


def _may_be_eight_bit(attachment: OutgoingAttachment) -> bool:
    return attachment.content_type.startswith("message/rfc822") and not attachment.data.isascii()


def _message_octets(data: bytes) -> tuple[bytes, str] | None:
    """A message with CRLF and its encoding, 7bit or 8bit (RFC 2046 §5.2.1 allows no other); None when it cannot be sent so."""
    data = data.replace(b"\r\n", b"\n")
    if b"\r" in data or b"\0" in data or max(map(len, data.split(b"\n"))) > MAX_LINE:
        return None
    return data.replace(b"\n", b"\r\n"), "7bit" if data.isascii() else "8bit"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _write_base64(out: BytesIO, data: bytes) -> None:
    """In slices, so that no second copy of a large file is made."""
    for start in range(0, len(data), _SLICE):
        encoded = binascii.b2a_base64(data[start : start + _SLICE], newline=False)
        lines = [encoded[at : at + 76] for at in range(0, len(encoded), 76)]
        out.write(b"\r\n".join(lines) + b"\r\n")
