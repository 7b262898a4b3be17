# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages taken apart: numbering, exact octets, damage and limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.parse import MAX_DEPTH, MAX_PARTS, ParsedMessage, parse
from tuimail.model.part import Part

NESTED = b"""From: a@b
Content-Type: multipart/mixed; boundary="x y"

preamble
--x y
Content-Type: multipart/alternative; boundary=in

--in

hello
--in
Content-Type: text/html

<b>hello</b>
--in--
--x y
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=q

--q

one
--q

two
--q--
--x y
Content-Type: message/rfc822

Subject: single

text
--x y
Content-Type: application/octet-stream; name="=?utf-8?q?h=C3=A9?="
Content-Disposition: attachment
Content-Transfer-Encoding: base64
Content-ID: <c@d>

AAEC
--x y--
epilogue
""".replace(b"\n", b"\r\n")


def _outline(message: ParsedMessage) -> list[tuple[str, str]]:
    return [(part.section, part.content_type) for part in message.root.walk()]


def test_sections_are_numbered_as_imap_does() -> None:
    message = parse(NESTED)
    assert _outline(message) == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "message/rfc822"),
        ("2.TEXT", "multipart/mixed"),
        ("2.1", "text/plain"),
        ("2.2", "text/plain"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
        ("4", "application/octet-stream"),
    ]


@pytest.mark.parametrize(
    ("section", "octets"),
    [
        ("", NESTED),
        ("1.1", b"hello"),
        ("1.2.MIME", b"Content-Type: text/html\r\n\r\n"),
        ("2.HEADER", b"Subject: inner\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"),
        ("2.TEXT", b"--q\r\n\r\none\r\n--q\r\n\r\ntwo\r\n--q--"),
        ("2.2", b"two"),
        ("3", b"Subject: single\r\n\r\ntext"),
        ("3.HEADER", b"Subject: single\r\n\r\n"),
        ("3.TEXT", b"text"),
        ("HEADER", NESTED[: NESTED.index(b"preamble")]),
        ("TEXT", NESTED[NESTED.index(b"preamble") :]),
        ("9", b""),
        ("nonsense", b""),
    ],
)
def test_sections_are_the_original_octets(section: str, octets: bytes) -> None:
    assert parse(NESTED).encoded(section) == octets


def test_a_part_is_described() -> None:
    message = parse(NESTED)
    part = message.root.find("4")
    assert part is not None
    assert (part.filename, part.disposition, part.encoding, part.content_id, part.size) == (
        "hé",
        "attachment",
        "base64",
        "c@d",
        4,
    )
    assert message.content("4") == b"\0\1\2"


def test_a_message_of_one_part() -> None:
    message = parse(b"Content-Type: text/plain; charset=latin1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nh=E9\r\n")
    assert _outline(message) == [("1", "text/plain")]
    assert message.text("1") == "hé\r\n"
    assert message.encoded("1.MIME") == message.encoded("HEADER")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_either_line_end_will_do(line_end: bytes) -> None:
    message = parse(NESTED.replace(b"\r\n", line_end))
    assert message.encoded("2.1") == b"one"
    assert message.encoded("1.2") == b"<b>hello</b>"


MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (b"no header at all", [b"no header at all"]),
        (b"no header\n\nat all", [b"no header\n\nat all"]),
        (b"", [b""]),
        (b"\nbody", [b"body"]),
        (b"Subject: x\nthe blank line is missing\nhere", [b"the blank line is missing\nhere"]),
        (b"Subject: x\nthe blank line\n\nis late", [b"the blank line\n\nis late"]),
        (MIXED + b"--b\n\nnever closed", [b"never closed"]),
        (MIXED + b"--b\nContent-Type: text/plain\nno blank line\n--b--", [b"no blank line"]),
        (MIXED + b"--b  \n\nblanks\n--b-- \nepilogue", [b"blanks"]),
        (MIXED + b"--b\n\none\n--bc\nstill one\n--b\n\ntwo\n--b--\n", [b"one\n--bc\nstill one", b"two"]),
        (MIXED + b"there is no delimiter", [b"there is no delimiter"]),
        (b"Content-Type: multipart/mixed\n\n--b\n\nno boundary is named", [b"--b\n\nno boundary is named"]),
        (b"Content-Type: multipart/mixed; boundary*0*=us-ascii''%3D_8;\n boundary*1*=24\n\n--=_824\n\nx\n--=_824--", [b"x"]),
        (MIXED + b"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--b\n\nouter\n--b--", [b"inner", b"outer"]),
        (
            MIXED + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ninner\n--b--\n--b\n\nouter\n--b--",
            [b"inner", b"outer"],
        ),
        (MIXED[:-1] + b" \n--b\n\na line of blanks\n--b--", [b"a line of blanks"]),
        (b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ntext\n--b--", [b"text"]),
        (b"Content-Type: text plain\n\nx", [b"x"]),
    ],
)
def test_damaged_messages_lose_no_text(raw: bytes, texts: list[bytes]) -> None:
    message = parse(raw)
    assert [message.encoded(part.section) for part in message.root.walk() if not part.children] == texts


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(5000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 5000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 5000,
        MIXED + b"--b\n\nx\n" * 50_000,
        MIXED + b"--b\n" * 50_000,
        MIXED + b"--b--\n" * 50_000,
        MIXED + b"--b\nContent-Type: message/rfc822\n\n" + MIXED * 20_000,
        b"A: b\r\n" * 500_000,
        b"A: " + b"x" * 5_000_000,
        MIXED + b"\n--" + b"-" * 5_000_000,
    ],
    ids=[
        "multiparts",
        "messages",
        "one boundary",
        "parts",
        "no headers",
        "closing",
        "digests",
        "fields",
        "long field",
        "dashes",
    ],
)
def test_limits_hold(raw: bytes) -> None:
    parts = list(parse(raw).root.walk())
    assert len(parts) <= MAX_PARTS
    assert max(part.section.count(".") for part in parts) <= MAX_DEPTH


@given(
    st.lists(st.sampled_from([*NESTED.splitlines(keepends=True), b"\r\n", b"--b--\n", b"\n"]), max_size=40).map(b"".join)
    | st.binary()
)
def test_any_octets_give_a_consistent_tree(raw: bytes) -> None:
    message = parse(raw)
    sections = [part.section for part in message.root.walk()]
    assert len(sections) == len(set(sections))
    for part in message.root.walk():
        octets = message.encoded(part.section or "TEXT")
        assert len(octets) == part.size
        assert octets in raw


def test_each_of_many_parts_is_found_without_a_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    message = parse(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\ntext\r\n" * (MAX_PARTS - 2) + b"--b--\r\n"
    )
    sections = [part.section for part in message.root.children]
    monkeypatch.setattr(Part, "walk", lambda _: pytest.fail("the tree was walked again"))
    assert {message.text(section) for section in sections} == {"text"}
    assert len(sections) == MAX_PARTS - 2
