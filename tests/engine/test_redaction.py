# SPDX-License-Identifier: GPL-3.0-or-later
"""A report tells what is wrong, and not whose mail it is."""

import pytest

from tuimail.engine.redaction import Redactor
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address

IMAP = ServerAddress("mail.lovelace.example", 993, Security.TLS, "ada.l")
SMTP = ServerAddress("smtp.gmail.com", 465, Security.TLS, "ada.l@lovelace.example")
ACCOUNT = Account("countess", Address("Ada Lovelace", "ada@lovelace.example"), imap=IMAP, smtp=SMTP)
REDACTOR = Redactor([ACCOUNT], ["smtp.gmail.com", "gmail.com"], "/home/ada")


@pytest.mark.parametrize(
    "text",
    [
        "connected to mail.lovelace.example as ada.l",
        "user ADA@Lovelace.Example unknown",
        "Welcome, Ada Lovelace!",
        "account countess, /home/ada/.config/tuimail/config.toml",
        "bob@elsewhere.example is 192.0.2.17 and 2001:db8::17 at mx3.elsewhere.example",
        '17:05:37 S: * LIST (\\HasNoChildren) "/" "Clients/Babbage"',
        '17:05:37 S: * STATUS "Clients/Babbage" (MESSAGES 4 UNSEEN 4)',
        "+OK ready <17.42@pop.lovelace.example>",
    ],
)
def test_nothing_tells_whose_mail_it_is(text: str) -> None:
    told = REDACTOR.text(text).lower()
    assert not [
        word for word in ("ada", "lovelace", "countess", "bob", "elsewhere", "192.0", "2001", "babbage") if word in told
    ]


@pytest.mark.parametrize(
    "text",
    [
        "smtp.gmail.com:465 answers",
        "* CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256 SPECIAL-USE",
        "UID STORE 5 +FLAGS.SILENT (\\Deleted)",
        "535 5.7.8 Username and Password not accepted",
        "17:05:37 C: STARTTLS, TLSv1.3, 29 days left",
        "localhost is 127.0.0.1",
        "config.toml, line 3",
    ],
)
def test_what_helps_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_what_is_the_same_stays_the_same() -> None:
    told = REDACTOR.text("a.other.example b.other.example a.other.example").split(" ‹")
    assert told[0].strip("‹") == told[2]
    assert told[0].strip("‹") != told[1]
