# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail demo --serve`` as other programs meet it: Python's own clients against its servers."""

import imaplib
import os
import poplib
import signal
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_USERS = 2
_SERVICES = ("imap", "imaps", "smtp", "submission", "submissions", "pop3", "pop3s")


@dataclass
class Serving:
    """The running command and what it announced."""

    process: subprocess.Popen[str]
    notes: Path
    services: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    users: list[tuple[str, str]] = field(default_factory=list)

    def at(self, name: str) -> tuple[str, int]:
        """Where a server listens."""
        return self.services[name][:2]

    @property
    def certificate(self) -> Path:
        """The file that the command named."""
        line = next(line for line in self.notes.read_text().splitlines() if "certificate" in line)
        return Path(line.partition(": ")[2])

    def context(self) -> ssl.SSLContext:
        """Trusts the command's certificate."""
        return ssl.create_default_context(cafile=self.certificate)

    def inbox(self, number: int) -> list[bytes]:
        """What POP3 shows of a user's INBOX."""
        client = poplib.POP3(*self.at("pop3"), timeout=30)
        client.user(self.users[number][0])
        client.pass_(self.users[number][1])
        messages = [b"\n".join(client.retr(index + 1)[1]) for index in range(client.stat()[0])]
        client.quit()
        return messages


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    notes = tmp_path / "notes"
    command = [sys.executable, "-m", "tuimail", "demo", "--serve", "--print", "--users", str(_USERS)]
    with notes.open("w") as error, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=error, text=True) as process:
        assert process.stdout is not None
        running = Serving(process, notes)
        for _ in _SERVICES:
            name, host, port, security = process.stdout.readline().split()
            running.services[name.removesuffix(":")] = host, int(port), security
        for _ in range(_USERS):
            _, user, _, password = process.stdout.readline().split()
            running.users.append((user, password))
        yield running
        process.terminate()


def test_services_and_users_are_announced(serving: Serving) -> None:
    assert tuple(serving.services) == _SERVICES
    assert {name: security for name, (_, _, security) in serving.services.items()} == {
        "imap": "none", "imaps": "tls", "smtp": "none", "submission": "starttls", "submissions": "tls", "pop3": "none",
        "pop3s": "tls",
    }  # fmt: skip
    assert len({user for user, _ in serving.users}) == _USERS


def test_mail_is_taken_from_everybody_and_read_by_pop3_and_imap(serving: Serving) -> None:
    with smtplib.SMTP(*serving.at("smtp"), local_hostname="localhost", timeout=30) as client:
        client.sendmail("stranger@example.net", ["robin2@example.org"], "Subject: for the second\r\n\r\nHello\r\n")
        client.sendmail("stranger@example.net", ["nobody@example.com"], "Subject: for nobody\r\n\r\nHello\r\n")
    (second,) = serving.inbox(1)
    assert b"Subject: for the second" in second
    with imaplib.IMAP4_SSL(*serving.at("imaps"), ssl_context=serving.context()) as imap:
        imap.login(*serving.users[0])
        assert imap.select("INBOX")[1] == [b"1"]
        answer = imap.fetch("1", "(BODY.PEEK[])")[1][0]
        assert isinstance(answer, tuple)
        assert b"Subject: for nobody" in answer[1]
        assert b"Delivered-To: nobody@example.com" in answer[1]


def test_submission_over_tls(serving: Serving) -> None:
    user, password = serving.users[0]
    with smtplib.SMTP(*serving.at("submission"), local_hostname="localhost", timeout=30) as client:
        client.starttls(context=serving.context())
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("robin@example.org", ["robin2@example.org"], "Subject: no\r\n\r\n")
        client.login(user, password)
        client.sendmail("robin@example.org", ["robin2@example.org"], "Subject: starttls\r\n\r\n")
    host, port = serving.at("submissions")
    with smtplib.SMTP_SSL(host, port, local_hostname="localhost", timeout=30, context=serving.context()) as client:
        client.login(user, password)
        client.sendmail("robin@example.org", ["robin2@example.org"], "Subject: implicit\r\n\r\n")
    assert [b"Subject: starttls" in serving.inbox(1)[0], b"Subject: implicit" in serving.inbox(1)[1]] == [True, True]


def test_messages_are_printed_and_interrupting_ends(serving: Serving) -> None:
    with smtplib.SMTP(*serving.at("smtp"), local_hostname="localhost", timeout=30) as client:
        client.sendmail("a@example.net", ["robin@example.org"], "Subject: seen\r\n\r\nThe text\r\n")
    assert serving.process.stdout is not None
    lines = [serving.process.stdout.readline().rstrip("\n") for _ in range(5)]
    assert lines == [
        "---------- MESSAGE FOLLOWS ----------", "Subject: seen", "", "The text", "------------ END MESSAGE ------------",
    ]  # fmt: skip
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(30) == 0
    assert "sent: a@example.net to robin@example.org, 27 bytes: seen" in serving.notes.read_text()
    assert not serving.certificate.parent.exists()


def test_what_a_killed_one_left_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "tuimail", "demo", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as killed:
        assert killed.stderr is not None
        left = Path(killed.stderr.readline().split()[-1]).parent
        os.utime(left, (0, 0))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as beside:
            assert beside.stderr is not None
            beside.stderr.readline()
            assert left.exists(), "its program runs"
            killed.kill()
            killed.wait()
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as third:
                assert third.stderr is not None
                third.stderr.readline()
                assert not left.exists()
                third.send_signal(signal.SIGHUP)
                assert third.wait(60) == 0
            beside.terminate()
            beside.wait(60)
    assert not list(tmp_path.glob("tuimail-serve-*"))


def test_print_without_serve_is_wrong_usage() -> None:
    done = subprocess.run([sys.executable, "-m", "tuimail", "demo", "--print"], capture_output=True, text=True, check=False)
    assert (done.returncode, "--serve" in done.stderr) == (64, True)
