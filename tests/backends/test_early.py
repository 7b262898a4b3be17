# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that are made before anybody needs them, and what becomes of those that lead nowhere."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.backends.imap.scripted import Line, playing
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap.backend import ImapBackend
from tuimail.early import connect_early

HOST = "127.0.0.1"
PATIENCE = 20.0


async def test_a_line_is_taken_once() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        early = EarlyLines()
        early.begin(HOST, port)
        early.begin(HOST, port)
        line = await early.take(HOST, port)
        assert line is not None
        with line, server.accept()[0] as accepted:
            await asyncio.get_running_loop().sock_sendall(line, b"hello")
            assert accepted.recv(5) == b"hello"
        assert await early.take(HOST, port) is None


async def test_a_line_that_cannot_be_made() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    early = EarlyLines()
    early.begin(HOST, port)
    early.begin("no\N{FULL STOP}\N{FULL STOP}name", 1)
    assert await early.take(HOST, port) is None
    assert await early.take("no\N{FULL STOP}\N{FULL STOP}name", 1) is None


async def test_what_nobody_takes_is_closed() -> None:
    with socket.create_server((HOST, 0)) as server:
        early = EarlyLines()
        early.begin(HOST, server.getsockname()[1])
        with server.accept()[0] as accepted:
            accepted.settimeout(PATIENCE)
            early.close()
            assert accepted.recv(1) == b""


async def test_one_connection_is_made_where_the_early_one_is_good_and_another_where_it_is_not() -> None:
    good = True

    async def script(line: Line) -> None:
        if good:
            await line.sign_in()
        else:
            line.hang_up()

    async with playing(script) as played:
        early = EarlyLines()
        backend = ImapBackend(played.address, played.secret, early=early)
        early.begin(HOST, played.address.port)
        await backend.connect()
        assert len(played.lines) == 1
        await backend.close()
        good = False
        early.begin(HOST, played.address.port)
        async with asyncio.timeout(PATIENCE):
            while len(played.lines) < 2:  # noqa: ASYNC110 no event of ours
                await asyncio.sleep(0)
        good = True
        await backend.connect()
        assert len(played.lines) == 3


@pytest.mark.parametrize("broken", [False, True])
async def test_the_servers_are_those_of_the_configuration(tmp_path: Path, broken: bool) -> None:
    file = tmp_path / "config.toml"
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        account = f"""
[accounts.demo]
name = "Ada"
email = "ada@example.org"
imap = {{ host = "{HOST}", port = {port}, security = "none" }}
"""
        file.write_text(account + "broken" * broken)
        file.chmod(0o600)
        early = connect_early(str(file))
        if broken:
            assert await early.take(HOST, port) is None
            return
        with (await asyncio.to_thread(server.accept))[0]:
            line = await early.take(HOST, port)
            assert line is not None
            line.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "accounts = 3",
        "[accounts]\ndemo = 3",
        "[accounts.demo]\nimap = 3",
        "[accounts.demo]\nimap = { port = 1 }",
        f'[accounts.demo]\nimap = {{ host = "{HOST}", port = "1" }}',
        f'[accounts.demo]\nimap = {{ host = "{HOST}", port = 70000 }}',
        f'[accounts.demo]\nimap = {{ host = "{HOST}", port = true }}',
    ],
)
async def test_what_is_no_server_is_left_to_who_checks_the_configuration(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    early = connect_early(str(file))
    assert await early.take(HOST, 1) is None
    assert await early.take(HOST, 70000) is None
    assert await connect_early(str(tmp_path / "none")).take(HOST, 1) is None
