# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH responses: the fast path and the generic one give the same, and nothing costs a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.imap.wire.transcripts import responses, split
from tuimail.backends.imap.wire import fetch
from tuimail.backends.imap.wire.envelope import envelope_of_fields, parse_envelope
from tuimail.backends.imap.wire.responses import Untagged, untagged
from tuimail.backends.imap.wire.tokens import Malformed, tokens
from tuimail.mime.addresses import parse_typed
from tuimail.model.address import Address
from tuimail.model.message import Envelope

ROW = (
    b'* 12 FETCH (UID 4711 FLAGS (\\seen \\Recent $Work) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 '
    b'ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" {31}\r\nIMAP4rev1 "WG" * starred :( \\o/ '
    b' (("Terry \\"T\\" Gray" NIL "gray" "cac.example")) NIL NIL ((NIL NIL "imap" "cac.example")) '
    b'((NIL NIL "minutes" "CNRI.example")("=?utf-8?q?J=C3=B6rg?=" NIL "j" "MIT.EDU")) NIL NIL "<B27397@cac.example>") '
    b'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92) MODSEQ (624140003) '
    b"BODY[HEADER.FIELDS (REFERENCES)] {45}\r\nReferences: <a@example.org>\r\n <b@example.org>\r\n\r\n)\r\n"
).replace(b"\\o/  ((", b"\\o/ ((")


def item(data: bytes) -> Untagged:
    (unit,) = split(
        data.replace(b"{31}", b"{%d}" % len(b'IMAP4rev1 "WG" * starred :( \\o/')).replace(
            b"{45}", b"{%d}" % len(b"References: <a@example.org>\r\n <b@example.org>\r\n\r\n")
        )
    )
    return untagged(unit)


def test_a_header_row() -> None:
    row = fetch.message(item(ROW).unit)
    assert row is not None
    assert (row.uid, row.size, row.arrived, row.modseq) == (4711, 4286, 837_596_665, 624_140_003)
    assert row.flags == {"\\Seen", "$Work"}
    assert row.envelope.subject == 'IMAP4rev1 "WG" * starred :( \\o/'
    assert row.envelope.date == 837_595_405
    assert row.envelope.from_ == (Address('Terry "T" Gray', "gray@cac.example"),)
    assert row.envelope.cc == (Address("", "minutes@CNRI.example"), Address("Jörg", "j@MIT.EDU"))
    assert row.envelope.message_id == "<B27397@cac.example>"
    assert row.envelope.references == ("<a@example.org>", "<b@example.org>")
    assert row.bodystructure == b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)'
    assert not row.has_attachment


@pytest.mark.parametrize(
    ("charset", "codec"), [(b"windows-1251", "cp1251"), (b"koi8-r", "koi8-r"), (b"utf-8", "utf-8"), (b"us-ascii", "utf-8")]
)
def test_octets_without_a_charset_are_read_by_that_of_the_text(charset: bytes, codec: str) -> None:
    subject, name = 'Собрание, "завтра"'.encode(codec), "Анна".encode(codec)
    raw = (
        b'* 1 FETCH (UID 7 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 9 ENVELOPE (NIL {%d}\r\n%b '
        b'(({%d}\r\n%b NIL "anna" "example.ru")) NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "%b") '
        b'NIL NIL "8BIT" 9 1)("TEXT" "HTML" ("CHARSET" "utf-7") NIL NIL "7BIT" 9 1) "ALTERNATIVE") '
        b"BODY[HEADER.FIELDS (REFERENCES)] {2}\r\n\r\n)\r\n"
    ) % (len(subject), subject, len(name), name, charset)
    (unit,) = split(raw)
    row = fetch.message(untagged(unit).unit)
    assert row is not None
    assert row.envelope.subject == 'Собрание, "завтра"'
    assert row.envelope.from_ == (Address("Анна", "anna@example.ru"),)


def test_keywords_that_are_known_may_be_written_in_any_case() -> None:
    update = fetch.flag_update(item(b"* 3 FETCH (UID 3 FLAGS ($FORWARDED $mdnsent Work \\SEEN))\r\n").unit)
    assert update is not None
    assert update.flags == {"$Forwarded", "$MDNSent", "Work", "\\Seen"}


def test_order_and_spacing_do_not_matter() -> None:
    odd = ROW.replace(b"UID 4711 ", b"").replace(b" MODSEQ (624140003)", b"  MODSEQ (624140003) UID 4711")
    assert fetch.uid_of(item(odd).unit) == 4711
    assert fetch.message(item(odd).unit) == fetch.message(item(ROW).unit)


