# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail sendmail``, as programs call it that hand mail in: git send-email, cron, mailx."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.servers.postfix import PostfixServer
from tuimail.demo.servers import DemoServers
from tuimail.mime.parse import parse

PATCH = (
    b"From 3b18e512dba79e4c8300dd08aeb37f8e728b8dad Mon Sep 17 00:00:00 2001\n"
    b"From: =?UTF-8?q?Ada=20L=C3=B6velace?= <ada@example.org>\n"
    b"To: list@example.net\nCc: eve@example.net\nSubject: [PATCH] Trailing blanks \xc3\xa4 stay\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\nMessage-ID: <1-ada@example.org>\n"
    b"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
    b"---\n file | 2 +-\n\n+  t\xc3\xa4xt  \n.\n+From here\n.hidden dot\n-- \n2.39.5\n"
)


def test_a_patch_arrives_as_it_was(home: Home, servers: DemoServers) -> None:
    done = home.run("sendmail", "-f", servers.addresses.email, "-i", "list@example.net", "eve@example.net", typed=PATCH)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    mail = servers.sent[-1]
    assert (mail.sender, mail.recipients) == (servers.addresses.email, ("list@example.net", "eve@example.net"))
    assert mail.raw == PATCH.partition(b"\n")[2].replace(b"\n", b"\r\n")


def test_cron_and_mailx_hand_in_little(home: Home, servers: DemoServers) -> None:
    own = servers.addresses.email
    cron = b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> true\n\nOutput\n"
    assert home.run("sendmail", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root", typed=cron).returncode == 0
    assert (servers.sent[-1].sender, servers.sent[-1].recipients) == (own, (own,))
    assert servers.sent[-1].raw.startswith(cron.partition(b"\n\n")[0].replace(b"\n", b"\r\n"))

    header = b"To: bob@example.net,\n eve@example.net\nBcc: secret@example.net,\n other@example.net\nsubject: hello\n\n"
    assert home.json("sendmail", "-t", "-F", "Ada of Cron", typed=header + b"Text\n.\nMore\n")["accepted"][2:] == [
        "secret@example.net",
        "other@example.net",
    ]
    message = parse(servers.sent[-1].raw)
    assert message.headers.get("From") == f"Ada of Cron <{own}>"
    assert {"date", "message-id"} <= {name.lower() for name, _ in message.headers}
    assert "Bcc" not in message.headers
    assert b"secret" not in servers.sent[-1].raw
    assert servers.sent[-1].raw.endswith(b"\r\n\r\nText\r\n")

    assert home.run("sendmail", "--", "bob@example.net", typed=b"no header: at all, \xff\nonly text\n").returncode == 0
    assert home.run("sendmail", "bob@example.net", typed=b"only text\n").returncode == 0
    assert servers.sent[-1].raw.endswith(b"\r\n\r\nonly text\r\n")


def test_a_link_of_that_name_is_enough(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    link = tmp_path / "sendmail"
    link.write_text(f"#!{sys.executable}\nimport sys\nfrom tuimail.__main__ import main\nsys.exit(main())\n")
    link.chmod(0o755)
    environment = {**os.environ, "TUIMAIL_HOME": str(home.folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [str(link), "-i", "bob@example.net"],
        input=b"Subject: By link\n\nx\n",
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Subject: By link\r\n" in servers.sent[-1].raw


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("-i",), b"Subject: x\n\nx\n", "has no recipient"),
        (("-t",), b"Subject: x\n\nx\n", "has no recipient"),
        (("-bs",), b"", "only takes messages"),
        (("-Y",), b"", "not recognized"),
        (("bad@",), b"x", "no usable domain"),
    ],
)
def test_wrong_usage(home: Home, servers: DemoServers, arguments: tuple[str, ...], typed: bytes, words: str) -> None:
    before = len(servers.sent)
    assert words in home.error("sendmail", *arguments, typed=typed, status=64)["message"]
    assert len(servers.sent) == before


def test_what_is_refused_is_left_to_the_caller(home: Home, servers: DemoServers) -> None:
    servers.faults.refuse["gone@example.net"] = "550 5.1.1 No such user"
    try:
        done = home.json("sendmail", "gone@example.net", typed=b"x", status=69)
    finally:
        del servers.faults.refuse["gone@example.net"]
    assert (done["status"], done["accepted"]) == ("refused", [])
    assert done["refused"] == [{"address": "gone@example.net", "code": 550, "text": "5.1.1 No such user"}]
    assert home.json("sync")["accounts"][0]["waiting"] == 0


def test_offline_the_message_waits(home: Home, servers: DemoServers) -> None:
    servers.go_offline()
    try:
        done = home.run("sendmail", "bob@example.net", typed=b"Subject: Waits\n\nx\n")
    finally:
        servers.go_online()
    assert (done.returncode, done.stderr.startswith(b"tuimail: queued: ")) == (75, True)


@pytest.mark.postfix
def test_postfix_delivers_the_octets(postfix: PostfixServer, servers: DemoServers, tmp_path: Path) -> None:
    at = servers.addresses
    mixed = Home(tmp_path)
    account = {"email": "ada@example.org", "user": at.user, "password": at.password, "imap": at.imap_port}
    mixed.add("work", **account, smtp=postfix.port, more=', auth = "none"')  # type: ignore[arg-type]
    assert mixed.run("sendmail", "-i", "list@example.net", "eve@example.net", typed=PATCH).returncode == 0
    (stored,) = postfix.delivered("<1-ada@example.org>")[:1]
    assert stored.endswith(PATCH.partition(b"\n")[2].partition(b"\n\n")[2])
    assert postfix.recipients("<1-ada@example.org>")
    later = mixed.json("sendmail", "later@later.test", typed=b"Subject: x\n\nx", status=75)
    assert (later["status"], "Try later" in later["detail"]) == ("queued", True)


def test_an_account_may_only_send(tmp_path: Path, servers: DemoServers) -> None:
    at = servers.addresses
    only = Home(tmp_path / "only")
    only.folder.mkdir()
    (only.folder / "config.toml").write_text(
        f'[accounts.out]\nemail = "{at.email}"\nusername = "{at.user}"\npassword_command = ["printf", "{at.password}"]\n'
        f'smtp = {{ host = "{at.host}", port = {at.smtp_port}, security = "none" }}\n'
    )
    assert only.run("sendmail", "-t", typed=b"To: bob@example.net\nSubject: sendmail\n\nx\n").returncode == 0
    assert only.json("send", "--to", "bob@example.net", "--subject", "send", "--body", "x")["status"] == "done"
    assert [mail.recipients for mail in servers.sent[-2:]] == [("bob@example.net",)] * 2
    assert [row["subject"] for row in only.json("list", "--folder", "Sent")] == ["send", "sendmail"]
    assert [account["protocol"] for account in only.json("account", "list")] == ["smtp"]
    assert only.json("sync")["accounts"][0]["error"] is None
