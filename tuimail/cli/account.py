# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account``: add, list, check and remove accounts."""

import argparse
import asyncio
import getpass
import json
import sys
from dataclasses import replace

from tuimail.cli.program import program_of
from tuimail.engine.setup import AccountForm, CheckStep
from tuimail.model.account import Account
from tuimail.model.errors import ExitStatus, InputWrong

_ASKED = (
    ("email", "E-mail address"),
    ("name", "Your name (as recipients see it)"),
    ("imap", "IMAP server"),
    ("smtp", "SMTP server"),
)


def add(options: argparse.Namespace) -> int:
    """Add an account: what was not given is asked for on a terminal; both servers are signed in to before anything is kept."""
    setup = program_of(options).setup(options.home, verbose=options.verbose)
    setup.accounts()
    form = AccountForm(options.email, options.name, "", options.imap, options.smtp, options.username)
    interactive = sys.stdin.isatty() and not options.password_stdin
    if interactive:
        form = _ask(form)
    if problems := form.problems():
        raise InputWrong(" ".join(problems.values()))
    if options.password_stdin:
        form = replace(form, password=sys.stdin.readline().rstrip("\r\n"))
    elif interactive:
        form = replace(form, password=getpass.getpass("Password (not shown): "))
    account = setup.account_from(form)
    steps = asyncio.run(setup.check(account, form.password))
    _print_steps(account, steps, as_json=options.json)
    failed = _worst(steps)
    if failed and not options.yes and not (interactive and _confirmed("Save the account anyway?")):
        print("Nothing was saved.", file=sys.stderr)
        return failed
    kept = asyncio.run(setup.save(account, form.password))
    if not options.json:
        print(f"Account {account.key} saved.")
        if not kept:
            print("There is no safe keyring here: the password will be asked for at each start (or set password_command).")
    return ExitStatus.OK


def list_accounts(options: argparse.Namespace) -> int:
    """List accounts, the default first."""
    accounts = program_of(options).setup(options.home, verbose=options.verbose).accounts()
    if options.json:
        listed = [
            {
                "name": account.key,
                "email": account.identity.email,
                "protocol": "imap" if account.imap else "pop3" if account.pop3 else "none",
                "default": index == 0,
            }
            for index, account in enumerate(accounts)
        ]
        print(json.dumps(listed, ensure_ascii=False))
    else:
        for account in accounts:
            print(f"{account.key}\t{account.identity}")
    return ExitStatus.OK


def check(options: argparse.Namespace) -> int:
    """Sign in to the servers of one account, or of all."""
    setup = program_of(options).setup(options.home, verbose=options.verbose)
    wanted = options.name or options.account
    accounts = [account for account in setup.accounts() if wanted in ("", account.key, account.identity.email)]
    if not accounts:
        raise InputWrong(
            f"There is no account “{wanted}”." if wanted else "There is no account yet.", "tuimail account add makes one."
        )
    failed = ExitStatus.OK
    for account in accounts:
        steps = asyncio.run(setup.check(account))
        _print_steps(account, steps, as_json=options.json)
        failed = max(failed, _worst(steps))
    return failed


def remove(options: argparse.Namespace) -> int:
    """Remove an account. Its mail stays on the server."""
    asyncio.run(program_of(options).setup(options.home, verbose=options.verbose).remove(options.name))
    if not options.json:
        print(f"Account {options.name} removed. Its mail stays on the server.")
    return ExitStatus.OK


def _worst(steps: tuple[CheckStep, ...]) -> ExitStatus:
    """The exit status for what failed; a refused sign-in before an unreachable server, for that is what can be mended here."""
    return max((step.exit_status for step in steps), default=ExitStatus.OK)


def _confirmed(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _ask(form: AccountForm) -> AccountForm:
    domain = ""
    for field, question in _ASKED:
        given = getattr(form, field)
        domain = form.email.rpartition("@")[2] if "@" in form.email else ""
        usual = f"{field}.{domain}" if field in ("imap", "smtp") and domain else ""
        while not given:
            given = input(f"{question}{f' [{usual}]' if usual else ''}: ").strip() or usual
            if not given and field == "name":
                break
            trial = replace(form, **{field: given})
            if problem := trial.problems().get(field):
                print(problem)
                given = ""
        form = replace(form, **{field: given})
    return form


def _print_steps(account: Account, steps: tuple[CheckStep, ...], *, as_json: bool) -> None:
    if as_json:
        shape = {
            "accounts": [
                {
                    "name": account.key,
                    "steps": [
                        {
                            "step": step.step,
                            "server": step.server,
                            "status": step.status,
                            "detail": step.detail,
                            "advice": step.advice,
                            "seconds": round(step.seconds, 3),
                        }
                        for step in steps
                    ],
                }
            ]
        }
        print(json.dumps(shape, ensure_ascii=False))
        return
    for step in steps:
        print(f"{step.status:4}  {step.step}  {step.server}  {step.detail} {step.advice}".rstrip())
