# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins the parts. With `tuimail.__main__` the only file that knows them all."""

import asyncio
import gc
import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuimail.accounts import config
from tuimail.accounts.prompts import always, on_terminal
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent, beside_screen, to_file
from tuimail.backends.early import EarlyLines
from tuimail.config_check import checked_configuration, every_mistake_told
from tuimail.engine.accounts import Accounts, OpenAccount
from tuimail.engine.engine import Engine
from tuimail.engine.notices import Notices
from tuimail.frame import Frame
from tuimail.launch import Launch
from tuimail.logs import start_logging
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ExitStatus, InputWrong, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import Notice
from tuimail.model.part import Part
from tuimail.model.store_key import StoreKey
from tuimail.paths import Paths, resolve
from tuimail.screen import connect_and_show, new_app
from tuimail.server_notes import SERVER, note_refusal, note_server, note_sign_in
from tuimail.servers import Servers
from tuimail.store.store import Store
from tuimail.store_access import key_now
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.supervisor import Supervisor
from tuimail.sync.unasked import Reach

if TYPE_CHECKING:
    from tuimail.cli.program import EmbeddedServers
    from tuimail.doctoring import Examination
    from tuimail.engine.carrying import SendOutcome
    from tuimail.engine.dispatch import Prepared
    from tuimail.engine.setup import Setup
    from tuimail.model.measurement import Run
    from tuimail.store_access import StoreKeeping
    from tuimail.ui.app import TuimailApp

log = logging.getLogger(__name__)
_EARLY_SECONDS = 5.0
"""After these, connections that were made early and are not needed are closed: another program syncs."""


def parse_structure(raw: bytes) -> Part | None:
    """A raw BODYSTRUCTURE as a tree of parts; None where there is no sense in it: then the message itself is to be read."""
    from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
    from tuimail.backends.imap.wire.tokens import Malformed

    try:
        return parse_bodystructure(raw)
    except Malformed as nonsense:
        log.warning("start: the structure that a server tells of a message cannot be used: %s", nonsense)
        return None


_NEAR = Reach(parse_structure)


def open_engine(
    folder: Path,
    accounts: tuple[Account, ...],
    servers: Servers,
    *,
    undo_send: int = 10,
    reach: Reach = _NEAR,
    key: StoreKey | None = None,
) -> Engine:
    """Join store, accounts and loops to an engine. Nothing is started yet. ``key``: the store's. Raises StoreProblem."""
    store = Store.open(folder, key)
    notices = Notices()
    opened = Accounts()
    loops = {}
    for account in accounts:
        if not account.servers:
            log.warning("start: account %s has no server and is left out", account.key)
            continue
        number = store.accounts.ensure(account.key)
        loop = _loop(account, number, store, servers, notices.publish, reach)
        loops[number] = loop
        opened.add(OpenAccount(number, account, loop))
    notices.subscribe(lambda notice: note_refusal(notice, opened, servers))
    notices.subscribe(lambda notice: note_sign_in(notice, opened, servers))
    notices.subscribe(lambda notice: note_server(notice, opened, servers, store))
    supervisor = Supervisor(store.folder, loops)
    return Engine(store, opened, notices, supervisor, parse_structure, undo_send=undo_send, prepare=_import_servers)


def _loop(
    account: Account, number: AccountId, store: Store, servers: Servers, publish: Callable[[Notice], None], reach: Reach
) -> AccountLoop:
    """What keeps an account in sync; of one that has both servers, with IMAP."""
    sender = partial(servers.sender, account) if account.smtp is not None else None
    if account.imap is None:
        from tuimail.sync.pop3_loop import Pop3Loop

        maildrop = partial(servers.maildrop, account) if account.pop3 is not None else None
        return Pop3Loop(account, number, store, maildrop, sender, publish, reach=reach)
    servers.recall(account.imap, store.accounts.learned(number, SERVER))
    runner = servers.fill_runner(account, store.folder, store.key)
    backend = partial(servers.backend, account)
    return AccountLoop(account, number, store, backend, sender, publish, reach=reach, fill_runner=runner)


def _import_servers() -> None:
    importlib.import_module("tuimail.backends.imap.backend")


