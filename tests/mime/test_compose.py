# SPDX-License-Identifier: GPL-3.0-or-later
"""What is built is read back by the standard library, which had no part in building it."""

import email
import os
import re
import socket
import time
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.addresses import parse_addresses
from tuimail.mime.compose import MAX_LINE, Outgoing, OutgoingAttachment, build, new_message_id
from tuimail.mime.parse import parse
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong

ADA = Address("Ada Lovelace", "ada@example.org")
BOB = Address("", "bob@example.net")


def _read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    header = message[name]
    assert isinstance(header, AddressHeader)
    return [(address.display_name, address.addr_spec) for address in header.addresses]


def _names(message: Message, name: str) -> list[str]:
    """By the older reader: the newer one keeps the blank between two encoded words of a phrase."""
    return [str(make_header(decode_header(phrase))) for phrase, _ in getaddresses([str(message[name])])]


def _assert_fit_for_any_server(raw: bytes) -> None:
    assert b"\0" not in raw
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()


def test_a_plain_message() -> None:
    raw = build(Outgoing(ADA, (BOB,), subject="Hello", text="First\nsecond", message_id="<m@example.org>", date=0))
    assert raw == (
        b"Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nFrom: Ada Lovelace <ada@example.org>\r\nTo: bob@example.net\r\n"
        b"Subject: Hello\r\n"
        b"Message-ID: <m@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n\r\nFirst\r\nsecond\r\n"
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain", "7bit"),
        ("", "7bit"),
        ("grüße aus Köln, sagte sie", "quoted-printable"),
        ("你好，世界", "base64"),
        ("x" * 2000, "quoted-printable"),
        ("From the start", "quoted-printable"),
        ("a\nFrom mbox\n.\n..", "quoted-printable"),
        ("control \x07 \x1b", "quoted-printable"),
    ],
)
def test_the_lightest_encoding_that_arrives_unchanged(text: str, encoding: str) -> None:
    raw = build(Outgoing(ADA, (BOB,), text=text))
    message = _read(raw)
    _assert_fit_for_any_server(raw)
    assert message["Content-Transfer-Encoding"] == encoding
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == text
    assert b"\r\nFrom " not in raw.partition(b"\r\n\r\n")[2]


def test_alternatives_and_attachments() -> None:
    attached = OutgoingAttachment("naïve “file”.pdf", "application/pdf", bytes(range(256)) * 9)
    message = _read(build(Outgoing(ADA, (BOB,), text="plain", html="<b>rich</b>", attachments=(attached,))))
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in message.walk()][1:] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert next(message.iter_attachments()).get_filename() == attached.filename
    assert next(message.iter_attachments()).get_content() == attached.data


def test_a_forwarded_message_stays_as_it_is() -> None:
    original = b"From: x@y\r\nDKIM-Signature: a=b;\r\n\tc=d\r\nContent-Type: text/plain\r\n\r\ntext\r\n-- \r\n"
    raw = build(Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("m.eml", "message/rfc822", original),)))
    parsed = parse(raw)
    assert parsed.encoded("2") == original
    assert [part.content_type for part in parsed.root.walk()] == [
        "multipart/mixed",
        "text/plain",
        "message/rfc822",
        "text/plain",
    ]


@pytest.mark.parametrize("original", [b"Subject: x\r\n\r\n" + b"y" * 1000, b"Subject: x\r\n\r\na\rb", b"Subject: \0\r\n\r\n"])
def test_a_message_that_cannot_travel_as_one_travels_as_a_file(original: bytes) -> None:
    raw = build(Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("m.eml", "message/rfc822", original),)))
    _assert_fit_for_any_server(raw)
    assert parse(raw).content("2") == original


