# SPDX-License-Identifier: GPL-3.0-or-later
"""The readers that are fuzzed: each with examples, the words of its format, and what must hold whatever it is given."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from tests.fuzz import examples
from tests.hostile.unsafe import clean
from tuimail.accounts import config
from tuimail.accounts.autoconfig import read_autoconfig
from tuimail.accounts.pacc import read_pacc
from tuimail.backends.imap.wire import fetch, listing
from tuimail.backends.imap.wire.bodystructure import has_attachment, parse_bodystructure
from tuimail.backends.imap.wire.codes import copied, parse_status_text, refusal
from tuimail.backends.imap.wire.names import decode_name, encode_name
from tuimail.backends.imap.wire.responses import STATUS_KINDS, tagged, untagged
from tuimail.backends.imap.wire.splitter import Splitter
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.pop3 import replies
from tuimail.backends.smtp.outcome import Reply, error_of
from tuimail.cli.view import body_lines, head_lines
from tuimail.engine.mailto import mailto_fields
from tuimail.engine.rendering import View
from tuimail.engine.viewing import view_message
from tuimail.mime.addresses import parse_addresses, parse_typed
from tuimail.mime.choose import attachments, body_in, body_parts, plain_part
from tuimail.mime.compose import Outgoing, OutgoingAttachment, build
from tuimail.mime.envelope import envelope_of
from tuimail.mime.filename import safe_filename
from tuimail.mime.headers import Headers
from tuimail.mime.mbox import mbox_entry, mbox_messages
from tuimail.mime.parse import parse
from tuimail.mime.redirect import redirected
from tuimail.mime.reply import (
    forward_subject,
    forward_text,
    quote_reply,
    references_for,
    reply_recipients,
    reply_subject,
)
from tuimail.mime.search_text import search_text
from tuimail.mime.structure import bodystructure
from tuimail.mime.submission import submitted
from tuimail.model.account import Account
from tuimail.model.address import Address, format_addresses
from tuimail.model.discovery import Trust
from tuimail.model.errors import ConfigWrong, InputWrong, MailMalformed, ServerBroken, TuimailError
from tuimail.model.message import Envelope
from tuimail.model.part import Part
from tuimail.model.query import parse_query
from tuimail.model.rendered import Rendered
from tuimail.model.text import safe_line, safe_text
from tuimail.render.calendar import render_calendar
from tuimail.render.html import render_html
from tuimail.render.plain import render_plain

_FOLDER = Path(__file__).parents[1] / "data" / "fuzz"
"""What was found once, a folder for each target; always tried first."""
_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Target:
    """A reader. It may raise ``promised`` and nothing else."""

    read: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()
    promised: tuple[type[Exception], ...] = ()
    turns: int = 1
    """Of each round: those whose inputs take long get more."""

    def try_(self, data: bytes) -> None:
        """Raises whatever was not promised."""
        with suppress(*self.promised):
            self.read(data)


def found(name: str) -> list[bytes]:
    """What once made a target fail."""
    return [path.read_bytes() for path in sorted((_FOLDER / name.replace(" ", "-")).glob("*")) if path.is_file()]


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """The examples of a target, and what made it fail once."""
    return (*TARGETS[name].seeds(), *found(name))


def _rendered(what: str, body: Rendered) -> None:
    clean(what, (line.text for line in body.lines))
    clean(what, (text for link in body.links for text in (link.text, link.target, link.warning)))
    clean(what, body.warnings)
    assert all(0 <= span.start < span.end <= len(line.text) for line in body.lines for span in line.spans), what
    assert all(span.link is None or span.link < len(body.links) for line in body.lines for span in line.spans), what


def _envelope(envelope: Envelope) -> None:
    people = (*envelope.from_, *envelope.to, *envelope.cc, *envelope.bcc, *envelope.reply_to)
    clean("people", (text for person in people for text in (person.name, person.email)))
    clean("envelope", (envelope.subject, envelope.message_id, envelope.in_reply_to, *envelope.references))
    clean("subjects", (reply_subject(envelope.subject), forward_subject(envelope.subject), format_addresses(people)))


def _structure(root: Part) -> None:
    parts = list(root.walk())
    clean("parts", (text for part in parts for text in (part.content_type, part.filename, part.encoding, part.charset)))
    clean("parameters", (text for part in parts for pair in part.params.items() for text in pair))
    clean("file names", (safe_filename(part.filename) for part in parts))
    assert all(safe_filename(part.filename)[0] not in ".-" and "/" not in safe_filename(part.filename) for part in parts)
    texts = (*body_parts(root), *body_in(root, "text/plain"), *body_in(root, "text/html"))
    for part in (*texts, *attachments(root), *filter(None, (plain_part(root),))):
        assert any(part is other for other in parts)


def _imap(data: bytes) -> None:
    splitter = Splitter()
    for at in range(0, len(data), 700):
        splitter.feed(data[at : at + 700])
        for unit in splitter.units():
            _response(unit)
    splitter.rest()


def _response(unit: tuple[bytes, ...]) -> None:
    ended = tagged(unit)
    clean("refusal", [str(refusal(ended.status, ended.text, "Open the folder"))])
    item = untagged(unit)
    if item.kind in STATUS_KINDS:
        code = parse_status_text(item.unit[0])
        copied(code.arguments)
        clean("status", [str(refusal("NO", code, "Move"))])
    readers: tuple[Callable[[tuple[bytes, ...]], object], ...] = (
        listing.namespaces,
        listing.search,
        fetch.uid_of,
        fetch.is_header_row,
    )
    for reader in readers:
        reader(item.unit)
    for reader in (listing.listed, listing.status, listing.esearch_all, listing.vanished, fetch.sections, fetch.flag_update):
        with suppress(Malformed):
            reader(item.unit)
    row = fetch.message(item.unit)
    if row is not None:
        _envelope(row.envelope)
        with suppress(Malformed):
            _structure(parse_bodystructure(row.bodystructure))


def _body_structure(data: bytes) -> None:
    has_attachment(data)
    _structure(parse_bodystructure(data))


def _folder_name(data: bytes) -> None:
    name = decode_name(data)
    for utf8 in (False, True):
        with suppress(InputWrong):
            encode_name(name, utf8=utf8)
    encode_name(decode_name(data, utf8=True), utf8=True)


def _header(data: bytes) -> None:
    headers = Headers.parse(data)
    clean("fields", (text for pair in headers for text in pair))
    _envelope(envelope_of(headers))
    for value in headers.all("To"):
        parse_addresses(value)


def _message(data: bytes) -> None:
    parsed = parse(data)
    _structure(parsed.root)
    _envelope(envelope_of(parsed.headers))
    assert all(part.size == len(parsed.encoded(part.section or "TEXT")) for part in parsed.root.walk())
    _structure(parse_bodystructure(bodystructure(parsed.root)))
    for part in parsed.root.walk():
        search_text(part.content_type, part.charset, parsed.content(part.section)).encode("utf-8", "replace")
    for view in View:
        with suppress(MailMalformed):
            viewed = view_message(data, width=_WIDTH, view=view)
            _rendered(f"view {view}", viewed.body)
            clean(f"view {view}", [*head_lines(viewed), *body_lines(viewed.body, _WIDTH), viewed.snippet])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _html(data: bytes) -> None:
    for width in (1, _WIDTH):
        _rendered("HTML", render_html(_text(data), width=width))
    search_text("text/html", "utf-8", data)


def _calendar(data: bytes) -> None:
    _rendered("calendar", render_calendar(_text(data)))


def _plain(data: bytes) -> None:
    for flowed in (False, True):
        _rendered("plain", render_plain(_text(data), flowed=flowed, delsp=flowed))


def _safe(data: bytes) -> None:
    text = _text(data)
    line, lines = safe_line(text), safe_text(text)
    clean("line", [line])
    clean("text", [lines], text=True)
    assert safe_line(line) == line


def _answered(data: bytes) -> None:
    """What is written in answer to a message, and what it is passed on in, is made of it and of nothing that it smuggles in."""
    parsed = parse(data)
    envelope = envelope_of(parsed.headers)
    name = str(envelope.from_[0]) if envelope.from_ else ""
    with suppress(MailMalformed):
        body = view_message(data, width=_WIDTH, view=View.PLAIN).body
        text = "\n".join("> " * line.quote + line.text for line in body.lines)
        for people in reply_recipients(envelope, _ADA, everyone=True):
            _letter(people, reply_subject(envelope.subject), quote_reply(text, name, envelope.date), envelope)
        files = [
            OutgoingAttachment(safe_filename(part.filename), part.content_type, parsed.content(part.section))
            for part in attachments(parsed.root)
        ]
        _letter((), forward_subject(envelope.subject), forward_text(text, envelope), envelope, files)
    _letter((), forward_subject(envelope.subject), "", envelope, [OutgoingAttachment("x.eml", "message/rfc822", data)])
    again = redirected(data, _ADA.identity, (_ADA.identity,), "<a@b>", 0)
    assert _whole_lines(again).partition(b"Resent-Message-ID: <a@b>\r\n")[2] == _CRLF.sub(b"\r\n", data)
    sent = submitted(data, _ADA.identity, message_id="<a@b>", date=0)
    assert "bcc" not in Headers.parse(_whole_lines(sent.raw).partition(b"\r\n\r\n")[0])
    clean("submitted", [sent.subject])
    entry = mbox_entry(data, frozenset(), name, 0)
    assert len(list(mbox_messages(BytesIO(entry)))) == 1


def _letter(
    people: tuple[Address, ...], subject: str, text: str, envelope: Envelope, files: Sequence[OutgoingAttachment] = ()
) -> None:
    """One that goes out: the addresses as they stand in the composer, and the files, are those that arrive."""
    with suppress(InputWrong):
        to = parse_typed(format_addresses(people))
        assert [one.email for one in to] == [one.email for one in people]
        ids = references_for(envelope)
        letter = Outgoing(
            _ADA.identity,
            to=to,
            subject=subject,
            text=text,
            flowed=True,
            attachments=tuple(files),
            in_reply_to=envelope.message_id,
            references=ids,
        )
        raw = _whole_lines(build(letter))
        parsed = parse(raw)
        names = [name.lower() for name, _ in parsed.headers]
        assert len(names) == len(set(names)), names
        assert set(names) <= {*_LETTER, "in-reply-to", "references"}, names
        arrived = envelope_of(parsed.headers)
        assert len(arrived.to) == len(to), (arrived.to, to)
        assert set(arrived.references) <= set(ids), (arrived.references, ids)
        if files:
            parts = parsed.root.children[1:]
            assert len(parts) == len(files), (parts, files)
            for part, file in zip(parts, files, strict=True):
                content = parsed.content(part.section)
                whole = part.content_type == "message/rfc822"
                assert content == (_CRLF.sub(b"\r\n", file.data) if whole else file.data), (part, file)


def _whole_lines(raw: bytes) -> bytes:
    """What goes to an SMTP server: every line ends with CRLF."""
    assert not set(b"\r\n") & set(raw.replace(b"\r\n", b""))
    return raw


_CRLF = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_ADA = Account("work", Address("Ada", "ada@example.org"))


def _mailto(data: bytes) -> None:
    fields = mailto_fields("mailto:" + _text(data))
    assert fields.keys() <= {"to", "cc", "bcc", "subject", "body", "in_reply_to"}
    clean("mailto", (value for name, value in fields.items() if name != "body"))
    clean("mailto's body", (value for name, value in fields.items() if name == "body"), text=True)
    _sent(fields.get("to", ""), fields.get("subject", ""), fields.get("body", ""))


def _typed(data: bytes) -> None:
    to, _, rest = _text(data).partition("\n")
    subject, _, text = rest.partition("\n")
    _sent(to, subject, text)


def _sent(to: str, subject: str, text: str) -> None:
    """What is written goes out with the fields of a letter and no other, to those who stand there and nobody else."""
    people = parse_typed(to)
    with suppress(InputWrong):
        raw = build(Outgoing(Address("Ada", "ada@example.org"), to=people, subject=subject, text=text, flowed=True))
        head = raw.partition(b"\r\n\r\n")[0]
        names = [name.lower() for name, _ in Headers.parse(head)]
        assert len(names) == len(set(names)), names
        assert set(names) <= _LETTER, names
        assert not set(b"\r\n") & set(raw.replace(b"\r\n", b""))
        again = [person.email for person in envelope_of(Headers.parse(raw)).to]
        assert len(again) == len(people), (people, again)


_LETTER = {
    "date",
    "from",
    "to",
    "subject",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}


def _config(data: bytes) -> None:
    path = Path("/nowhere/config.toml")
    try:
        config.parse(data.decode("utf-8", "replace"), path)
    except ConfigWrong as error:
        clean("configuration", [error.message, error.advice], text=True)


def _query(data: bytes) -> None:
    query = parse_query(_text(data), 1.7e9)
    assert query.as_typed.as_typed == query.as_typed


def _pop3(data: bytes) -> None:
    replies.capabilities(data)
    list(replies.numbered(data))
    replies.unstuffed(data)
    replies.stamp(data)
    clean("refusal", [str(replies.refusal(replies.parse_reply(data), "Sign in"))])


def _smtp(data: bytes) -> None:
    for code in (220, 354, 421, 530, 535, 554, 999):
        error: TuimailError = error_of(Reply.of(code, _text(data)), "the sender")
        clean("SMTP", [error.message, error.advice])


def _mbox(data: bytes) -> None:
    for raw, _, _ in mbox_messages(data.splitlines(keepends=True)):
        _envelope(envelope_of(Headers.parse(raw)))


def _found_servers(data: bytes) -> None:
    with suppress(MailMalformed):
        proposal = read_autoconfig(data, "ada@example.org", "autoconfig", Trust.DOMAIN)
        clean("autoconfig", [] if proposal is None else [server.host for server in (proposal.imap, proposal.smtp) if server])
    with suppress(MailMalformed):
        read_pacc(data, "ada@example.org", "PACC")


TARGETS: dict[str, Target] = {
    "imap": Target(_imap, examples.imap, examples.IMAP_WORDS, (ServerBroken,)),
    "bodystructure": Target(_body_structure, examples.structures, examples.STRUCTURE_WORDS, (Malformed,)),
    "folder name": Target(
        _folder_name,
        lambda: (b"INBOX", b"&AOk-t&AOk-", b"&2D3cqg-", b"a/b", "é".encode()),
        (b"&", b"-", b"&-", b"&AGE", b"/", b","),
    ),
    "header": Target(_header, examples.headers, examples.FIELD_WORDS),
    "message": Target(_message, examples.messages, examples.FIELD_WORDS, turns=4),
    "answer": Target(_answered, examples.messages, examples.FIELD_WORDS, turns=2),
    "html": Target(_html, lambda: examples.HTML, examples.HTML_WORDS, turns=4),
    "plain": Target(
        _plain,
        lambda: (b"Hi\n> q\n>> r\n\n-- \nsig\n", b"On 1 Jan, Ada wrote:\n> x http://a.example/(b) \n"),
        (b"> ", b"-- \n", b" \n", b"http://", b"wrote:"),
    ),
    "calendar": Target(_calendar, lambda: examples.CALENDAR, examples.CALENDAR_WORDS),
    "text": Target(
        _safe,
        lambda: ("Grüße \u202e\u200d\U0001f469\u200d\U0001f466 e\u0301".encode(), b"plain\ttext\r\n"),
        ("\u0301".encode(), "\u200d".encode(), "\u1100\u1161".encode()),
    ),
    "mailto": Target(
        _mailto,
        lambda: examples.MAILTO,
        (b"%0D%0A", b"%00", b"%1b", b"&subject=", b"&body=", b"&cc=", b"?", b"%", b"%25", b"%E2%80%AE"),
        (InputWrong,),
    ),
    "what is typed": Target(
        _typed,
        lambda: examples.TYPED,
        (b"<", b">", b",", b";", b"@", b'"', b"(", b"\\", b"=?utf-8?q?x?=", b"\n", b"\r\nBcc: x@y.example"),
        (InputWrong,),
    ),
    "configuration": Target(_config, lambda: examples.CONFIG, examples.CONFIG_WORDS),
    "query": Target(
        _query,
        lambda: (b'from:ada subject:"x y" -is:unread since:2025-01-01 has:attachment', b"a OR b before:1w in:Inbox"),
        (b"from:", b"-", b'"', b"since:", b"99999999", b":", b"larger:1M"),
        (InputWrong,),
    ),
    "pop3": Target(
        _pop3,
        lambda: (b"+OK POP3 <1.2@x> ready", b"-ERR [IN-USE] no\r\n", b"1 200\r\n2 x..y\r\n", b"TOP\r\nSASL PLAIN\r\n"),
        (b"+OK ", b"-ERR [", b"\r\n..", b"SYS/TEMP]"),
        (ServerBroken,),
    ),
    "smtp": Target(_smtp, lambda: (b"2.1.0 Ok", b"5.7.1 \x1b[31mNo\nSTARTTLS"), (b"\n", b"5.7.0", b"STARTTLS")),
    "mbox": Target(
        _mbox,
        lambda: (b"From a@b Mon Mar 10 14:02:00 2025\nStatus: RO\nSubject: x\n\n>From y\n\nFrom c@d 1\n\nz\n",),
        (b"\nFrom ", b">From ", b"Status: R\n", b"\n\n"),
    ),
    "found servers": Target(
        _found_servers,
        lambda: examples.XML,
        (
            b"<incomingServer",
            b"&#27;",
            b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
            b"&a;",
            b"{",
            b"[",
            b"null",
            b"1e999",
            b"%EMAILLOCALPART%",
        ),
    ),
}
