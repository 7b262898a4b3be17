# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account``: add, list, check and remove accounts."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from tuimail.cli.program import program_of
from tuimail.engine.setup import AccountForm, CheckStep
from tuimail.model.account import Account, AuthMethod
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
    servers = filter(None, (account.imap, account.smtp))
    if options.password_stdin and not form.password and any(server.auth is AuthMethod.PASSWORD for server in servers):
        raise InputWrong("Standard input holds no password.", "Write it there, on one line.")
    steps = asyncio.run(setup.check(account, form.password))
    _print_steps([(account, steps)], as_json=options.json)
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
    checked = []
    for account in accounts:
        steps = asyncio.run(setup.check(account))
        checked.append((account, steps))
        if not options.json:
            _print_steps(checked[-1:], as_json=False)
    if options.json:
        _print_steps(checked, as_json=True)
    return max(_worst(steps) for _, steps in checked)


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


def _print_steps(checked: Sequence[tuple[Account, tuple[CheckStep, ...]]], *, as_json: bool) -> None:
    if not as_json:
        for step in (step for _, steps in checked for step in steps):
            print(f"{step.status:4}  {step.step}  {step.server}  {step.detail} {step.advice}".rstrip())
        return
    accounts = [{"name": account.key, "steps": list(map(_shape, steps))} for account, steps in checked]
    print(json.dumps({"accounts": accounts}, ensure_ascii=False))


def _shape(step: CheckStep) -> dict[str, object]:
    return {
        "step": step.step,
        "server": step.server,
        "status": step.status,
        "detail": step.detail,
        "advice": step.advice,
        "seconds": round(step.seconds, 3),
    }
