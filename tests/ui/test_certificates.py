# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate that is refused: the user sees its fingerprint, and one key has this very one remembered."""

import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.ui.harness import Desk
from tuimail.account_setup import account_setup
from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.model.notice import ConnectionState
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.app import TuimailApp
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.keymap import make_keymap
from tuimail.ui.theme import Themes


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(3, tls=True) as running:
        yield running


def fingerprint(servers: DemoServers) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(servers.addresses.certificate)).digest().hex(":").upper()


def configure(home: Path, servers: DemoServers, pin: str = "") -> Path:
    at, file = servers.addresses, home / "config.toml"
    ends = f'security = "tls"{f", fingerprint = {pin!r}" if pin else ""} }}'
    file.write_text(
        f'[accounts.work]\nemail = "{at.email}"\nusername = "{at.user}"\npassword_command = ["printf", "{at.password}"]\n'
        f'imap = {{ host = "127.0.0.1", port = {at.imaps_port}, {ends}\n'
        f'smtp = {{ host = "127.0.0.1", port = {at.smtps_port}, {ends}\n',
        "utf-8",
    )
    return file


@contextlib.asynccontextmanager
async def refused(file: Path, servers: DemoServers) -> AsyncIterator[Desk]:
    """The program, which does not like the certificate."""
    servers_of = Servers(SecretStore(config_file=file))
    setup = account_setup(file, SecretStore(config_file=file), servers_of)
    engine = open_engine(file.parent / "store", config.load(file).accounts, servers_of)
    app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", setup=lambda: setup)
    try:
        async with app.run_test(size=(100, 40)) as pilot:
            here = Desk(app, pilot, servers)
            await here.until(lambda: next(iter(engine.accounts)).loop.state is ConnectionState.REFUSED)
            await here.said("$ shows the certificate")
            await here.press("dollar_sign")
            await here.until(lambda: isinstance(app.screen, Confirm))
            yield here
    finally:
        await engine.stop()
        engine.close()


async def test_one_key_for_each_server_has_it_remembered(tmp_path: Path, servers: DemoServers) -> None:
    file = configure(tmp_path, servers)
    async with refused(file, servers) as here:
        shown = fingerprint(servers)
        await here.sees(f"127.0.0.1:{servers.addresses.imaps_port}", "signed by itself", shown[:48], shown[48:])
        first = here.app.screen
        await here.press("y")
        await here.until(lambda: isinstance(here.app.screen, Confirm) and here.app.screen is not first)
        await here.sees(f"127.0.0.1:{servers.addresses.smtps_port}")
        await here.press("y")
        await here.until(lambda: here.app.accounts.start_again)
    (account,) = config.load(file).accounts
    assert account.imap is not None
    assert account.smtp is not None
    assert (account.imap.fingerprint, account.smtp.fingerprint) == (shown, shown)


@pytest.mark.parametrize("key", ["enter", "escape", "n"])
async def test_every_other_key_leaves_all_as_it_was(tmp_path: Path, servers: DemoServers, key: str) -> None:
    file = configure(tmp_path, servers)
    before = file.read_text("utf-8")
    async with refused(file, servers) as here:
        await here.press(key)
        await here.until(lambda: not isinstance(here.app.screen, Confirm))
        assert here.app.accounts.start_again is None
        assert file.read_text("utf-8") == before


async def test_one_that_changed_wants_more_than_a_key(tmp_path: Path, servers: DemoServers) -> None:
    file = configure(tmp_path, servers, pin=":".join(["00"] * 32))
    async with refused(file, servers) as here:
        await here.sees("Type changed to confirm")
        assert "not the one that was remembered" in " ".join(here.screen.split()).replace(" │ │ ", " ")
        await here.press("y", "enter")
        assert isinstance(here.app.screen, Confirm)
        await here.press("escape")
        await here.until(lambda: not isinstance(here.app.screen, Confirm))
        assert fingerprint(servers) not in file.read_text("utf-8")
