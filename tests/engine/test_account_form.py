# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is typed into the account form to an account."""

from dataclasses import replace

import pytest

from tuimail.engine.account_form import AccountForm, parse_server, server_text
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
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
        ("imap..example.org", "is no name"),
        (f"{'x' * 64}.example.org", "is no name"),
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


ACCOUNT = Account(
    "work",
    Address("Ada", "ada@example.org"),
    imap=ServerAddress("imap.example.org", 993, Security.TLS, "ada", ca_file="/etc/own.pem"),
    smtp=ServerAddress("smtp.example.org", 587, Security.STARTTLS, "ada@example.org", ca_file="/etc/own.pem"),
    aliases=("ada@lovelace.example", "*@ada.example"),
    signature="Ada",
)


@pytest.mark.parametrize(
    "server",
    [
        ServerAddress("imap.example.org", 993, Security.TLS, "ada"),
        ServerAddress("imap.example.org", 1143, Security.STARTTLS, "ada"),
        ServerAddress("::1", 1143, Security.NONE, "ada"),
        ServerAddress("localhost", 25, Security.NONE, "ada", AuthMethod.NONE),
        ServerAddress("localhost", 465, Security.TLS, "ada", AuthMethod.NONE),
    ],
)
def test_a_server_is_written_as_it_is_read(server: ServerAddress) -> None:
    assert parse_server(server_text(server), "ada", PORTS) == server


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    local = ServerAddress("localhost", 25, Security.NONE, "ada", AuthMethod.NONE)
    pop3 = ServerAddress("pop.example.org", 995, Security.TLS, "ada", leave_on_server=False)
    token = ServerAddress("imap.example.org", 993, Security.TLS, "ada", AuthMethod.OAUTH2, ("get-token", "a b"))
    for account in (
        ACCOUNT,
        replace(ACCOUNT, smtp=local),
        replace(ACCOUNT, imap=None, pop3=pop3),
        replace(ACCOUNT, imap=token, smtp=replace(token, host="smtp.example.org")),
        replace(ACCOUNT, imap=replace(ACCOUNT.imap, security=Security.NONE)) if ACCOUNT.imap else ACCOUNT,
    ):
        assert AccountForm.of(account).changed(account) == account


def test_what_servers_share_changes_together_and_what_one_has_for_itself_stays() -> None:
    changed = replace(AccountForm.of(ACCOUNT), username="lovelace", ca_file="/etc/new.pem").changed(ACCOUNT)
    assert changed.imap is not None
    assert changed.smtp is not None
    assert (changed.imap.username, changed.smtp.username) == ("lovelace", "ada@example.org")
    assert {changed.imap.ca_file, changed.smtp.ca_file} == {"/etc/new.pem"}


def test_a_changed_server_keeps_how_the_account_signs_in() -> None:
    changed = replace(AccountForm.of(ACCOUNT), imap="mail.example.org").changed(ACCOUNT)
    assert changed.imap == ServerAddress("mail.example.org", 993, Security.TLS, "ada", ca_file="/etc/own.pem")
    assert changed.smtp == ACCOUNT.smtp
    assert changed.key == "work"


def test_a_server_can_be_added_and_taken_away_but_not_the_last() -> None:
    form = AccountForm.of(ACCOUNT)
    assert replace(form, smtp="").changed(ACCOUNT).smtp is None
    assert replace(form, imap="", pop3="pop.example.org").changed(ACCOUNT).pop3 is not None
    with pytest.raises(InputWrong, match="needs a server"):
        replace(form, imap="", smtp="").changed(ACCOUNT)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("auth", "kerberos", "oauth2"),
        ("aliases", "ada, eve@example.org", "“ada”"),
        ("command", "pass 'show", "quotation mark"),
        ("pop3", "a b", "no server"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(field: str, typed: str, said: str) -> None:
    problems = replace(AccountForm.of(ACCOUNT), **{field: typed}).problems()
    assert set(problems) == {field}
    assert said in problems[field]
