# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account sign-in``, and signing in while an account is added: at the provider's page, from a terminal."""

import argparse
import asyncio
import base64
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tuimail.cli.program import program_of
from tuimail.engine.qr import qr_lines
from tuimail.engine.setup import SignIn, UnderWay
from tuimail.model.account import Account
from tuimail.model.errors import ExitStatus, InputWrong, TuimailError
from tuimail.model.sign_in import SignInBy, SignInOffer

FORGETFUL = "There is no safe keyring here: the sign-in lasts until tuimail ends."


def sign_in(options: argparse.Namespace) -> int:
    """Sign in at the provider of an account."""
    return asyncio.run(_sign_in(options))


async def _sign_in(options: argparse.Namespace) -> int:
    setup = program_of(options).setup(options.home, verbose=options.verbose)
    wanted = options.name or options.account
    accounts = [account for account in setup.accounts() if wanted in ("", account.key, account.identity.email)]
    if not accounts:
        raise InputWrong(f"There is no account “{wanted}”.", "tuimail account list shows the names.")
    account, way = accounts[0], setup.sign_in
    if way is None or not account.signs_in_by_page:
        raise InputWrong(f'The account {account.key} has no `auth = "oauth2"`.', "tuimail account check tries its password.")
    kept = await sign_in_at_provider(way, account, options.by)
    steps = await setup.check(account)
    if failed := next((step for step in steps if step.error is not None), None):
        assert failed.error is not None
        raise failed.error
    _say(f"{account.identity.email} is signed in.{'' if kept else f' {FORGETFUL}'}")
    return ExitStatus.OK


async def sign_in_at_provider(way: SignIn, account: Account, by: str = "", issuer: str = "") -> bool:
    """Tell the user where to go, on standard error, and wait. False: no keyring keeps the sign-in. Raises SignInNeeded, …

    ``issuer``: the authorization server, where that was found with the mail servers.
    """
    await way.look(account, issuer)
    if not way.ways(account):
        raise way.what_is_missing(account)
    async with way.begin(account, SignInBy(by) if by else None) as under_way:
        for line in _told(account, under_way.offer):
            _say(line)
        with _pasting(under_way):
            return await under_way.finished()


def _told(account: Account, offer: SignInOffer) -> Iterator[str]:
    yield f"Open this address in a browser and sign in as {account.identity.email}:"
    yield ""
    if sys.stderr.isatty():
        copied = base64.b64encode(offer.url.encode()).decode()
        yield f"\x1b]8;;{offer.url}\x1b\\{offer.url}\x1b]8;;\x1b\\\x1b]52;c;{copied}\x07"
        size = shutil.get_terminal_size()
        yield from qr_lines(offer.url, size.columns, size.lines - 8)
    else:
        yield offer.url
    yield ""
    if offer.code:
        yield f"Type this code there: {offer.code}"
    else:
        if offer.tunnel:
            yield f"If the browser runs on another machine, run this there first: {offer.tunnel}"
        yield "Or paste the address that the browser ends on, though its page may show an error, and press enter."
    yield "Waiting for the sign-in; Ctrl+C gives up."


@contextmanager
def _pasting(under_way: UnderWay) -> Iterator[None]:
    """Take lines from standard input, while the page may answer as well."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        line = sys.stdin.readline()
        if not line:
            loop.remove_reader(sys.stdin)
            return
        try:
            if line.strip():
                under_way.paste(line)
        except InputWrong as error:
            _say(str(error))
        except TuimailError:
            pass  # `finished` raises it

    watched = False
    with suppress(OSError, ValueError):  # a file or nothing at all: nobody pastes there
        loop.add_reader(sys.stdin, read)
        watched = True
    try:
        yield
    finally:
        if watched:
            loop.remove_reader(sys.stdin)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
