# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH: every item, sections and partial ranges, octet-exact."""

import email
import email.policy
import imaplib

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers

_NESTED = (
    b'From: "A, B" <ab@example.org>\r\nTo: x@example.org, Y <y@example.net>\r\nSubject: nested\r\n'
    b'Content-Type: multipart/mixed; boundary="out"\r\n\r\npreamble\r\n--out\r\nContent-Type: text/plain\r\n\r\none\r\ntwo\r\n'
    b'--out\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename="m.eml"\r\n\r\n'
    b'Subject: inner\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n\r\nplain\r\n'
    b"--in\r\nContent-Type: text/html\r\n\r\n<p>\r\n--in--\r\n\r\n--out--\r\n"
)


@pytest.fixture
def nested(servers: DemoServers, client: RawClient) -> RawClient:
    servers.deliver(_NESTED, arrived=0)
    client.ok("SELECT INBOX")
    return client


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("", _NESTED.decode()),
        ("HEADER", _NESTED.decode().partition("\r\n\r\n")[0] + "\r\n\r\n"),
        ("TEXT", _NESTED.decode().partition("\r\n\r\n")[2]),
        ("1", "one\r\ntwo"),
        ("1.MIME", "Content-Type: text/plain\r\n\r\n"),
        ("2.HEADER", 'Subject: inner\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n'),
        ("2.1", "plain"),
        ("2.2", "<p>"),
        ("2.2.MIME", "Content-Type: text/html\r\n\r\n"),
        ("2.HEADER.FIELDS (SUBJECT X)", "Subject: inner\r\n\r\n"),
    ],
)
def test_sections(nested: RawClient, section: str, expected: str) -> None:
    (unit,) = nested.ok(f"FETCH 1 BODY.PEEK[{section}]")
    value = unit.removeprefix(f"* 1 FETCH (BODY[{section}] ").removesuffix(")")
    assert value in (f"{{{len(expected)}}}\r\n{expected}", f'"{expected}"')


@pytest.mark.parametrize("section", ["3", "1.1", "2.3", "1.HEADER", "2.1.1"])
def test_missing_sections_are_nil(nested: RawClient, section: str) -> None:
    assert nested.ok(f"FETCH 1 BODY.PEEK[{section}]") == [f"* 1 FETCH (BODY[{section}] NIL)"]


def test_partial(nested: RawClient) -> None:
    assert nested.ok("FETCH 1 BODY.PEEK[1]<5.100>") == ['* 1 FETCH (BODY[1]<5> "two")']
    assert nested.ok("FETCH 1 BODY.PEEK[1]<500.1>") == ['* 1 FETCH (BODY[1]<500> "")']


def test_structure_and_envelope(nested: RawClient) -> None:
    (unit,) = nested.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)")
    assert '("A, B" NIL "ab" "example.org")' in unit
    assert '((NIL NIL "x" "example.org")("Y" NIL "y" "example.net"))' in unit
    assert '("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 8 1 NIL NIL NIL NIL)' in unit
    assert '"MESSAGE" "RFC822" NIL NIL NIL "7BIT" ' in unit
    assert '("ATTACHMENT" ("filename" "m.eml"))' in unit
    assert '"MIXED" ("boundary" "out") NIL NIL NIL)' in unit


def test_macros_and_seen(nested: RawClient) -> None:
    (unit,) = nested.ok("FETCH 1 FAST")
    assert unit == f'* 1 FETCH (FLAGS () INTERNALDATE " 1-Jan-1970 00:00:00 +0000" RFC822.SIZE {len(_NESTED)})'
    assert nested.ok("FETCH 1 BODY[1]") == ["* 1 FETCH (BODY[1] {8}\r\none\r\ntwo FLAGS (\\Seen))"]
    nested.ok("STORE 1 -FLAGS.SILENT (\\Seen)")
    nested.ok("EXAMINE INBOX")
    nested.ok("FETCH 1 RFC822.TEXT")
    assert nested.ok("FETCH 1 FLAGS") == ["* 1 FETCH (FLAGS ())"]


@pytest.mark.parametrize(
    "items", ["BOGUS", "(FLAGS", "BODY[", "BODY[MIME]", "BODY[1]<0.0>", "BODY[HEADER.FIELDS]", "()", "(ALL)"]
)
def test_wrong_items_get_bad(nested: RawClient, items: str) -> None:
    assert nested.refused(f"FETCH 1 {items}").startswith("BAD")


def test_sequence_numbers_out_of_range_get_bad_and_unknown_uids_nothing(nested: RawClient) -> None:
    assert nested.refused("FETCH 2 FLAGS").startswith("BAD")
    assert nested.refused("FETCH 0 FLAGS").startswith("BAD")
    assert nested.ok("UID FETCH 7:9 FLAGS") == []
    assert nested.ok("UID FETCH 7:* FLAGS") == ["* 1 FETCH (UID 1 FLAGS ())"]


def test_imaplib_reads_every_sample_as_it_is() -> None:
    with DemoServers(messages=300) as servers:
        addresses = servers.addresses
        client = imaplib.IMAP4(addresses.host, addresses.imap_port)
        client.login(addresses.user, addresses.password)
        for folder, shots in servers.snapshot().items():
            name = {"Projekte/Köln": "Projekte/K&APY-ln"}.get(folder, folder)
            assert client.select(name, readonly=True)[1] == [str(len(shots)).encode()]
            answers = client.uid("FETCH", "1:*", "(BODY.PEEK[] BODYSTRUCTURE)")[1]
            literals = [answer[1] for answer in answers if isinstance(answer, tuple)]
            assert [raw for raw in literals if raw in {shot.raw for shot in shots}] == [shot.raw for shot in shots]
        client.logout()


def test_part_sizes_agree_with_the_standard_library() -> None:
    """Each leaf that we number is, decoded, what the email package finds there."""
    with DemoServers(messages=300) as servers, RawClient(servers) as client:
        client.ok("EXAMINE INBOX")
        checked = 0
        for shot in servers.snapshot()["INBOX"]:
            parsed = email.message_from_bytes(shot.raw)
            if not parsed.is_multipart():
                continue
            for number, part in enumerate(parsed.get_payload(), 1):
                assert not isinstance(part, str)
                if part.is_multipart():
                    continue
                (unit,) = client.ok(f"UID FETCH {shot.uid} BODY.PEEK[{number}]")
                octets = unit.partition("] ")[2].removesuffix(")").encode("utf-8", "surrogateescape")
                body = octets.partition(b"}\r\n")[2] if octets.startswith(b"{") else octets[1:-1]
                expected = part.get_payload()
                assert isinstance(expected, str)
                assert body.replace(b"\r\n", b"\n") == expected.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n")
                checked += 1
        assert checked > 20