def test_long_references_are_never_encoded() -> None:
    ids = tuple(f"<{'x' * 120}.{number}@mail.example.org>" for number in range(20))
    raw = build(Outgoing(ADA, (BOB,), in_reply_to=ids[-1], references=ids))
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    assert b"\r\nReferences: " + " ".join(ids).encode() + b"\r\n" in head
    assert b"\r\nIn-Reply-To: " + ids[-1].encode() + b"\r\n" in head
    assert b"=?" not in head


def test_nothing_tells_of_the_machine() -> None:
    raw = build(
        Outgoing(
            ADA, (BOB,), text="x", html="y", attachments=(OutgoingAttachment("/home/ada/secret/a.txt", "text/plain", b"z"),)
        )
    )
    assert socket.gethostname().encode() not in raw
    assert not re.search(rb"(?i)user-agent|x-mailer|python|/home|secret|bcc", raw)
    assert f".{os.getpid()}.".encode() not in raw
    assert re.fullmatch(r"<[\w-]{20,}@example\.org>", new_message_id("ada@example.org"))
    assert new_message_id("ada@exämple.org").endswith("@xn--exmple-cua.org>")


def test_nothing_tells_where_the_sender_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        raw = build(Outgoing(from_=ADA, to=(BOB,), subject="x", text="x", date=1_700_000_000))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n" in raw


def test_international_addresses() -> None:
    assert b"To: a@xn--exmple-cua.org\r\n" in build(Outgoing(ADA, (Address("", "a@exämple.org"),)))
    with pytest.raises(InputWrong):
        build(Outgoing(ADA, (Address("", "jörg@example.org"),)))
    assert "To: jörg@example.org\r\n".encode() in build(Outgoing(ADA, (Address("", "jörg@example.org"),), smtputf8=True))


INJECTION = "x\r\nBcc: victim@example.com\r\n\r\nbody"


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(ADA, (BOB,), subject=INJECTION),
        Outgoing(Address(INJECTION, "ada@example.org"), (BOB,)),
        Outgoing(ADA, (Address(f'"{INJECTION}', "bob@example.net"),)),
        Outgoing(ADA, (Address('a" <evil@x>, "b', "bob@example.net"),)),
        Outgoing(ADA, (BOB,), in_reply_to=f"<{INJECTION}@x>", references=(f"<{INJECTION}@x>",)),
        Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment(INJECTION, INJECTION, b""),)),
        Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("a", f"text/plain; charset={INJECTION}", b""),)),
        Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("a", f'text/plain; x\r\nBcc="{INJECTION}"', b""),)),
        Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("a", "multipart/mixed; boundary=b", b""),)),
    ],
)
def test_no_value_can_add_a_field_or_an_address(message: Outgoing) -> None:
    raw = build(message)
    read = _read(raw)
    _assert_fit_for_any_server(raw)
    assert all("bcc" not in map(str.lower, part.keys()) for part in read.walk())
    assert [spec for _, spec in _addresses(read, "To")] == ["bob@example.net"]
    assert [spec for _, spec in _addresses(read, "From")] == ["ada@example.org"]
    assert [part.get_content_type() for part in read.walk()].count("multipart/mixed") == len(message.attachments)


