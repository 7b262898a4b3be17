# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in a terminal while its server pushes more than anybody reads: keys go on being answered."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.bench.figures import percentile
from tests.faults.home import letter_of
from tests.pty.terminal import Terminal, tuimail
from tests.servers.proxy import Proxy, Way
from tuimail.demo.servers import DemoServers

_LINES = 100_000
_NEWS = b"* %d EXISTS\r\n* %d FETCH (UID %d FLAGS (Flood))\r\n"
_FRAME = 0.1
"""Seconds of the processor within which a key is answered."""


def configuration(servers: DemoServers, port: int) -> str:
    """An account whose server is reached at this port."""
    at = servers.addresses
    return (
        f'[accounts.demo]\nname = "Ada"\nemail = "{at.email}"\nusername = "{at.user}"\n'
        f'password_command = ["printf", "{at.password}"]\nimap = {{ host = "{at.host}", port = {port}, security = "none" }}\n'
    )


def busy(terminal: Terminal) -> float:
    """Seconds of the processor that the program's main thread had: what else the machine does is not in it."""
    return int(Path(f"/proc/{terminal.pid}/schedstat").read_text().split()[0]) / 1e9


def press(terminal: Terminal, key: str) -> float:
    """Press a key, and wait for the cursor to be in another row. Seconds of the processor until then."""
    before, row = busy(terminal), row_of(terminal)
    terminal.keys(key)
    terminal.until(lambda: row_of(terminal) != row, f"the answer to {key}")
    return busy(terminal) - before


def row_of(terminal: Terminal) -> str:
    """The number of the row that the cursor stands on, from the bottom line."""
    found = re.search(r"Inbox +(\d+)/", terminal.text)
    return found[1] if found else ""


def flood(lines: int) -> bytes:
    """News of messages that may be there, or not."""
    return b"".join(_NEWS % (number, number, number) for number in range(1, lines + 1))


@pytest.mark.heavy
async def test_28_keys_are_answered_while_a_hundred_thousand_lines_come(tmp_path: Path) -> None:
    told = flood(_LINES)
    with DemoServers(0) as servers:
        for number in range(30):
            servers.deliver(letter_of(number))
        async with Proxy(servers.addresses.host, servers.addresses.imap_port) as proxy:
            proxy.hide("COMPRESS=DEFLATE")
            config = tmp_path / "config.toml"
            config.write_text(configuration(servers, proxy.port))
            config.chmod(0o600)
            with tuimail(home=tmp_path) as terminal:
                await asyncio.to_thread(terminal.sees, "Mail 29", "1/30", "● demo")
                quiet = await asyncio.to_thread(lambda: [press(terminal, "jk"[number % 2]) for number in range(40)])
                begun = proxy.passed
                proxy.replace(Way.DOWN, rb"^\+ .*\r\n", b"+ idling\r\n" + told, times=1)
                servers.deliver(letter_of(40), "Archive")  # so that it leaves IDLE and goes back; the list stays as it is
                taken: list[float] = []
                while proxy.passed < begun + len(told):
                    taken.append(await asyncio.to_thread(press, terminal, "jk"[len(taken) % 2]))
                servers.deliver(letter_of(41))
                await asyncio.to_thread(terminal.sees, "Mail 41")
    worst = max(taken)
    print(f"28: {len(taken)} keys while {len(told) / 1e6:.1f} MB came: ", end="")
    print(f"median {1000 * percentile(taken, 0.5):.0f} ms, p99 {1000 * percentile(taken, 0.99):.0f} ms, ", end="")
    print(f"worst {1000 * worst:.0f} ms of the processor; before: median {1000 * percentile(quiet, 0.5):.0f} ms")
    assert percentile(taken, 0.99) < _FRAME