class Program:
    """The joined program, as `tuimail.cli.program.Program`."""

    def __init__(self, launch: Launch | None = None, early: EarlyLines | None = None) -> None:
        self._launch = launch or Launch()
        self._mailto = ""
        self._early = early or EarlyLines()

    def log_only(self, home: str) -> None:
        """See `tuimail.cli.program.Program.log_only`."""
        try:
            start_logging(resolve(home or None).state)
        except TuimailError:  # where nobody knows the home folder, what needs it says so
            start_logging(None)

    def open(self, home: str, *, account: str, folder: str, verbose: bool, mailto: str = "") -> int:
        """Open the screen on the user's accounts; with a ``mailto:`` URL, the composer on it."""
        _needs_terminal()
        paths, self._mailto = _prepare(home), mailto
        secrets = SecretStore(config_file=paths.config_file, folder=paths.data)
        greeting: str | None = ""
        try:
            while greeting is not None:
                with every_mistake_told(paths):
                    status, greeting = self._open(paths, secrets, account, folder, home, greeting=greeting, verbose=verbose)
            return status
        finally:
            self._launch.withdraw()
            self._early.close()

    def _open(
        self, paths: Paths, secrets: SecretStore, account: str, folder: str, home: str, *, greeting: str, verbose: bool
    ) -> tuple[int, str | None]:
        """The exit status; and what to say when the program begins anew, None when it does not."""
        frame = None if account or folder or secrets.forgetful else Frame(home, os.environ)

        def setup() -> "Setup":
            from tuimail.account_setup import account_setup

            return account_setup(paths.config_file, secrets, servers, Frame(home, os.environ))

        configuration = config.load(paths.config_file)
        accounts = configuration.accounts
        if account:
            accounts = tuple(sorted(accounts, key=lambda one: account not in (one.key, one.identity.email)))
            if not accounts or account not in (accounts[0].key, accounts[0].identity.email):
                raise InputWrong(f"There is no account “{account}”.", "tuimail account list shows the names.")
        recent = Recent(also=beside_screen(paths.state) if verbose else None)
        servers = Servers(secrets, recent, self._early)
        of = configuration.settings
        reach = Reach(parse_structure, of.download, of.prefetch)
        key = key_now(paths.data, configuration.store)
        if key is not None:  # what is on the screen stays in the store
            Frame(home, os.environ).forget()
            frame = None
        engine = open_engine(paths.data, accounts, servers, undo_send=of.undo_send, reach=reach, key=key)

        def make_app() -> "TuimailApp":
            examination = _examination(paths, secrets, recent)
            app = new_app(engine, configuration, paths, folder, setup, keeper=frame, greeting=greeting, examination=examination)
            app.mailto, self._mailto = self._mailto, ""
            app.take_over(self._launch)
            self._launch.imported()
            asyncio.get_running_loop().call_later(_EARLY_SECONDS, self._early.close)
            return app

        app = _run(engine, make_app, secrets)
        return app.return_code or ExitStatus.OK, app.accounts.start_again

    def demo(self, messages: int, *, verbose: bool) -> int:
        """Open the screen on embedded servers with sample mail; nothing of the user's is read or written."""
        _needs_terminal()
        from tuimail.cli.own_folder import own_folder
        from tuimail.demo.servers import DemoServers

        with own_folder("tuimail-demo-") as home, DemoServers(messages, trickle=True, answers=True) as servers:
            paths = _prepare(str(home))
            at = servers.addresses
            account = Account(
                "demo",
                Address(at.name, at.email),
                imap=ServerAddress(at.host, at.imap_port, Security.NONE, at.user),
                smtp=ServerAddress(at.host, at.smtp_port, Security.NONE, at.user),
            )
            known = SecretStore(always(at.password))
            recent = Recent(also=beside_screen(paths.state) if verbose else None)
            engine = open_engine(paths.data, (account,), Servers(known, recent), reach=Reach(parse_structure, "text"))
            configuration = config.load(paths.config_file)

            def make_app() -> "TuimailApp":
                return new_app(engine, configuration, paths, "", examination=_examination(paths, known, recent))

            return _run(engine, make_app, known).return_code or ExitStatus.OK

    def embedded_servers(self, messages: int, users: int) -> "AbstractContextManager[EmbeddedServers]":
        """IMAP, POP3 and SMTP servers, with TLS, that run until the context is left."""
        from tuimail.demo.servers import DemoServers

        return DemoServers(messages, tls=True, users=users, catch_all=True)

    def engine(self, home: str, *, verbose: bool) -> Engine:
        """The engine for one command: a terminal is asked for passwords, nothing is fetched unasked, nothing sent is held."""
        gc.enable()
        paths = _prepare(home)
        configuration = config.load(paths.config_file)
        secrets = SecretStore(on_terminal if sys.stdin.isatty() else None, paths.config_file, paths.data)
        servers = Servers(secrets, to_file(sys.stderr) if verbose else None)
        reach = Reach(parse_structure, "none")
        key = key_now(paths.data, configuration.store)
        return open_engine(paths.data, configuration.accounts, servers, undo_send=0, reach=reach, key=key)

    def measure(self, home: str, account: str, sizes: Sequence[int], count: int, *, verbose: bool) -> "Iterator[Run]":
        """What messages of these sizes cost, on the embedded servers or on those of an account."""
        from tuimail.measuring import runs

        paths = _prepare(home) if account else resolve(home or None)
        secrets = SecretStore(on_terminal if sys.stdin.isatty() else None, paths.config_file, paths.data)
        return runs(paths.config_file, account, secrets, sizes, count, to_file(sys.stderr) if verbose else None)

    async def submit(self, server: ServerAddress, message: "Prepared", *, verbose: bool) -> "SendOutcome":
        """Send by a server that no account names. A password is asked for on a terminal. Raises what the server answers."""
        from tuimail.engine.dispatch import send_directly

        nobody = Account("", Address("", ""), smtp=server)
        secrets = SecretStore(on_terminal if sys.stdin.isatty() else None)
        sender = Servers(secrets, to_file(sys.stderr) if verbose else None).sender(nobody)
        return await send_directly(sender, message)

    def setup(self, home: str, *, verbose: bool) -> "Setup":
        """Accounts: add, check, remove."""
        from tuimail.account_setup import account_setup

        paths = _prepare(home)
        secrets = SecretStore(config_file=paths.config_file, folder=paths.data)
        servers = Servers(secrets, to_file(sys.stderr) if verbose else None)
        return account_setup(paths.config_file, secrets, servers, Frame(home, os.environ))

    def examination(self, home: str, *, verbose: bool) -> "Examination":
        """Ready to examine: a terminal is asked for passwords that nothing else gives."""
        from tuimail.doctoring import Examination

        paths = _prepare(home)
        secrets = SecretStore(on_terminal if sys.stdin.isatty() else None, paths.config_file, paths.data)
        return Examination(paths, secrets, Recent(also=to_file(sys.stderr) if verbose else None))

    def store_keeping(self, home: str) -> "StoreKeeping":
        """The store's encryption."""
        from tuimail.store_access import StoreKeeping

        return StoreKeeping(_prepare(home), Frame(home, os.environ))

    def config_file(self, home: str) -> Path:
        """Where the configuration is."""
        return resolve(home or None).config_file

    def settings(self, home: str) -> dict[str, object]:
        """What is in force. Raises ConfigWrong that tells every mistake."""
        return config.in_force(checked_configuration(resolve(home or None)))


def _examination(paths: Paths, secrets: SecretStore, recent: Recent) -> "Callable[[], Examination]":
    """What the doctor examines with, joined when it is asked for."""

    def make() -> "Examination":
        from tuimail.doctoring import Examination

        return Examination(paths, secrets, recent)

    return make


def _prepare(home: str) -> Paths:
    paths = resolve(home or None)
    paths.create()
    start_logging(paths.state)
    return paths


def _needs_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputWrong("The screen needs a terminal.", "tuimail --help lists commands that need none.")


def _run(engine: Engine, make_app: "Callable[[], TuimailApp]", secrets: SecretStore) -> "TuimailApp":
    # Textual draws on standard error, which may be a file: --verbose 2> dialogue.
    sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    try:
        return asyncio.run(connect_and_show(engine, make_app, secrets))
    finally:
        engine.close()
