# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail folders``, ``list``, ``search``, ``read`` and ``save``, as a script sees them."""

from pathlib import Path

import pytest

from tests.cli.home import Home
from tuimail.demo.servers import DemoServers

FOLDER = ["account", "name", "role", "delimiter", "subscribed", "selectable", "total", "unread"]
MESSAGE = [
    "id", "account", "folder", "uid", "thread", "from", "sender", "to", "cc", "subject", "date", "size", "flags",
    "labels", "has_attachment", "snippet",
]  # fmt: skip
CONTENT = ["headers", "text", "links", "attachments", "blocked", "auth", "warnings"]


def test_folders_of_a_store_that_is_new(home: Home, servers: DemoServers) -> None:
    folders = home.json("folders")
    assert all(list(folder) == FOLDER for folder in folders)
    inbox = next(folder for folder in folders if folder["role"] == "inbox")
    assert (inbox["account"], inbox["name"], inbox["total"]) == ("work", "INBOX", len(servers.snapshot()["INBOX"]))
    assert "INBOX  inbox" in home.text("folders")


def test_a_folder_that_was_never_read_is_read(servers: DemoServers, tmp_path: Path) -> None:
    fresh = Home(tmp_path)
    fresh.add_demo(servers)
    rows = fresh.json("list", "--folder", "Lists/python", "--limit", "1000")
    assert len(rows) == len(servers.snapshot()["Lists/python"]) > 0
    assert {row["folder"] for row in rows} == {"Lists/python"}


def test_list_reads_the_store_without_the_server(home: Home, servers: DemoServers) -> None:
    servers.deliver(b'From: "boss@bank" <a@evil.example>\r\nSender: b@evil.example\r\nSubject: Pay\r\n\r\nNow.\r\n')
    home.json("sync")
    servers.clear_log()
    rows = home.json("list", "--limit", "5")
    (pretending,) = [row for row in rows if row["subject"] == "Pay"]
    assert pretending["sender"] == [{"name": "", "address": "b@evil.example"}]
    assert [list(row) for row in rows] == [MESSAGE] * 5
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    assert all(isinstance(row["id"], int) and isinstance(row["uid"], int) for row in rows)
    assert rows[0]["from"][0].keys() == {"name", "address"}
    lines = home.text("list", "--limit", "5").splitlines()
    assert [int(line.split()[0]) for line in lines] == [row["id"] for row in rows]
    assert any("a@evil.example" in line for line in lines)
    assert servers.log == []


def test_search_finds_by_the_language_of_the_program(home: Home) -> None:
    rows = home.json("list", "--limit", "1")
    found = home.json("search", f"from:{rows[0]['from'][0]['address']}")
    assert rows[0]["id"] in {row["id"] for row in found}
    assert list(found[0]) == MESSAGE
    assert home.json("search", "nothing-is-called-like-this") == []


def test_read_leaves_the_flags_alone_unless_asked(home: Home, servers: DemoServers) -> None:
    unread = home.json("search", "is:unread", "in:inbox", "--limit", "1")[0]
    shown = home.json("read", str(unread["id"]))
    assert list(shown) == MESSAGE + CONTENT
    assert ["Subject", unread["subject"]] in shown["headers"]
    assert shown["text"]
    assert shown["flags"] == unread["flags"]
    assert f"Subject: {unread['subject']}" in home.text("read", str(unread["id"]), "--plain", "--width", "40")
    seen = {shot.uid: "\\Seen" in shot.flags for shot in servers.snapshot()["INBOX"]}
    assert not seen[unread["uid"]]

    home.text("read", str(unread["id"]), "--mark")
    seen = {shot.uid: "\\Seen" in shot.flags for shot in servers.snapshot()["INBOX"]}
    assert seen[unread["uid"]]


def test_save_never_overwrites(home: Home, tmp_path: Path) -> None:
    message = str(home.json("search", "has:attachment", "--limit", "1")[0]["id"])
    attachments = home.json("read", message)["attachments"]
    first = home.json("save", message, "--to", str(tmp_path))["saved"]
    again = home.json("save", message, "--to", str(tmp_path), "--part", attachments[0]["part"])["saved"]
    assert [list(file) for file in first] == [["part", "path", "size"]] * len(attachments)
    assert again[0]["path"] not in {file["path"] for file in first}
    for file in [*first, *again]:
        assert Path(file["path"]).parent == tmp_path
        assert Path(file["path"]).stat().st_size == file["size"]
        assert Path(file["path"]).stat().st_mode & 0o777 == 0o600
    whole = home.json("save", message, "--to", str(tmp_path), "--part", "message")["saved"][0]
    assert whole["path"].endswith(".eml")
    assert "no part 77" in home.error("save", message, "--to", str(tmp_path), "--part", "77", status=64)["message"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("list", "--folder", "Nowhere"), 64, "There is no folder “Nowhere”"),
        (("list", "--account", "nobody"), 64, "There is no account “nobody”"),
        (("list", "--limit", "0"), 64, "--limit"),
        (("read", "999999"), 64, "There is no message 999999"),
        (("search", "in:nowhere", "word"), 64, "There is no folder “nowhere”"),
    ],
)
def test_what_is_wrong_is_said_as_json(home: Home, arguments: tuple[str, ...], status: int, words: str) -> None:
    error = home.error(*arguments, status=status)
    assert list(error) == ["kind", "message", "advice"]
    assert words in error["message"]


def test_what_is_typed_does_not_steer_the_terminal(home: Home) -> None:
    for arguments in (
        ("list", "--folder", "a\x1b[31m"),
        ("search", "in:\x1b[31m"),
        ("list", "--\x1b[31m"),
        ("flag", "\x1b[31m"),
    ):
        done = home.run(*arguments)
        assert (done.returncode, b"\x1b" in done.stderr) == (64, False)


def test_without_an_account(tmp_path: Path) -> None:
    assert "no account" in Home(tmp_path).error("list", status=78)["message"]


def test_without_the_server(tmp_path: Path) -> None:
    alone = Home(tmp_path)
    alone.add("gone", email="ada@example.org", user="ada", password="x", imap=1, smtp=1)
    error = alone.error("list", status=69)
    assert (error["kind"], "127.0.0.1:1" in error["message"]) == ("Offline", True)
