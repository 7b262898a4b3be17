# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``--verbose`` writes is safe to look at in a terminal."""

from io import StringIO

from tuimail.backends.dialogue import to_file


def test_a_server_cannot_command_the_terminal() -> None:
    out = StringIO()
    to_file(out)("S", b"* OK \x1b]52;c;ZXZpbA==\x07 hello \xc3\xa9\r")
    assert out.getvalue().endswith("hello \\xc3\\xa9 \n")
    assert out.getvalue().removesuffix("\n").isprintable()


def test_long_lines_are_written_whole() -> None:
    out = StringIO()
    to_file(out)("S", b"* CAPABILITY " + b"X" * 5000)
    assert out.getvalue().count("X") == 5000
