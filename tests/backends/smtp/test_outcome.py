# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies as errors."""

import pytest

from tuimail.backends.smtp.outcome import Reply, all_refused, error_of, refused_recipients
from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded, TryLater, TuimailError


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        (421, "shutting down", TryLater),
        (450, "greylisted", TryLater),
        (454, "4.7.0 Temporary authentication failure", TryLater),
        (535, "5.7.8 bad credentials", SignInNeeded),
        (530, "5.7.0 Authentication required", SignInNeeded),
        (530, "5.7.0 Must issue a STARTTLS command first", ServerRefused),
        (550, "5.1.1 no such user", ServerRefused),
        (552, "too big", ServerRefused),
        (250, "ok", ServerBroken),
        (999, "?", ServerBroken),
    ],
)
def test_what_can_be_done_decides_the_class(code: int, text: str, error: type[TuimailError]) -> None:
    assert type(error_of(Reply.of(code, text), "us")) is error


def test_a_refusal_carries_the_code_and_the_words() -> None:
    error = error_of(Reply.of(550, "5.1.1 no such user\nreally"), "the sender")
    assert isinstance(error, ServerRefused)
    assert error.code == "550"
    assert "550 5.1.1 no such user really" in error.message


def test_a_reply_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in Reply.of(550, "\x1b]0;owned\x07\x1b[2J").text


def test_one_temporary_refusal_among_all_means_try_later() -> None:
    refused = refused_recipients(("a@x", "b@x"), [Reply.of(550, "no"), Reply.of(450, "later")])
    assert [one.code for one in refused] == [550, 450]
    assert isinstance(all_refused(refused), TryLater)
    assert isinstance(all_refused(refused[:1]), ServerRefused)
