# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail sync --watch``: tells what changes until it is told to end."""

import json
import signal
import subprocess

from tests.cli.home import Home
from tuimail.demo.servers import DemoServers


def test_it_tells_of_new_mail_and_ends_on_a_signal(home: Home, servers: DemoServers) -> None:
    with subprocess.Popen(
        home.command("sync", "--watch", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as watching:
        assert watching.stdout is not None
        try:
            first = json.loads(watching.stdout.readline())["accounts"][0]
            assert (first["name"], first["error"], first["new"] > 0) == ("work", None, True)
            servers.deliver(b"From: a@b.example\r\nSubject: Heard\r\n\r\nText\r\n")
            second = json.loads(watching.stdout.readline())["accounts"][0]
            assert second["new"] == 1
            assert home.json("list", "--limit", "1")[0]["subject"] == "Heard"
            watching.send_signal(signal.SIGTERM)
            assert watching.wait(60) == 0
            assert watching.stderr is not None
            assert watching.stderr.read() == b""
        finally:
            watching.kill()