def test_a_uid_in_a_subject_is_no_uid() -> None:
    row = item(b'* 1 FETCH (ENVELOPE (NIL " UID 9 " NIL NIL NIL NIL NIL NIL NIL NIL) UID 5)\r\n')
    assert fetch.uid_of(row.unit) == 5
    row = item(b'* 1 FETCH (ENVELOPE (NIL " UID 9 " NIL NIL NIL NIL NIL NIL NIL NIL) UID 5 INTERNALDATE "x")\r\n')
    assert fetch.uid_of(row.unit) == 5


@pytest.mark.parametrize(
    "broken",
    [
        b'* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 7 ENVELOPE ("a" "b" ((()',
        b"* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 7 ENVELOPE " + b"(" * 300 + b")" * 300 + b")",
        b"* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 7 ENVELOPE NIL)",
        b"* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 7)",
    ],
)
def test_a_row_that_cannot_be_read_keeps_what_is_known(broken: bytes) -> None:
    row = fetch.message(item(broken + b"\r\n").unit)
    assert row is not None
    assert (row.uid, set(row.flags), row.size) == (5, {"\\Seen"}, 7)
    assert row.envelope.subject == "(unreadable header)"


def test_a_bad_bodystructure_costs_no_envelope() -> None:
    row = fetch.message(
        item(b'* 1 FETCH (UID 5 BODYSTRUCTURE NIL ENVELOPE (NIL "Hi" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n').unit
    )
    assert row is not None
    assert (row.envelope.subject, row.bodystructure) == ("Hi", b"")


def test_envelopes_of_odd_servers() -> None:
    domino = parse_envelope(b'(("d" "Hi" (("A" NIL "a" "b.example")) NIL NIL NIL NIL NIL NIL "<i@b>"))')
    assert (domino.subject, domino.from_) == ("Hi", (Address("A", "a@b.example"),))
    stand_ins = parse_envelope(b'(NIL NIL (("A" NIL "a" "MISSING_DOMAIN")("B" NIL "MISSING_MAILBOX" "MISSING_DOMAIN")))')
    assert stand_ins.from_ == (Address("A", "a"), Address("B", ""))
    broken = parse_envelope(b'(NIL NIL ((NIL NIL "a" "SYNTAX_ERROR")(NIL NIL "b" "b.example")))')
    assert broken.from_ == (Address("", "a"), Address("", "b@b.example"))
    group = parse_envelope(b'(NIL NIL ((NIL NIL "friends" NIL)(NIL NIL "a" "b.example")(NIL NIL NIL NIL)))')
    assert group.from_ == (Address("", "a@b.example"),)
    latin = parse_envelope(b'(NIL "Gr\xfc\xdfe C:\\temp" NIL NIL NIL NIL NIL NIL NIL NIL)')
    assert latin.subject == "Grüße C:temp"
    utf8 = parse_envelope('(NIL "Grüße" (("Jörg" NIL "jörg" "köln.example")))'.encode())
    assert (utf8.subject, utf8.from_) == ("Grüße", (Address("Jörg", "jörg@köln.example"),))


@pytest.mark.parametrize(
    ("mailbox", "email"),
    [
        (b"a.b+c", "a.b+c@b.example"),
        (b"a..b", "a..b@b.example"),
        ("jörg".encode(), "jörg@b.example"),
        (b"two words", '"two words"@b.example'),
        (b"eve@c.example,mallory", '"eve@c.example,mallory"@b.example'),
        (b"eve@c.example> <mallory", '"eve@c.example> <mallory"@b.example'),
        (rb"say \"a\\b\"", r'"say \"a\\b\""@b.example'),
        (rb"\"quoted by the server\"", '"quoted by the server"@b.example'),
        (b"MISSING_MAILBOX", "@b.example"),
    ],
)
def test_a_quoted_local_part_is_quoted_again(mailbox: bytes, email: str) -> None:
    (address,) = parse_envelope(b'(NIL NIL (("" NIL "%b" "b.example")))' % mailbox).from_
    assert address.email == email
    if not email.startswith("@"):
        assert [again.email for again in parse_typed(str(address))] == [email]


def test_nothing_in_an_envelope_reaches_the_terminal() -> None:
    envelope = parse_envelope(b'(NIL "a\x1b[31mb\x07" (("\x1b]0;x" NIL "a\x1b" "b\x00c")))')
    shown = envelope.subject + envelope.from_[0].name + envelope.from_[0].email
    assert shown.isprintable()


