# SPDX-License-Identifier: GPL-3.0-or-later
"""MAIL and RCPT for what the server offers."""

import pytest

from tuimail.backends.smtp.envelope import commands
from tuimail.model.errors import InputWrong, ServerRefused

_ASCII = b"Subject: x\r\n\r\nbody\r\n"
_EIGHT_BIT = "Subject: x\r\n\r\nbödy\r\n".encode()
_UTF8_HEADER = "Subject: ö\r\n\r\nbody\r\n".encode()


def test_extensions_are_used_only_when_needed_and_offered() -> None:
    everything = {"size": "1000", "8bitmime": "", "smtputf8": ""}
    assert commands("a@x.test", ("b@x.test",), _ASCII, {}).mail == b"MAIL FROM:<a@x.test>"
    assert commands("a@x.test", ("b@x.test",), _ASCII, everything).mail == b"MAIL FROM:<a@x.test> SIZE=%d" % len(_ASCII)
    assert commands("a@x.test", ("b@x.test",), _EIGHT_BIT, everything).mail.endswith(b" BODY=8BITMIME")
    assert commands("a@x.test", ("b@x.test",), _UTF8_HEADER, everything).mail.endswith(b" BODY=8BITMIME SMTPUTF8")
    assert commands("a@x.test", ("ü@x.test",), _ASCII, {"smtputf8": ""}).mail == b"MAIL FROM:<a@x.test> SMTPUTF8"


def test_a_domain_goes_out_in_ascii() -> None:
    assert commands("", ("a@bücher.example",), _ASCII, {}).recipients == (b"RCPT TO:<a@xn--bcher-kva.example>",)


def test_the_null_sender_stays_null() -> None:
    assert commands("", ("a@x.test",), _ASCII, {}).mail == b"MAIL FROM:<>"


def test_too_large_a_message_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ServerRefused, match="at most") as caught:
        commands("a@x.test", ("b@x.test",), b"x" * 1001, {"size": "1000"})
    assert caught.value.code == "552"
    commands("a@x.test", ("b@x.test",), b"x" * 1001, {"size": "0"})


@pytest.mark.parametrize(
    "address", ["a@x.test>\r\nRCPT TO:<c@x.test", "a b@x.test", "a@x.test> SIZE=1", "nobody", "", "ü@x.test"]
)
def test_what_is_no_address_never_becomes_a_command(address: str) -> None:
    with pytest.raises(InputWrong):
        commands("a@x.test", (address,), _ASCII, {})