@pytest.mark.parametrize("address", [INJECTION, "a@b\r\nBcc: c@d", "a@b>, <c@d", "a@b c@d", "", "nobody"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputWrong):
        build(Outgoing(ADA, (Address("", address),)))
    with pytest.raises(InputWrong):
        build(Outgoing(Address("", address), (BOB,)))


def test_a_malformed_message_id_is_refused() -> None:
    with pytest.raises(InputWrong):
        build(Outgoing(ADA, (BOB,), message_id="<a@b>\r\nBcc: c@d"))


def test_flowed_text_says_so() -> None:
    message = _read(build(Outgoing(ADA, (BOB,), text="word " * 60, flowed=True)))
    assert message["Content-Type"].params["format"] == "flowed"
    assert max(map(len, message.get_content().split("\n"))) <= 78


_SHOWN = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cn", "Co", "Cf"])
_WORDS = st.lists(st.text(_SHOWN, min_size=1, max_size=30), max_size=12).map(" ".join)
_EMAILS = st.from_regex(r"[a-z][a-z0-9._+-]{0,20}[a-z0-9]@([a-z][a-z0-9]{0,10}\.){1,3}[a-z]{2,5}", fullmatch=True).filter(
    lambda text: ".." not in text and ".@" not in text
)
_PEOPLE = st.lists(st.builds(Address, _WORDS, _EMAILS), min_size=1, max_size=5).map(tuple)
_FILES = st.lists(
    st.builds(
        OutgoingAttachment,
        st.text(
            st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"], exclude_characters="/\\"), min_size=1, max_size=80
        ),
        st.sampled_from(
            ["application/pdf", "image/png", "text/plain", "text/csv; charset=utf-8", "nonsense", "message/partial"]
        ),
        st.binary(max_size=400),
    ),
    max_size=3,
).map(tuple)


@given(to=_PEOPLE, cc=_PEOPLE, subject=_WORDS, files=_FILES, text=st.text(max_size=400), html=st.text(max_size=50))
def test_everything_arrives(
    to: tuple[Address, ...], cc: tuple[Address, ...], subject: str, files: tuple[OutgoingAttachment, ...], text: str, html: str
) -> None:
    raw = build(Outgoing(ADA, to, cc, (BOB,), subject, text, html, files))
    _assert_fit_for_any_server(raw)
    read = email.message_from_bytes(raw)
    leaves = [part for part in read.walk() if not part.is_multipart()]
    assert [part.get_payload(decode=True) for part in leaves[len(leaves) - len(files) :]] == [file.data for file in files]
    body = leaves[0].get_payload(decode=True)
    assert isinstance(body, bytes)
    expected = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    assert body.replace(b"\r\n", b"\n").rstrip(b"\n") == expected.rstrip(b"\n")
    modern = _read(raw)
    assert (modern["Subject"] or "") == subject
    assert [spec for _, spec in _addresses(modern, "To")] == [address.email for address in to]
    assert _names(read, "To") == [address.name for address in to]
    assert [spec for _, spec in _addresses(modern, "Cc")] == [address.email for address in cc]
    assert [part.get_filename() for part in modern.iter_attachments()] == [file.filename for file in files]


@pytest.mark.parametrize("name", ["=?utf-8?q?x?=.txt", 'say "x".txt', '"', "a;b=c.txt", "a (b).txt", "a'b%41.txt"])
def test_other_programs_read_the_name_of_a_file(name: str) -> None:
    raw = build(Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment(name, "text/plain", b"x"),)))
    (part,) = _read(raw).iter_attachments()
    assert part.get_filename() == name
    assert parse(raw).root.children[1].filename == name


def test_a_name_full_of_quotes_fits_a_line() -> None:
    name = '"' * 900
    raw = build(Outgoing(ADA, (Address(name, "bob@example.org"),)))
    assert max(map(len, raw.split(b"\r\n"))) <= MAX_LINE
    assert parse_addresses(parse(raw).headers.get("To")) == (Address(name, "bob@example.org"),)


def test_a_backslash_ends_no_folder() -> None:
    raw = build(Outgoing(ADA, (BOB,), attachments=(OutgoingAttachment("folder/back\\slash.txt", "text/plain", b"x"),)))
    (part,) = _read(raw).iter_attachments()
    assert part.get_filename() == "back_slash.txt"


@pytest.mark.parametrize(("body", "encoding"), [(b"\xe9", "8bit"), (b"e", None)])
def test_octets_beyond_ascii_in_an_attached_message_are_told(body: bytes, encoding: str | None) -> None:
    attached = OutgoingAttachment("m.eml", "message/rfc822", b"Subject: x\r\n\r\n" + body + b"\r\n")
    assert _read(build(Outgoing(ADA, (BOB,), attachments=(attached,))))["Content-Transfer-Encoding"] == encoding
