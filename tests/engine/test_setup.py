# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is typed into the account form to an account."""

import pytest

from tuimail.engine.setup import AccountForm, parse_server
from tuimail.model.account import Security
from tuimail.model.errors import InputWrong

PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


@pytest.mark.parametrize(
    ("typed", "host", "port", "security"),
    [
        ("imap.example.org", "imap.example.org", 993, Security.TLS),
        ("imap.example.org/starttls", "imap.example.org", 143, Security.STARTTLS),
        ("imap.example.org:1993/tls", "imap.example.org", 1993, Security.TLS),
        ("127.0.0.1:1143/none", "127.0.0.1", 1143, Security.NONE),
        ("[::1]:1143/NONE", "::1", 1143, Security.NONE),
    ],
)
def test_reads_a_server(typed: str, host: str, port: int, security: Security) -> None:
    server = parse_server(typed, "ada", PORTS)
    assert (server.host, server.port, server.security, server.username) == (host, port, security, "ada")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("two words", "is no server"),
        ("host:port", "is no server"),
        ("host:99999", "is no port"),
        ("host/ssl3", "no way to secure"),
        ("mail.example.org/none", "could be read on the way"),
    ],
)
def test_says_what_is_wrong_with_a_server_and_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(InputWrong, match=said) as raised:
        parse_server(typed, "ada", PORTS)
    assert raised.value.advice


def test_an_empty_form_names_the_address() -> None:
    assert set(AccountForm().problems()) == {"email"}


def test_servers_are_guessed_from_the_domain() -> None:
    account = AccountForm(email="ada@example.org", name="Ada").account(set())
    assert account.imap is not None
    assert account.smtp is not None
    assert (account.imap.host, account.smtp.host) == ("imap.example.org", "smtp.example.org")
    assert account.imap.username == "ada@example.org"


def test_keys_of_accounts_are_free() -> None:
    form = AccountForm(email="ada@example.org")
    first = form.account(set()).key
    second = form.account({first}).key
    assert first != second
    assert form.account({first, second}).key not in {first, second}
