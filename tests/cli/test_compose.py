# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail 'mailto:…'`` and ``tuimail attach``, with the program open on a terminal."""

from pathlib import Path

from tests.cli.home import Home
from tests.pty.terminal import Terminal
from tuimail.demo.servers import DemoServers

URL = "mailto:bob@example.net?subject=By%20a%20link&body=Hello%0D%0Athere&attach=/etc/passwd&x-evil=1"


def test_a_link_opens_the_composer_and_attach_reaches_it(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    file = tmp_path / "plan.txt"
    file.write_text("plan")
    assert "No draft is open" in home.error("attach", str(file), status=64)["message"]
    with Terminal(home.command(URL)[1:]) as terminal:
        terminal.sees("bob@example.net", "By a link", "Hello", "there")
        assert "passwd" not in terminal.text
        done = home.json("attach", str(file))
        assert (done["subject"], [one["filename"] for one in done["attached"]]) == ("By a link", ["plan.txt"])
        terminal.sees("plan.txt")
        assert home.error("attach", "/nowhere/x", status=66)["kind"] == "FileProblem"
    without = home.error("mailto:bob@example.net", status=64)
    assert "needs a terminal" in without["message"]
