# SPDX-License-Identifier: GPL-3.0-or-later
"""The stop watch: what a program shows, and when it came."""

import os
import sys
from pathlib import Path

import pytest

from tests.bench.terminal import NeverShown, Terminal

ECHO = """
import sys, termios, tty
tty.setraw(0)
sys.stdout.write("password? ")
sys.stdout.flush()
while (key := sys.stdin.read(1)) != "Q":
    sys.stdout.write({"j": "\\x1b[?2026h\\x1b[Hdown", "k": "\\x1b[?2026l", "\\r": "come in"}.get(key, key))
    sys.stdout.flush()
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal([sys.executable, "-c", ECHO], env=dict(os.environ), folder=tmp_path, answers={b"password?": b"\r"})


def test_a_question_is_answered_and_a_text_is_seen_after_the_start(terminal: Terminal) -> None:
    with terminal:
        assert terminal.sees("come in") > terminal.started
        assert terminal.octets == len("password? come in")


def test_nothing_is_seen_in_half_a_frame(terminal: Terminal) -> None:
    with terminal:
        terminal.sees("come in")
        terminal.write("j")
        with pytest.raises(NeverShown, match="never shown: down"):
            terminal.sees("down", 0.2)
        terminal.write("k")
        terminal.sees("down")


def test_a_key_and_all_that_it_leads_to(terminal: Terminal) -> None:
    with terminal:
        terminal.sees("come in")
        terminal.settle()
        reaction = terminal.react("x", patience=30)
        assert reaction.octets == 1
        assert 0 < reaction.shown <= reaction.settled


def test_the_end_of_the_program_ends_the_waiting(terminal: Terminal) -> None:
    with terminal:
        terminal.sees("come in")
        terminal.write("Q")
        with pytest.raises(NeverShown, match="ended before: more"):
            terminal.sees("more")
        assert terminal.ended()
