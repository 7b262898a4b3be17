# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to an account's servers, with the secret that belongs to them."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backends.imap.scripted import Line, playing
from tuimail.accounts.secrets import SecretStore
from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.errors import SignInNeeded
from tuimail.servers import Servers

PATIENCE = 20.0
_TELLS = "import pathlib, sys; file = pathlib.Path(sys.argv[1]); file.open('a').write('x'); print('secret')"


async def test_the_password_command_runs_while_the_connection_is_made(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    async def script(line: Line) -> None:
        async with asyncio.timeout(PATIENCE):
            while not ran.exists():  # noqa: ASYNC110  another process makes it
                await asyncio.sleep(0.01)
        await line.sign_in()

    async with playing(script) as played:
        server = replace(played.address, password_command=(sys.executable, "-c", _TELLS, str(ran)))
        account = Account("ada", Address("Ada", "ada@example.org"), imap=server)
        await Servers(SecretStore()).backend(account).connect()
        assert ran.read_text() == "x", "once"


async def test_a_password_command_that_fails_is_told_once(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n")

    async with playing(script) as played:
        server = replace(played.address, password_command=("false",))
        account = Account("ada", Address("Ada", "ada@example.org"), imap=server)
        with pytest.raises(SignInNeeded):
            await Servers(SecretStore()).backend(account).connect()


async def test_servers_with_one_address_are_told_apart() -> None:
    """Both behind one name and port, as a proxy that tells protocols apart may have it."""

    async def script(line: Line) -> None:
        await line.sign_in()

    async with playing(script) as played:
        account = Account("ada", Address("Ada", "ada@example.org"), imap=played.address, smtp=played.address)
        await Servers(SecretStore()).check(account, "imap", "secret")
        assert any(line.startswith(b"AUTHENTICATE") for line in played.heard)