FIELD = st.none() | st.binary(max_size=12)
ADDRESS = st.lists(FIELD, min_size=4, max_size=4)
FIELDS = st.lists(FIELD | st.lists(ADDRESS, max_size=3), min_size=10, max_size=10)


def quoted(value: object) -> bytes:
    if isinstance(value, list):
        inner = [quoted(part) for part in value]
        return b"(" + (b"" if value and isinstance(value[0], list) and len(value[0]) == 4 else b" ").join(inner) + b")"
    return b"NIL" if value is None else b'"' + bytes(value).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'  # type: ignore[call-overload]


@given(FIELDS)
def test_the_fast_path_and_the_tokenizer_agree(fields: list[object]) -> None:
    raw = b"(" + b" ".join(quoted(field) for field in fields) + b")"
    (read,) = tokens((raw,))
    assert isinstance(read, list)
    assert parse_envelope(raw) == envelope_of_fields(read)


def test_strings_where_addresses_should_be_are_nobody() -> None:
    raw = b'(NIL "Lunch" (("Ada" NIL "ada" "example.org") "four" "text") NIL NIL ("7bit" "a")("b")NIL NIL)'
    envelope = parse_envelope(raw)
    assert [str(address) for address in envelope.from_] == ["Ada <ada@example.org>"]
    assert envelope.to == envelope.cc == ()


@given(st.binary(max_size=300))
def test_random_octets_make_no_row_and_no_crash(data: bytes) -> None:
    unit = (b"(UID 7 ENVELOPE (" + data,)
    row = fetch.message(unit)
    assert row is None or row.uid >= 0
    fetch.flag_update(unit)
    try:
        fetch.sections(unit)
    except Malformed:
        return


def test_flags_and_mod_sequences_of_zoho() -> None:
    updates = [fetch.flag_update(response.unit) for response in responses("zoho-fetch-negative-modseq-values")]
    found = [update for update in updates if update]
    assert len(found) == len(updates) == 74
    assert found[35].flags == {"\\Seen", "$Forwarded"}
    assert {found[0].modseq, found[39].modseq} == {None}
    assert found[53].modseq == 1_538_484_935_027_010_002


def test_rows_of_gmail_with_expunges_between() -> None:
    rows = [fetch.message(response.unit) for response in responses("gmail-expunge-during-fetch") if response.kind == "FETCH"]
    assert [row.envelope.subject for row in rows if row] == [f"subject {number}" for number in range(1, len(rows) + 1)]


def test_sections_by_content() -> None:
    (unit,) = split(b'* 3 FETCH (BODY[1.mime]<0> {2}\r\nab BODY[] "x" BODY[2] NIL RFC822.SIZE 9 UID 4)\r\n')
    found = fetch.sections(untagged(unit).unit)
    assert (found.uid, found.size) == (4, 9)
    assert found.found == (("1.MIME", 0, b"ab"), ("", None, b"x"), ("2", None, None))


@pytest.mark.parametrize("filler", ["", "x" * 70_000], ids=["short", "long"])
def test_a_row_that_spells_its_header_out(filler: str) -> None:
    block = (
        'From: "Jürgen" <j@example.org>\r\nTo: Käthe <k@example.org>\r\nSubject: one\r\n two\r\n'
        f"Message-ID: <a@example.org>\r\nReferences: <b@example.org>\r\nCC: {filler}\r\n\r\n"
    ).encode()
    said = b"* 1 FETCH (UID 5 FLAGS () BODY[HEADER.FIELDS (DATE SUBJECT FROM TO CC REFERENCES)] {%d}\r\n%b)\r\n"
    row = fetch.message(untagged(split(said % (len(block), block))[0]).unit)
    assert row is not None
    juergen = (Address("Jürgen", "j@example.org"),)
    assert (row.envelope.from_, row.envelope.reply_to, row.envelope.to) == (
        juergen,
        juergen,
        (Address("Käthe", "k@example.org"),),
    )
    assert (row.envelope.subject, row.envelope.message_id) == ("one two", "<a@example.org>")
    assert row.envelope.references == ("<b@example.org>",)
    empty = fetch.message(untagged(split(said % (2, b"\r\n"))[0]).unit)
    assert empty is not None
    assert empty.envelope == Envelope()


def test_a_row_without_its_envelope_is_unreadable() -> None:
    row = fetch.message(item(b"* 1 FETCH (UID 5 FLAGS () BODY[HEADER.FIELDS (REFERENCES)] {2}\r\n\r\n)\r\n").unit)
    assert row is not None
    assert row.envelope == fetch.UNREADABLE
