# SPDX-License-Identifier: GPL-3.0-or-later
"""Answering and forwarding."""

import time
from collections.abc import Iterator

import pytest

from tuimail.mime.reply import (
    MAX_QUOTED,
    MAX_QUOTED_LINES,
    MAX_REFERENCES,
    forward_subject,
    forward_text,
    identity_for,
    is_too_long,
    quote_reply,
    references_for,
    reply_recipients,
    reply_subject,
)
from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.message import Envelope

ADA = Address("Ada", "ada@example.org")
BOB = Address("Bob", "bob@example.net")
CAT = Address("Cat", "cat@example.com")
LIST = Address("", "list@example.com")
ACCOUNT = Account("work", ADA, aliases=("lovelace@example.org", "*@ada.example"))


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("envelope", "everyone", "to", "cc"),
    [
        (Envelope(from_=(BOB,), to=(ADA,)), False, (BOB,), ()),
        (Envelope(from_=(BOB,), to=(ADA, CAT), cc=(LIST,)), False, (BOB,), ()),
        (Envelope(from_=(BOB,), to=(ADA, CAT), cc=(LIST,)), True, (BOB,), (CAT, LIST)),
        (Envelope(from_=(BOB,), reply_to=(LIST,), to=(ADA, CAT)), False, (LIST,), ()),
        (Envelope(from_=(BOB,), reply_to=(LIST,), to=(LIST,), cc=(CAT,)), True, (LIST,), (CAT,)),
        (Envelope(from_=(BOB,), to=(BOB, CAT, Address("C", "CAT@example.com"))), True, (BOB,), (CAT,)),
        (Envelope(from_=(BOB,), to=(Address("", "x@ada.example"), Address("", "ada+shop@example.org"))), True, (BOB,), ()),
        (Envelope(from_=(ADA,), to=(BOB,), cc=(CAT, ADA)), False, (BOB,), ()),
        (Envelope(from_=(ADA,), to=(BOB,), cc=(CAT, ADA)), True, (BOB,), (CAT,)),
        (Envelope(from_=(ADA,), to=(ADA,)), False, (ADA,), ()),
        (Envelope(from_=(Address("", "root"),), to=(ADA,)), False, (), ()),
        (Envelope(), True, (), ()),
    ],
)
def test_recipients(envelope: Envelope, everyone: bool, to: tuple[Address, ...], cc: tuple[Address, ...]) -> None:
    assert reply_recipients(envelope, ACCOUNT, everyone=everyone) == (to, cc)


@pytest.mark.parametrize(
    ("envelope", "email"),
    [
        (Envelope(to=(ADA,)), "ada@example.org"),
        (Envelope(to=(BOB,), cc=(Address("L", "lovelace@example.org"),)), "lovelace@example.org"),
        (Envelope(to=(Address("", "shop@ada.example"),)), "shop@ada.example"),
        (Envelope(to=(Address("", "ada+shop@example.org"),)), "ada+shop@example.org"),
        (Envelope(from_=(Address("", "lovelace@example.org"),), to=(ADA,)), "lovelace@example.org"),
        (Envelope(to=(BOB,)), "ada@example.org"),
    ],
)
def test_the_answer_comes_from_the_address_it_went_to(envelope: Envelope, email: str) -> None:
    assert identity_for(envelope, ACCOUNT) == Address("Ada", email)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Plan", "Re: Plan"),
        ("Re: Plan", "Re: Plan"),
        ("RE: AW: Re[2]: Plan", "Re: Plan"),
        ("回复：Plan", "Re: Plan"),
        ("Fwd: Plan", "Re: Fwd: Plan"),
        ("Review: Plan", "Re: Review: Plan"),
        ("", "Re:"),
    ],
)
def test_reply_subject(subject: str, answer: str) -> None:
    assert reply_subject(subject) == answer


@pytest.mark.parametrize(
    ("subject", "forwarded"), [("Plan", "Fwd: Plan"), ("FW: Plan", "FW: Plan"), ("Re: Plan", "Fwd: Re: Plan")]
)
def test_forward_subject(subject: str, forwarded: str) -> None:
    assert forward_subject(subject) == forwarded


def test_references_grow_by_the_answered_message() -> None:
    assert references_for(Envelope(message_id="<c>", references=("<a>", "<b>"))) == ("<a>", "<b>", "<c>")
    assert references_for(Envelope(message_id="<c>", in_reply_to="<b>")) == ("<b>", "<c>")
    assert references_for(Envelope()) == ()
    chain = references_for(Envelope(message_id="<last>", references=tuple(f"<{number}>" for number in range(500))))
    assert (len(chain), chain[0], chain[-1]) == (MAX_REFERENCES, "<0>", "<last>")


def test_a_quote() -> None:
    text = "\nHello  \n\n> earlier\nBye\n-- \nBob\nhttp://example.net\n"
    assert quote_reply(text, "Bob", 1_795_248_840) == (
        "On Sat, 21 Nov 2026 at 08:14, Bob wrote:\n> Hello\n>\n>> earlier\n> Bye\n"
    )
    assert quote_reply("x", "Bob", None) == "Bob wrote:\n> x\n"
    assert quote_reply("x", "", None) == "Somebody wrote:\n> x\n"
    assert quote_reply("x", "", 1_795_248_840).endswith(", somebody wrote:\n> x\n")
    assert "> line 30" in quote_reply("-- \n" + "\n".join(f"line {number}" for number in range(31)), "Bob", None)
    assert "an unknown date" in quote_reply("x", "Bob", 10**18)


def test_a_forwarded_text() -> None:
    envelope = Envelope(subject="Plan", date=0, from_=(BOB,), to=(ADA, CAT))
    assert forward_text("Text\n", envelope) == (
        "---------- Forwarded message ----------\nFrom: Bob <bob@example.net>\nDate: Thu, 1 Jan 1970 at 00:00\nSubject: Plan\n"
        "To: Ada <ada@example.org>, Cat <cat@example.com>\n\nText\n"
    )


@pytest.mark.parametrize("text", ["x\n" * (MAX_QUOTED_LINES + 1), "x" * (MAX_QUOTED + 1)], ids=["lines", "long"])
def test_of_a_very_long_text_not_all_is_quoted_and_that_is_told(text: str) -> None:
    assert is_too_long(text)
    first, *quoted, last = quote_reply(text, "Bob", None).removesuffix("\n").split("\n")
    assert first == "Bob wrote:"
    assert last == "[… The rest is not quoted.]"
    assert all(line.startswith("> x") for line in quoted)
    assert len(quoted) == min(MAX_QUOTED_LINES, text.count("\n") + 1)
    assert sum(len(line) - 2 for line in quoted) <= MAX_QUOTED


def test_a_long_text_is_quoted_whole() -> None:
    text = "x\n" * (MAX_QUOTED_LINES - 1)
    assert not is_too_long(text)
    assert quote_reply(text, "Bob", None).count("\n> x") == MAX_QUOTED_LINES - 1
