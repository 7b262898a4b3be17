# SPDX-License-Identifier: GPL-3.0-or-later
"""BODYSTRUCTURE → parts, in the shapes that servers really send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.imap.wire.transcripts import responses
from tuimail.backends.imap.wire import fetch
from tuimail.backends.imap.wire.bodystructure import MAX_PARTS, has_attachment, parse_bodystructure
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.mime.choose import has_attachment as tree_has_attachment

TEXT = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "quoted-printable" 12 1 NIL NIL NIL NIL)'
PDF = (
    b'("APPLICATION" "PDF" ("NAME" "old.pdf") "<id@x>" NIL "BASE64" 4000 NIL '
    b'("ATTACHMENT" ("FILENAME*0*" "utf-8\'\'Rechnung%20" "FILENAME*1*" "M%C3%A4rz.pdf")) NIL NIL)'
)


def sections(raw: bytes) -> list[tuple[str, str]]:
    return [(part.section, part.content_type) for part in parse_bodystructure(raw).walk()]


def test_a_single_part_is_section_1() -> None:
    part = parse_bodystructure(TEXT)
    assert (part.section, part.content_type, part.charset, part.encoding, part.size) == (
        "1",
        "text/plain",
        "utf-8",
        "quoted-printable",
        12,
    )


def test_sections_names_and_file_names() -> None:
    root = parse_bodystructure(b"(" + TEXT + PDF + b' "MIXED" ("BOUNDARY" "x") NIL NIL NIL)')
    assert [part.section for part in root.walk()] == ["", "1", "2"]
    pdf = root.find("2")
    assert pdf is not None
    assert (pdf.filename, pdf.disposition, pdf.content_id) == ("Rechnung März.pdf", "attachment", "id@x")


def test_enclosed_messages() -> None:
    single = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 (NIL "Hi" NIL NIL NIL NIL) ' + TEXT + b" 5 NIL NIL NIL)"
    several = single.replace(TEXT, b"(" + TEXT + TEXT + b' "ALTERNATIVE")')
    assert sections(b"(" + TEXT + single + several + b' "MIXED")') == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "message/rfc822"),
        ("2.1", "text/plain"),
        ("3", "message/rfc822"),
        ("3.TEXT", "multipart/alternative"),
        ("3.1", "text/plain"),
        ("3.2", "text/plain"),
    ]


@pytest.mark.parametrize(
    ("raw", "types"),
    [
        (b"(NIL NIL)", ["text/plain"]),
        (b'(("inline" NIL)' + TEXT + b'"MIXED")', ["multipart/mixed", "application/octet-stream", "text/plain"]),
        (b"((NIL NIL)" + TEXT + b'"MIXED")', ["multipart/mixed", "text/plain", "text/plain"]),
        (b'(NIL "ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)', ["multipart/alternative"]),
        (b'(() "MIXED")', ["multipart/mixed"]),
        (b"(" + TEXT + b")", ["multipart/mixed", "text/plain"]),
        (b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 NIL ("ATTACHMENT" NIL) NIL)', ["message/rfc822"]),
        (b'("TEXT" "PLAIN" NIL NIL NIL 7BIT -1 "x" NIL "attachment")', ["text/plain"]),
        (b'("text" "html")', ["text/html"]),
        (b'("text" "html charset=utf-8" NIL NIL NIL "7bit" 10 1)', ["text/html"]),
    ],
)
def test_odd_shapes(raw: bytes, types: list[str]) -> None:
    assert [part.content_type for part in parse_bodystructure(raw).walk()] == types


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (TEXT, False),
        (b"(" + TEXT + PDF + b' "MIXED")', True),
        (b"(" + TEXT + b'("IMAGE" "PNG" NIL "<a@b>" NIL "BASE64" 10 NIL ("INLINE" NIL) NIL) "RELATED")', False),
        (b"(" + TEXT + b'("APPLICATION" "PGP-SIGNATURE" NIL NIL NIL "7BIT" 10 NIL NIL NIL) "SIGNED")', False),
        (b'(("APPLICATION" "PDF"', False),
        (b'(("APPLICATION" "PDF" NIL "ATTACHMENT"', False),
        (b'(("APPLICATION" "PDF" "attachment" (', True),
    ],
)
def test_the_sign_for_attachments(raw: bytes, shown: bool) -> None:
    assert has_attachment(raw) is (shown or b'"ATTACHMENT"' in raw)


_NAMES = ("NIL", '("NAME" "cc.diff")', '("CHARSET" "utf-8" "name*" "utf-8n%C3%A4.txt")')
_DISPOSITIONS = ("", " NIL NIL", ' NIL ("inline" ("FILENAME" "a.txt"))', ' NIL ("attachment" NIL)')


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("disposition", _DISPOSITIONS)
@pytest.mark.parametrize("kind", ['"TEXT" "PLAIN"', '"text" "html"', '"TEXT" "X-VCARD"', '"X-WORD" "DOC"', '"image" "png"'])
def test_the_sign_for_attachments_agrees_with_the_tree(kind: str, name: str, disposition: str) -> None:
    lines = " 3" if "text" in kind.lower() else ""
    raw = TEXT.join((b"(", f'({kind} {name} NIL "Compiler diff" "BASE64" 45{lines}{disposition}) "MIXED")'.encode()))
    assert has_attachment(raw) is tree_has_attachment(parse_bodystructure(raw))


@pytest.mark.parametrize("raw", [b"", b"NIL", b'("inline" NIL)', b"(" * 500 + b")" * 500])
def test_nonsense_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_bodystructure(raw)


def test_of_too_many_parts_the_first_are_read() -> None:
    (row,) = [fetch.message((b"(UID 7 BODYSTRUCTURE (" + TEXT * 3000 + b' "MIXED"))',))]
    assert row is not None
    root = parse_bodystructure(row.bodystructure)
    assert root.content_type == "multipart/mixed"
    assert len(list(root.walk())) == MAX_PARTS


@given(st.binary(max_size=200))
def test_random_octets_raise_nothing_else(data: bytes) -> None:
    try:
        parse_bodystructure(b"(" + data + b")")
    except Malformed:
        return


def test_structures_of_real_servers() -> None:
    (gmail,) = [fetch.sections(item.unit).bodystructure for item in responses("gmail-fetch-korean-previewtext-bodystructure")]
    assert gmail is not None
    rows = [row for item in responses("dovecot-fetch4") if (row := fetch.message(item.unit)) and row.bodystructure]
    assert rows
    for row in rows:
        assert parse_bodystructure(row.bodystructure).content_type.count("/") == 1
