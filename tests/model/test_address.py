# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as a person would write them."""

import pytest

from tuimail.model.account import Account
from tuimail.model.address import Address, format_addresses


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "ada@example.org"),
        ("Ada Lovelace", "Ada Lovelace <ada@example.org>"),
        ("Jörg", "Jörg <ada@example.org>"),
        ("Lovelace, Ada", '"Lovelace, Ada" <ada@example.org>'),
        ('Ada "the" \\', '"Ada \\"the\\" \\\\" <ada@example.org>'),
        ("boss@bank.example", '"boss@bank.example" <ada@example.org>'),
    ],
)
def test_written_form(name: str, written: str) -> None:
    assert str(Address(name, "ada@example.org")) == written


def test_lists_are_joined_by_commas() -> None:
    assert format_addresses((Address("A", "a@x.org"), Address("", "b@x.org"))) == "A <a@x.org>, b@x.org"


def test_domain_and_short() -> None:
    assert Address("", "a@b@Example.ORG").domain == "example.org"
    assert Address("", "root").domain == ""
    assert Address("Ada", "a@x").short == "Ada"
    assert Address("", "a@x").short == "a@x"


def test_case_does_not_make_another_mailbox() -> None:
    assert Address("A", "Ada@Example.org").same_mailbox(Address("B", "ada@example.ORG"))
    assert not Address("A", "ada@example.org").same_mailbox(Address("A", "ada@example.com"))


def test_account_owns_identity_aliases_and_domains() -> None:
    account = Account("w", Address("Ada", "ada@example.org"), aliases=("Ada@home.example", "*@ada.example"))
    assert all(map(account.owns, ("ADA@example.org", "ada@home.example", "shop@ada.example")))
    assert not any(map(account.owns, ("bob@example.org", "x@notada.example", "")))
