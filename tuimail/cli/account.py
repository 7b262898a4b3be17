# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account``: list, check and remove accounts; `tuimail.cli.account_add` adds them."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tuimail.cli.output import json_text
from tuimail.cli.program import program_of
from tuimail.model.errors import ConfigWrong, ExitStatus, InputWrong, sentences

if TYPE_CHECKING:
    from tuimail.model.check import CheckedAccount, CheckStep


def add(options: argparse.Namespace) -> int:
    """Add an account."""
    from tuimail.cli.account_add import add_account

    return asyncio.run(add_account(options))


def sign_in(options: argparse.Namespace) -> int:
    """Sign in at the provider of an account."""
    from tuimail.cli.sign_in import sign_in as signing_in

    return signing_in(options)


def list_accounts(options: argparse.Namespace) -> int:
    """List accounts, the default first."""
    accounts = program_of(options).setup(options.home, verbose=options.verbose).accounts()
    if options.json:
        listed = [
            {
                "name": account.key,
                "email": account.identity.email,
                "protocol": "imap" if account.imap else "pop3" if account.pop3 else "smtp" if account.smtp else "none",
                "default": index == 0,
            }
            for index, account in enumerate(accounts)
        ]
        print(json_text(listed))
    else:
        for account in accounts:
            print(f"{account.key}\t{account.identity}")
    return ExitStatus.OK


def check(options: argparse.Namespace) -> int:
    """Sign in to the servers of one account, or of all."""
    return asyncio.run(_check(options))


async def _check(options: argparse.Namespace) -> int:
    setup = program_of(options).setup(options.home, verbose=options.verbose)
    wanted = options.name or options.account
    accounts = [account for account in setup.accounts() if wanted in ("", account.key, account.identity.email)]
    if not accounts:
        advice = "tuimail account add makes one."
        raise (
            InputWrong(f"There is no account “{wanted}”.", advice)
            if wanted
            else ConfigWrong("There is no account yet.", advice)
        )
    checked = []
    for account in accounts:
        checked.append(await setup.checked(account))
        if not options.json:
            print_steps(checked[-1].steps)
    worst = max((each.worst for each in checked if each.worst), key=lambda step: step.exit_status, default=None)
    if options.json:
        print_checked(checked)
        if worst is not None and worst.error is not None:
            raise worst.error
    return worst.exit_status if worst is not None else ExitStatus.OK


def remove(options: argparse.Namespace) -> int:
    """Remove an account. Its mail stays on the server."""
    asyncio.run(program_of(options).setup(options.home, verbose=options.verbose).remove(options.name))
    if not options.json:
        print(f"Account {options.name} removed. Its mail stays on the server.")
    return ExitStatus.OK


def print_steps(steps: Sequence["CheckStep"]) -> None:
    """One line for each step. Advice that holds for several is given with the first."""
    given: set[str] = set()
    for step in steps:
        advice = step.advice if step.advice not in given else ""
        given.add(step.advice)
        print(f"{step.status:4}  {step.step}  {step.server}  {sentences(step.detail, advice)}")


def print_checked(checked: Sequence["CheckedAccount"]) -> None:
    """The JSON document."""
    accounts = [{"name": each.name, "steps": [shape(step) for step in each.steps]} for each in checked]
    print(json_text({"accounts": accounts}))


def shape(step: "CheckStep") -> dict[str, object]:
    """A step as it stands in JSON. Keys are never renamed."""
    return {
        "step": step.step,
        "server": step.server,
        "status": step.status,
        "detail": step.detail,
        "advice": step.advice,
        "seconds": round(step.seconds, 3),
    }
