# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail send``: what arrives at the server, and what the command says of it."""

from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.pty.terminal import Terminal
from tuimail.demo.servers import DemoServers
from tuimail.mime.parse import parse

RESULT = ["action", "ids", "status", "detail", "message_id", "accepted", "refused"]


def test_a_message_with_everything(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    file = tmp_path / "naïve.txt"
    file.write_bytes(b"\x00octets\r\n")
    arguments = ("--to", "Bob <bob@example.net>", "eve@example.net", "--bcc", "secret@example.net", "--subject", "Grüße")
    body = ("--reply-to", "other@example.org", "--attach", str(file), "--markdown", "-")
    done = home.json("send", *arguments, *body, typed=b"**Fett** und\nFrom hier\n")
    assert (list(done), done["status"], done["refused"]) == (RESULT, "done", [])
    assert done["accepted"] == ["bob@example.net", "eve@example.net", "secret@example.net"]

    mail = servers.sent[-1]
    assert (mail.sender, list(mail.recipients)) == (servers.addresses.email, done["accepted"])
    assert b"secret@" not in mail.raw
    message = parse(mail.raw)
    assert message.headers.get("Message-ID") == done["message_id"]
    assert message.headers.get("Reply-To") == "other@example.org"
    parts = {part.content_type: part for part in message.root.walk()}
    assert message.text(parts["text/plain"].section) == "**Fett** und\r\nFrom hier\r\n"
    assert "<strong>Fett</strong>" in message.text(parts["text/html"].section)
    assert message.content(parts["application/octet-stream"].section) == b"\x00octets\r\n"
    sent = next(shot for shot in servers.snapshot()["Sent"] if shot.message_id == done["message_id"])
    assert b"secret@example.net" in sent.raw


def test_html_has_a_plain_wording_beside_it(home: Home, servers: DemoServers) -> None:
    home.text("send", "--to", "bob@example.net", "--subject", "Page", "--html", "--body", "<h1>Head</h1><p>Text</p>")
    message = parse(servers.sent[-1].raw)
    kinds = {part.content_type: message.text(part.section) for part in message.root.children}
    assert list(kinds) == ["text/plain", "text/html"]
    assert "Head" in kinds["text/plain"]
    assert "<" not in kinds["text/plain"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_body_in_any_usual_encoding(home: Home, servers: DemoServers, codec: str) -> None:
    text = "Grüße\n"
    home.text("send", "--to", "bob@example.net", "--subject", "Body", "-", typed=text.encode(codec))
    message = parse(servers.sent[-1].raw)
    assert message.text(message.root.section) == "Grüße\r\n"


def test_a_dry_run_sends_nothing(home: Home, servers: DemoServers) -> None:
    before = len(servers.sent)
    arguments = ("send", "--to", "bob@example.net", "--subject", "Only tried", "--body", "Text", "--dry-run")
    assert home.json(*arguments)["status"] == "would"
    assert "Subject: Only tried" in home.text(*arguments)
    assert len(servers.sent) == before


def test_everything_that_is_missing_is_named(home: Home) -> None:
    message = home.error("send", "--cc", "not an address", "--body", "x", status=64)["message"]
    assert message == "Something is missing: --subject."
    assert home.error("send", status=64)["message"] == "Something is missing: --to, --subject, --body."
    assert "--from" in home.error("send", "--server", "localhost", status=64)["message"]
    wrong = home.error("send", "--to", "not an address", "--subject", "", "--body", "x", status=64)
    assert "“not an address” is not an e-mail address." in wrong["message"]
    gone = home.error("send", "--to", "a@b.example", "--subject", "", "--attach", "/nowhere/x", status=66)
    assert "/nowhere/x" in gone["message"]


def test_refused_recipients_are_told_one_by_one(home: Home, servers: DemoServers) -> None:
    servers.faults.refuse["gone@example.net"] = "550 5.1.1 No such user"
    try:
        arguments = ("--to", "bob@example.net", "gone@example.net", "--subject", "Half", "--body", "x")
        done = home.json("send", *arguments, status=69)
    finally:
        del servers.faults.refuse["gone@example.net"]
    assert (done["status"], done["accepted"]) == ("refused", ["bob@example.net"])
    assert done["refused"] == [{"address": "gone@example.net", "code": 550, "text": "5.1.1 No such user"}]


def test_queued_mail_is_sent_by_the_next_sync(home: Home, servers: DemoServers) -> None:
    arguments = ("send", "--to", "bob@example.net", "--subject", "Later", "--body", "x", "--queue")
    queued = home.json(*arguments, status=75)
    assert (queued["status"], queued["accepted"]) == ("queued", [])
    assert home.json("sync")["accounts"][0]["carried"] >= 1
    assert queued["message_id"].encode() in servers.sent[-1].raw


@pytest.mark.parametrize(
    ("said", "status"), [("451 4.3.0 Not now", 75), ("Not now, and no number", 75), ("530 5.7.0 Not now: sign in", 77)]
)
def test_a_message_that_stays_queued(servers: DemoServers, tmp_path: Path, said: str, status: int) -> None:
    alone = Home(tmp_path)  # what is still queued here must not go out in the middle of another test
    alone.add_demo(servers)
    servers.faults.refuse["MAIL"] = said
    try:
        queued = alone.json("send", "--to", "bob@example.net", "--subject", "x", "--body", "x", status=status)
    finally:
        del servers.faults.refuse["MAIL"]
    assert queued["status"] == "queued"
    assert queued["detail"]


def test_an_answer_that_never_comes_is_unknown(home: Home, servers: DemoServers) -> None:
    servers.faults.cut_on, servers.faults.cut_when = "DATA", "after"
    done = home.json("send", "--to", "bob@example.net", "--subject", "Perhaps", "--body", "x", status=75)
    servers.faults.cut_on = None
    assert done["status"] == "unknown"
    home.json("sync")
    assert sum(done["message_id"].encode() in mail.raw for mail in servers.sent) == 1


def test_a_server_needs_no_account(servers: DemoServers, tmp_path: Path) -> None:
    nobody = Home(tmp_path)
    at = servers.addresses
    server = ("--server", f"127.0.0.1:{at.smtp_port}", "--security", "none", "--user", at.user)
    message = ("--from", "me@example.org", "--to", "bob@example.net", "--subject", "Directly", "--body", "x")
    done = nobody.json("send", *message, *server, "--password-command", "printf", at.password)
    assert (list(done), done["status"], done["accepted"]) == (RESULT, "done", ["bob@example.net"])
    assert done["message_id"].encode() in servers.sent[-1].raw
    spoken = nobody.run("send", *message, *server, "--password-command", "printf", at.password, "--verbose").stderr.decode()
    assert "MAIL FROM:<me@example.org>" in spoken
    assert at.password not in spoken

    wrong = nobody.error("send", *message, *server, "--password-command", "printf", "wrong", status=77)
    assert wrong["kind"] == "SignInNeeded"
    assert nobody.error("send", *message, "--server", "127.0.0.1:1", "--security", "none", status=69)["kind"] == "Offline"
    clear = nobody.error("send", *message, "--server", "mail.example.org:25", "--security", "none", status=64)
    assert "everybody on the way" in clear["message"]


@pytest.mark.parametrize("arguments", [("--body", "x", "-"), ("--html", "--markdown", "--body", "x")])
def test_one_body_of_one_kind(home: Home, arguments: tuple[str, ...]) -> None:
    assert home.error("send", "--to", "a@b.example", "--subject", "s", *arguments, status=64)["kind"] == "InputWrong"


def test_on_a_terminal_what_is_missing_is_asked_for(servers: DemoServers, tmp_path: Path) -> None:
    at = servers.addresses
    before = len(servers.sent)
    file = tmp_path / "note.pdf"
    file.write_bytes(b"%PDF-1.4")
    server = ("--server", f"127.0.0.1:{at.smtp_port}", "--security", "none", "--user", at.user)
    with Terminal(Home(tmp_path).command("send", *server)[1:]) as terminal:
        for question, answer in (("From:", "me@example.org"), ("To:", "bob@example.net"), ("Subject:", "Asked")):
            terminal.sees(question)
            terminal.keys(f"{answer}\n")
        for question, answer in (("Attach a file", "nowhere.pdf"), ("is no file", str(file)), ("Attach a file", "")):
            terminal.sees(question)
            terminal.keys(f"{answer}\n")
        terminal.sees("single dot")
        terminal.keys("The text\n.\n")
        terminal.sees("not shown")
        terminal.keys(f"{at.password}\n")
        assert terminal.ended() == 0
        assert "Sent to bob@example.net" in terminal.text
        assert at.password not in terminal.text
    (mail,) = servers.sent[before:]
    assert (mail.sender, mail.recipients) == ("me@example.org", ("bob@example.net",))
    assert b"\r\nSubject: Asked\r\n" in mail.raw
    assert b"\r\n\r\nThe text\r\n" in mail.raw
    assert b"filename=note.pdf" in mail.raw.replace(b'"', b"")
