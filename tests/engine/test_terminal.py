# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment tells of the terminal."""

import pytest

from tuimail.engine.terminal import Terminal, examine
from tuimail.model.check import StepStatus

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "KITTY_WINDOW_ID": "1"}


def test_a_good_terminal() -> None:
    steps = examine(Terminal(GOOD, "utf-8", 100, 40, attached=True))
    assert {step.status for step in steps} == {StepStatus.OK}
    assert "16 million colours" in steps[0].detail
    assert "kitty; synchronised output and the clipboard (OSC 52) work" in steps[-1].detail


@pytest.mark.parametrize(
    ("environment", "encoding", "size", "status", "words"),
    [
        ({"TERM": "dumb"}, "utf-8", (80, 24), StepStatus.FAIL, "xterm-256color"),
        ({"TERM": "vt100"}, "utf-8", (80, 24), StepStatus.WARN, "16 colours"),
        (GOOD, "ANSI_X3.4-1968", (80, 24), StepStatus.WARN, "C.UTF-8"),
        (GOOD, "utf-8", (40, 12), StepStatus.WARN, "40 columns"),
        (GOOD | {"STY": "1.pts"}, "utf-8", (80, 24), StepStatus.WARN, "in screen"),
    ],
)
def test_what_is_missing(
    environment: dict[str, str], encoding: str, size: tuple[int, int], status: StepStatus, words: str
) -> None:
    steps = examine(Terminal(environment, encoding, *size, attached=True))
    (odd,) = [step for step in steps if step.status is not StepStatus.OK]
    assert odd.status is status
    assert words in f"{odd.detail} {odd.advice}"
    assert odd.advice


def test_tmux_over_ssh_is_seen_and_told_of() -> None:
    steps = examine(Terminal(GOOD | {"TMUX": "/tmp/t", "SSH_CONNECTION": "x"}, "utf-8", 80, 24, attached=True))
    assert "in tmux, in ssh" in steps[-1].detail
    assert "set-clipboard" in steps[-1].advice


def test_a_pipe_is_no_terminal() -> None:
    (step,) = examine(Terminal({}, "utf-8", 0, 0, attached=False))
    assert step.status is StepStatus.OK
