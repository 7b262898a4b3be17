# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and types of files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.content_type import guess
from tuimail.mime.filename import MAX_OCTETS, message_filename, part_filename, safe_filename
from tuimail.model.part import Part


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\evil.exe", "evil.exe"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a\x1b]0;b\x07.txt", "a]0;b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a:b*c?.txt", "a_b_c_.txt"),
        ("CON.txt", "_CON.txt"),
        ("con .txt", "_con .txt"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("LPT¹", "_LPT¹"),
        ("conin$", "_conin$"),
        ("console.log", "console.log"),
        ("a\\../b/..\\..\\c.txt", "c.txt"),
        ("/etc/cron.d/ ", "cron.d"),
        ("etc∕passwd", "etc_passwd"),
        ("..／..／etc／passwd", "_.._etc_passwd"),
        ("a⁄b⧸c＼d⧵e", "a_b_c_d_e"),
        ("-- --rf", "rf"),
        ("~root", "root"),
        ("invoice_\u202excod.exe", "invoice_xcod.exe"),
        ("letter.pdf\u3164.exe", "letter.pdf.exe"),
        ("name. . ", "name"),
        ("  two   words .txt", "two words .txt"),
        ("naïve.txt", "naïve.txt"),
        ("..", "attachment"),
        ("", "attachment"),
        ("\u200b", "attachment"),
        ("dir/", "dir"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


def test_long_names_keep_their_extension() -> None:
    name = safe_filename("長" * 500 + ".pdf")
    assert name.endswith("長.pdf")
    assert len(name.encode()) <= MAX_OCTETS


@given(st.text(max_size=300))
def test_every_name_is_harmless(name: str) -> None:
    safe = safe_filename(name)
    assert safe
    assert 0 < len(safe.encode()) <= MAX_OCTETS
    assert not set(safe) & set('/\\\0:\n"')
    assert safe[0] not in ".-"
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in safe)


@pytest.mark.parametrize(
    ("filename", "head", "content_type"),
    [
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.txt", b"%PDF-1.7", "application/pdf"),
        ("a.docx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a", b"PK\x03\x04", "application/zip"),
        ("a.txt", b"text", "text/plain"),
        ("a.txt", b"\0\1\2", "application/octet-stream"),
        ("a.ics", b"BEGIN:VCALENDAR", "text/calendar"),
        ("m.eml", b"From: x@y", "message/rfc822"),
        ("README", "grüße".encode(), "text/plain"),
        ("README", "grüße".encode()[:3], "text/plain"),
        ("a.bin", b"\x80\x81", "application/octet-stream"),
        ("a.png", b"not a picture", "text/plain"),
        ("a.mp4", b"\0\0\0\x18ftyp", "video/mp4"),
        ("empty", b"", "text/plain"),
    ],
)
def test_types(filename: str, head: bytes, content_type: str) -> None:
    assert guess(filename, head) == content_type


@pytest.mark.parametrize(
    ("content_type", "filename", "name"),
    [
        ("application/pdf", "../a.pdf", "a.pdf"),
        ("application/pdf", "", "part-2.1.pdf"),
        ("image/jpeg", "", "part-2.1.jpg"),
        ("text/calendar", "", "part-2.1.ics"),
        ("message/rfc822", "..", "part-2.1.eml"),
        ("message/delivery-status", "", "part-2.1.txt"),
        ("text/x-never-heard-of", "", "part-2.1.txt"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", "part-2.1.docx"),
        ("application/vnd.some.thing+zip", "", "part-2.1.bin"),
        ("image/x-tga", "", "part-2.1.tga"),
        ("", "", "part-2.1.bin"),
    ],
)
def test_parts_without_a_name_get_one_that_tells_their_kind(content_type: str, filename: str, name: str) -> None:
    assert part_filename(Part("2.1", content_type, filename=filename)) == name


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("[PATCH 1/3] a\\b", "[PATCH 1_3] a_b.eml"),
        ("../../etc/passwd", "_.._etc_passwd.eml"),
        ("Fwd: x.eml", "Fwd_ x.eml"),
        ("", "message.eml"),
        ("é" * 300, "é" * 98 + ".eml"),
    ],
)
def test_a_message_is_named_after_its_whole_subject(subject: str, name: str) -> None:
    assert message_filename(subject) == name
