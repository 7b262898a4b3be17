# SPDX-License-Identifier: GPL-3.0-or-later
"""What reaches a real terminal: sequences of the program's own only, whatever mail and server say."""

from pathlib import Path

from tests.pty.sequences import FOREIGN, OWN
from tests.pty.terminal import tuimail
from tests.pty.test_program import home, servers
from tests.ui.screens.test_untrusted import ESCAPES, letter
from tuimail.demo.servers import DemoServers

__all__ = ["home", "servers"]


def test_no_sequence_of_a_mail_reaches_the_terminal(home: Path, servers: DemoServers) -> None:
    servers.deliver(letter(ESCAPES))
    servers.create_folder("Bad \u202e folder")
    servers.faults.refuse["MOVE"] = "NO Not yours \x1b[31m \x9b5m"
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        terminal.keys("\\subject\r")
        terminal.sees("1/1")
        terminal.keys("\r")
        terminal.sees("Body ")
        terminal.keys("h")
        terminal.sees("X-Probe")
        for _ in range(3):
            terminal.keys("H")
            terminal.sees("View:")
        terminal.keys("v")
        terminal.sees("Save attachment")
        terminal.keys("\x1b")
        terminal.until(lambda: "Save attachment" not in terminal.text, "the dialog goes")
        terminal.keys("e")
        terminal.until(lambda: "Not done after all" in terminal.text and "1/1" in terminal.text, "the message is back")
        terminal.keys("r")
        terminal.sees("^X finish")
        terminal.keys("\x1b")
        terminal.sees("e archive")
        terminal.keys("Q")
        terminal.ended()
        written = bytes(terminal.written)
    for sequence in FOREIGN:
        assert sequence not in written, sequence
    rest = OWN.sub(b"", written)
    assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 20) :][:60]
    assert not set(rest) & (set(range(32)) - set(b"\r\n\t\x0f\x08"))
