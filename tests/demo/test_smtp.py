# SPDX-License-Identifier: GPL-3.0-or-later
"""Submission by smtplib: sign-in, delivery, faults."""

import base64
import smtplib
import ssl
from collections.abc import Iterator

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers

_RAW = b"From: robin@example.org\r\nSubject: sent\r\nMessage-ID: <s@example.org>\r\n\r\n.dot\r\n"


def _connect(servers: DemoServers) -> smtplib.SMTP:
    return smtplib.SMTP(servers.addresses.host, servers.addresses.smtp_port, local_hostname="localhost", timeout=20)


@pytest.fixture
def submission(servers: DemoServers) -> Iterator[smtplib.SMTP]:
    client = _connect(servers)
    client.login(servers.addresses.user, servers.addresses.password)
    yield client
    client.close()


def test_extensions(servers: DemoServers) -> None:
    with _connect(servers) as client:
        client.ehlo()
        assert client.esmtp_features.keys() >= {"pipelining", "size", "8bitmime", "smtputf8", "auth"}
        assert set(client.esmtp_features["auth"].split()) == {"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256"}
        servers.faults.without = frozenset({"PIPELINING"})
        client.ehlo()
        assert "pipelining" not in client.esmtp_features


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_passwords(servers: DemoServers, mechanism: str) -> None:
    with _connect(servers) as client:
        client.ehlo()
        client.user, client.password = servers.addresses.user, "wrong"
        name = mechanism.removeprefix("auth_").upper()
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.auth(name, getattr(client, mechanism))
        client.password = servers.addresses.password
        assert client.auth(name, getattr(client, mechanism))[0] == 235


def test_tokens(servers: DemoServers) -> None:
    user, secret = servers.addresses.user, servers.addresses.password
    with _connect(servers) as client:
        client.ehlo()
        wrong = base64.b64encode(f"user={user}\x01auth=Bearer no\x01\x01".encode()).decode()
        code, challenge = client.docmd("AUTH", f"XOAUTH2 {wrong}")
        assert (code, b"invalid_token" in base64.b64decode(challenge)) == (334, True)
        assert client.docmd("")[0] == 535
        right = base64.b64encode(f"user={user}\x01auth=Bearer {secret}\x01\x01".encode()).decode()
        assert client.docmd("AUTH", f"XOAUTH2 {right}")[0] == 235


def test_nobody_sends_without_signing_in(servers: DemoServers) -> None:
    with _connect(servers) as client, pytest.raises(smtplib.SMTPSenderRefused, match="530"):
        client.sendmail("robin@example.org", ["x@example.net"], _RAW)


def test_mail_to_oneself_comes_back(servers: DemoServers, submission: smtplib.SMTP, client: RawClient) -> None:
    client.ok("SELECT INBOX")
    client.send("a IDLE\r\n")
    assert client.unit() == "+ idling"
    submission.sendmail("robin@example.org", ["robin@example.org", "x@example.net"], _RAW)
    assert client.unit() == "* 1 EXISTS"
    (mail,) = servers.sent
    assert (mail.sender, mail.recipients, mail.raw) == ("robin@example.org", ("robin@example.org", "x@example.net"), _RAW)
    (shot,) = servers.snapshot()["INBOX"]
    assert shot.raw == b"Return-Path: <robin@example.org>\r\n" + _RAW


def test_refusals(servers: DemoServers, submission: smtplib.SMTP) -> None:
    servers.faults.refuse = {"bad@example.net": "550 5.1.1 Unknown"}
    refused = submission.sendmail("robin@example.org", ["bad@example.net", "good@example.net"], _RAW)
    assert refused == {"bad@example.net": (550, b"5.1.1 Unknown")}
    for command, error in (
        ("MAIL", smtplib.SMTPSenderRefused),
        ("RCPT", smtplib.SMTPRecipientsRefused),
        ("DATA", smtplib.SMTPDataError),
    ):
        servers.faults.refuse = {command: "451 4.3.0 Later"}
        with pytest.raises(error):
            submission.sendmail("robin@example.org", ["good@example.net"], _RAW)
    assert len(servers.sent) == 1
    servers.faults.refuse = {"AUTH": "454 4.7.0 Not now"}
    with _connect(servers) as another, pytest.raises(smtplib.SMTPAuthenticationError, match="454"):
        another.login(servers.addresses.user, servers.addresses.password)


@pytest.mark.parametrize(("command", "when", "taken"), [("MAIL", "before", 0), ("DATA", "before", 0), ("DATA", "after", 1)])
def test_cuts(servers: DemoServers, submission: smtplib.SMTP, command: str, when: str, taken: int) -> None:
    servers.faults.cut_on, servers.faults.cut_when = command, when  # type: ignore[assignment]
    with pytest.raises(smtplib.SMTPServerDisconnected):
        submission.sendmail("robin@example.org", ["good@example.net"], _RAW)
    assert len(servers.sent) == taken


def test_cut_within_the_message(servers: DemoServers, submission: smtplib.SMTP) -> None:
    servers.faults.cut_received = 50_000
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        submission.sendmail("robin@example.org", ["good@example.net"], _RAW + b"line\r\n" * 100_000)
    assert servers.sent == []


def test_tls() -> None:
    with DemoServers(messages=0, tls=True) as servers:
        addresses = servers.addresses
        context = ssl.create_default_context(cadata=addresses.certificate)
        with _connect(servers) as client:
            client.starttls(context=context)
            client.login(addresses.user, addresses.password)
        with smtplib.SMTP_SSL("127.0.0.1", addresses.smtps_port, local_hostname="localhost", context=context) as client:
            client.login(addresses.user, addresses.password)
            client.sendmail(addresses.email, ["x@example.net"], _RAW)
        assert len(servers.sent) == 1
