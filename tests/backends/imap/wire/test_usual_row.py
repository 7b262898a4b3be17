# SPDX-License-Identifier: GPL-3.0-or-later
"""Header rows as most servers write them are read the quick way, and alike in both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.imap.wire.transcripts import NAMES, responses
from tuimail.backends.imap.wire import fetch
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.imap.wire.usual_row import usual_row
from tuimail.backends.port import FetchedMessage

HEAD = b'(UID 7 FLAGS (\\Seen $Work \\Recent) MODSEQ (12) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 '
ENVELOPE = (
    b'ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700" "=?utf-8?q?J=C3=B6rg?= (1) BODYSTRUCTURE ("'
    b' (("Ada" NIL "ada" "example.org")) NIL'
    b' (("Ada" NIL "ada" "example.org")) ((NIL NIL "friends" NIL)(NIL NIL "bo" "example.org")(NIL NIL NIL NIL)) NIL NIL'
    b' "<a@example.org>" "<b@example.org>") '
)
REST = (
    b'BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 3 1)("APPLICATION" "PDF" NIL NIL NIL "BASE64" 99'
    b' NIL ("attachment" ("filename" "a) b.pdf"))) "MIXED") BODY[HEADER.FIELDS (REFERENCES)] '
)
DOVECOT = (HEAD + ENVELOPE + REST, b"References: <a@example.org>\r\n <c@example.org>\r\n\r\n", b")")


def the_general_way(unit: Unit) -> FetchedMessage | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetch, "usual_row", lambda unit: None)
        return fetch.message(unit)


def test_a_row_of_dovecot_is_read_the_quick_way() -> None:
    row = usual_row(DOVECOT)
    assert row is not None
    assert row == the_general_way(DOVECOT)
    assert (row.uid, row.modseq, row.has_attachment) == (7, 12, True)
    assert row.flags == {"\\Seen", "$Work"}
    assert row.envelope.subject == "Jörg (1) BODYSTRUCTURE ("
    assert row.envelope.references == ("<a@example.org>", "<c@example.org>")


@pytest.mark.parametrize(
    "unit",
    [
        (b'%s"References: <a@example.org>")' % DOVECOT[0],),
        (b'%s"" FLAGS (\\Deleted) MODSEQ (13))' % DOVECOT[0],),
        (DOVECOT[0].replace(b"MODSEQ (12) ", b""), DOVECOT[1], b" MODSEQ (13))"),
        (DOVECOT[0], b'References: <a@example.org>\r\nX: "\r\n\r\n', b")"),
        (DOVECOT[0], b'X: "\\"\r\n\r\n', b")"),
        (DOVECOT[0].replace(b"Ada", "Änne".encode()).replace(b"17 Jul", b"17 J\xffl"), b"\r\n", b")"),
    ],
)
def test_wherever_the_references_stand_both_ways_read_the_same(unit: Unit) -> None:
    quick = usual_row(unit)
    assert quick is None or quick == the_general_way(unit)
    assert quick is not None or b"X:" in unit[1]


@pytest.mark.parametrize(
    "unit",
    [
        (DOVECOT[0].replace(b"Ada", b'A \\"da'), *DOVECOT[1:]),
        (DOVECOT[0].replace(b"UID 7 ", b""), *DOVECOT[1:]),
        (DOVECOT[0], b"References: <a b@example.org> x\r\n\r\n", b")"),
        (DOVECOT[0].replace(b" (1) BODYSTRUCTURE (", b'" "'), *DOVECOT[1:]),
        (DOVECOT[0], DOVECOT[1], b" X-OTHER 5)"),
    ],
)
def test_an_unusual_row_is_left_to_the_general_way(unit: Unit) -> None:
    assert usual_row(unit) is None


@pytest.mark.parametrize("name", [name for name in NAMES if "fetch" in name])
def test_recorded_rows_are_read_alike(name: str) -> None:
    for item in responses(name):
        if item.kind == "FETCH" and fetch.is_header_row(item.unit):
            quick = usual_row(item.unit)
            assert quick is None or quick == the_general_way(item.unit)


WORD = st.binary(max_size=8).map(lambda word: b'"' + word.replace(b"\\", b"").replace(b'"', b"") + b'"') | st.just(b"NIL")
PERSON = st.lists(WORD, min_size=4, max_size=4).map(lambda words: b"(" + b" ".join(words) + b")")
PEOPLE = st.lists(PERSON, max_size=3).map(lambda people: b"(" + b"".join(people) + b")" if people else b"NIL")
FIELDS = st.tuples(WORD, WORD, PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE, WORD, WORD)


@given(
    FIELDS,
    WORD,
    st.sampled_from([b"", b"References: <x@y>\r\n\r\n", b"References: (a) <x@y>\r\n\r\n", b"\r\n", b"X: <q@r>\r\n\r\n"]),
)
def test_both_ways_read_the_same(fields: tuple[bytes, ...], name: bytes, references: bytes) -> None:
    envelope = b"ENVELOPE (" + b" ".join(fields) + b") "
    structure = b'BODYSTRUCTURE ("TEXT" "PLAIN" ("NAME" %s) NIL NIL "7BIT" 3 1) BODY[HEADER.FIELDS (REFERENCES)] ' % name
    unit = (HEAD + envelope + structure, references, b")")
    quick = usual_row(unit)
    assert quick is None or quick == the_general_way(unit)
