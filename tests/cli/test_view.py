# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail view``: message files, right and wrong ones, without an account."""

import json
from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.cli.test_messages import CONTENT, MESSAGE
from tests.pty.terminal import tuimail as on_terminal

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


PRETENDING = (
    'From: "boss@bank.example" <service@pаypal.example>\r\nFrom: Ada <ada@example.org>\r\nSender: Eve <eve@evil.example>\r\n'
    "Reply-To: answers@evil.example\r\nSubject: Pay\r\n\r\nNow.\r\n"
)


@pytest.fixture
def nobody(tmp_path: Path) -> Home:
    (tmp_path / "good.eml").write_bytes(PAGE)
    (tmp_path / "bad.eml").write_bytes(b"\x00\x01 this is no message")
    return Home(tmp_path / "home")


def test_who_pretends_to_be_another_is_told(nobody: Home) -> None:
    shown = nobody.run("view", "-", typed=PRETENDING.encode()).stdout.decode()
    assert "<service@xn--pypal-4ve.example>" in shown
    assert "pаypal" not in shown.partition("Warning")[0]
    assert "Sender: Eve <eve@evil.example>" in shown
    for told in ("comes from service@xn--pypal-4ve", "written with letters that look like", "2 From fields"):
        assert told in shown
    told_to_programs = json.loads(nobody.run("view", "-", "--json", typed=PRETENDING.encode()).stdout)
    assert told_to_programs["sender"] == [{"name": "Eve", "address": "eve@evil.example"}]
    assert len(told_to_programs["warnings"]) == 4


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


def mbox(folder: Path) -> str:
    entry = (
        "From {0}@example.org Mon Nov  2 09:0{1}:00 2026\nFrom: {0}@bank <{0}@example.org>\n"
        "Date: Mon, 2 Nov 2026 09:0{1}:00 +0000\n"
    )
    text = "".join(
        f"{entry.format(who, number)}Subject: Letter {number}\n\nText of {who}.\n>From me.\n\n"
        for number, who in enumerate(("ada", "bob", "cy"), 1)
    )
    (folder / "box.mbox").write_text(text)
    return str(folder / "box.mbox")


def test_into_a_pipe_all_messages_of_an_mbox_are_shown(nobody: Home, tmp_path: Path) -> None:
    box = mbox(tmp_path)
    shown = nobody.text("view", box)
    assert [f"==> {box}, message {number} <==" in shown for number in (1, 2, 3)] == [True] * 3
    assert shown.count("\nFrom me.") == 3
    documents = [json.loads(line) for line in nobody.text("view", "-", "--json", typed=Path(box).read_bytes()).splitlines()]
    assert [document["subject"] for document in documents] == ["Letter 1", "Letter 2", "Letter 3"]


def test_one_message_of_an_mbox(nobody: Home, tmp_path: Path) -> None:
    box = mbox(tmp_path)
    shown = nobody.text("view", box, "--message", "2")
    assert "Text of bob." in shown
    assert "==>" not in shown
    assert "Text of ada." not in shown
    assert nobody.error("view", box, "--message", "4", status=64)["message"] == f"There is no message 4 in {box}: it holds 3."
    good = str(tmp_path / "good.eml")
    assert nobody.text("view", good, "--message", "1") == nobody.text("view", good)
    assert "it is one message" in nobody.error("view", good, "--message", "2", status=64)["message"]


def test_one_bad_message_of_an_mbox_is_named(nobody: Home, tmp_path: Path) -> None:
    box = mbox(tmp_path)
    text = (
        Path(box)
        .read_text()
        .replace("From: bob@bank <bob@example.org>\nDate: Mon, 2 Nov 2026 09:02:00 +0000\nSubject: Letter 2\n", "")
    )
    Path(box).write_text(text)
    done = nobody.run("view", box)
    assert done.returncode == 65
    assert f"{box}, message 2: This is no message" in done.stderr.decode()
    assert b"Text of cy." in done.stdout


def test_on_a_terminal_an_mbox_is_listed(nobody: Home, tmp_path: Path) -> None:
    with on_terminal("view", mbox(tmp_path), home=nobody.folder) as terminal:
        terminal.sees("1  2026-11-02 ", "ada@example.org  ", "Letter 3")
        assert terminal.ended() == 0
        assert "Text of" not in terminal.text
