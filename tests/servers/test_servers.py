# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that other tests rely on start, answer and differ as promised."""

import imaplib
import smtplib
import socket
import ssl

import pytest

from tests.servers.dovecot import DovecotServer, DovecotVariant, offered_by
from tests.servers.postfix import PostfixServer
from tuimail.model.account import Security


@pytest.mark.dovecot
def test_a_fresh_dovecot_user_has_an_empty_inbox_and_the_roles(dovecot: DovecotServer) -> None:
    with dovecot.client(dovecot.new_user()) as client:
        assert client.select("INBOX") == ("OK", [b"0"])
        _, folders = client.list()
    listed = b"\n".join(folder for folder in folders if isinstance(folder, bytes))
    assert all(role in listed for role in (rb"\Sent", rb"\Drafts", rb"\Trash", rb"\Junk", rb"\Archive"))


@pytest.mark.dovecot
def test_dovecot_speaks_tls_on_both_ports(dovecot: DovecotServer) -> None:
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    with imaplib.IMAP4_SSL("localhost", dovecot.address("x", Security.TLS).port, ssl_context=context) as client:
        assert client.login("x", dovecot.password)[0] == "OK"
    with imaplib.IMAP4("localhost", dovecot.port) as client:
        assert client.starttls(context)[0] == "OK"


@pytest.mark.dovecot
def test_dovecot_offers_what_the_sync_engine_is_built_on(dovecot: DovecotServer) -> None:
    assert {"QRESYNC", "CONDSTORE", "MOVE", "UIDPLUS", "SPECIAL-USE", "COMPRESS=DEFLATE", "LIST-STATUS"} <= set(
        offered_by(dovecot)
    )


@pytest.mark.dovecot
def test_a_variant_of_dovecot_offers_less(dovecot_variant: DovecotVariant) -> None:
    poor = offered_by(dovecot_variant({"MOVE", "QRESYNC"}))
    assert "MOVE" not in poor
    assert "QRESYNC" not in poor
    assert "UIDPLUS" in poor


@pytest.mark.postfix
def test_postfix_delivers_for_any_address(postfix: PostfixServer) -> None:
    with smtplib.SMTP(postfix.host, postfix.port) as client:
        client.sendmail("a@sender.test", ["b@any.test"], b"Message-ID: <servers@test>\r\n\r\n.\r\nbody\r\n")
    (text,) = postfix.delivered("<servers@test>")
    assert text.endswith(b"\n.\nbody\n")
    assert postfix.recipients("<servers@test>") == ["b@any.test"]


@pytest.mark.postfix
def test_postfix_refuses_two_addresses(postfix: PostfixServer) -> None:
    with smtplib.SMTP(postfix.host, postfix.port) as client:
        client.ehlo()
        client.mail("a@sender.test")
        assert client.rcpt("refused@refused.test")[0] == 550
        assert client.rcpt("later@later.test")[0] == 450


def test_no_test_leaves_the_loopback_interface() -> None:
    with pytest.raises(ConnectionRefusedError, match="loopback"):
        socket.create_connection(("192.0.2.1", 25), timeout=1)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.org", 25)
