# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail view``: message files, right and wrong ones, without an account."""

import json
from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.cli.test_messages import CONTENT, MESSAGE

PAGE = (
    b"From: =?utf-8?q?Ada?= <ada@example.org>\r\nTo: bob@example.net\r\nSubject: Two \x1b[31mwordings\r\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n'
    b"--a\r\nContent-Type: text/plain\r\n\r\n"
    b"the plain wording, \x1b]0;title\x07 long enough that it has to be wrapped somewhere\r\n"
    b'--a\r\nContent-Type: text/html\r\n\r\n<p>the <b>rich</b> wording <a href="https://example.org/x">link</a>'
    b'<img src="https://example.com/pixel.gif" width=1 height=1></p>\r\n--a--\r\n'
    b'--m\r\nContent-Type: application/pdf; name="../a.pdf"\r\nContent-Disposition: attachment\r\n\r\nPDF\r\n--m--\r\n'
)


@pytest.fixture
def nobody(tmp_path: Path) -> Home:
    (tmp_path / "good.eml").write_bytes(PAGE)
    (tmp_path / "bad.eml").write_bytes(b"\x00\x01 this is no message")
    return Home(tmp_path / "home")


def test_it_goes_on_after_a_bad_file(nobody: Home, tmp_path: Path) -> None:
    good, bad = str(tmp_path / "good.eml"), str(tmp_path / "bad.eml")
    done = nobody.run("view", bad, good, str(tmp_path / "none.eml"), "-", "--json", typed=PAGE)
    assert done.returncode == 65
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == second
    errors = [json.loads(line)["error"] for line in done.stderr.splitlines()]
    assert [error["kind"] for error in errors] == ["MailMalformed", "FileProblem"]
    assert "bad.eml" in errors[0]["message"]
    assert nobody.run("view", str(tmp_path / "none.eml")).returncode == 66
    assert not nobody.folder.exists()


def test_the_shape(nobody: Home, tmp_path: Path) -> None:
    shown = nobody.json("view", str(tmp_path / "good.eml"))
    assert list(shown) == MESSAGE + CONTENT
    assert shown["from"] == [{"name": "Ada", "address": "ada@example.org"}]
    assert (shown["date"], shown["size"], shown["has_attachment"]) == ("2026-11-02T09:00:00Z", len(PAGE), True)
    assert shown["text"] == ["the rich wording link"]
    assert shown["links"] == [{"text": "link", "target": "https://example.org/x"}]
    assert shown["blocked"] == {"images": 1, "trackers": 1}
    (attachment,) = shown["attachments"]
    assert (attachment["part"], attachment["content_type"], attachment["inline"]) == ("2", "application/pdf", False)


def test_the_ways_to_show_it(nobody: Home, tmp_path: Path) -> None:
    good = str(tmp_path / "good.eml")
    plain = nobody.text("view", good, "--plain", "--width", "30")
    assert "the plain wording" in plain
    assert all(len(line) <= 30 for line in plain.partition("\n\n")[2].splitlines())
    assert "the rich wording" in nobody.text("view", good, "--html")
    source = nobody.text("view", good, "--source")
    assert "Content-Type: multipart/mixed" in source
    for printed in (plain, source):
        assert "\x1b" not in printed
        assert "\x07" not in printed
    several = nobody.text("view", good, good)
    assert several.count(f"==> {good} <==") == 2
