# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: reads arguments, runs a command, turns errors into sentences and exit statuses of sysexits(3)."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from tuimail import __version__
from tuimail.cli.arguments import Parser, add_commands, as_commands, group, later
from tuimail.cli.outcome import exit_status
from tuimail.cli.program import Program, program_of
from tuimail.model.errors import InputWrong

Command = Callable[[argparse.Namespace], int]


def run(arguments: Sequence[str], program: Program) -> int:
    """Run ``tuimail ARGUMENTS``. Returns the exit status; never raises, never prints a traceback."""
    ours, rest = as_commands(arguments)
    options = argparse.Namespace(program=program, json="--json" in arguments, rest=rest)

    def command() -> int:
        parser().parse_args(ours, options)
        program.log_only(options.home)
        chosen: Command = options.run
        return chosen(options)

    return exit_status(command, lambda: options.json)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Parser(prog="tuimail", description="A mail client for people who live in a terminal.", parents=[_common()])
    top.add_argument("--version", action="version", version=f"tuimail {__version__}")
    top.add_argument("--folder", metavar="NAME", default="", help="open this folder")
    top.set_defaults(run=_open, home="", account="", json=False, verbose=False)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    _demo(commands)
    add_commands(commands, _common)
    _account(commands)
    _doctor(commands)
    _config(commands)
    _store(commands)
    _measure(commands)
    return top


def _common() -> argparse.ArgumentParser:
    """Options that may stand before or after the command. A parser of its own each time: defaults belong to the options."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--home", metavar="DIR", help="keep configuration, mail and log below DIR")
    common.add_argument("--account", metavar="NAME", help="the account to use; else the first one")
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument("--verbose", action="store_true", help="show the dialogue with the servers, secrets struck out")
    return common


Commands = Any
"""The object that `argparse.ArgumentParser.add_subparsers` gives; its class has no public name."""


def _demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", parents=[_common()], help="try tuimail on embedded servers with sample mail")
    demo.add_argument("--messages", type=int, metavar="N", help="so many sample messages (300; with --serve none)")
    demo.add_argument("--serve", action="store_true", help="only the servers (IMAP, POP3, SMTP), until Ctrl-C")
    demo.add_argument("--print", action="store_true", help="with --serve: write each message sent to standard output")
    demo.add_argument("--users", type=int, default=1, metavar="N", help="with --serve: so many users")
    demo.set_defaults(run=_run_demo)


def _account(commands: Commands) -> None:
    from tuimail.cli import account
    from tuimail.model.sign_in import SignInBy

    branch = commands.add_parser("account", parents=[_common()], help="add, list, check and remove accounts")
    verbs = group(branch)
    add = verbs.add_parser("add", parents=[_common()], help="add an account")
    add.add_argument("email", nargs="?", default="", metavar="EMAIL")
    add.add_argument("--name", default="", help="your name as recipients see it")
    add.add_argument(
        "--imap", default="", metavar="HOST[:PORT][/tls|/starttls|/none][/noauth]", help="the server that keeps your mail"
    )
    add.add_argument(
        "--smtp", default="", metavar="HOST[:PORT][/tls|/starttls|/none][/noauth]", help="the server that sends your mail"
    )
    add.add_argument(
        "--pop3", default="", metavar="HOST[:PORT][/tls|/starttls|/none]", help="the server that mail is fetched from"
    )
    add.add_argument("--username", default="", help="if it is not the e-mail address")
    add.add_argument("--ca-file", default="", metavar="F", help="certificates that its servers' may be signed by, too (PEM)")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--yes", action="store_true", help="ask nothing, and save even when the check fails")
    ways = tuple(by.value for by in SignInBy)
    add.add_argument("--sign-in", dest="by", choices=ways, default="", help="sign in at the provider's page, by this way")
    add.set_defaults(run=account.add)
    sign_in = verbs.add_parser("sign-in", parents=[_common()], help="sign in at the provider's page (OAuth2)")
    sign_in.add_argument("name", nargs="?", default="", metavar="NAME")
    sign_in.add_argument("--by", choices=ways, default="", help="by a browser on this machine, or by a code typed anywhere")
    sign_in.set_defaults(run=account.sign_in)
    verbs.add_parser("list", parents=[_common()], help="list accounts").set_defaults(run=account.list_accounts)
    check = verbs.add_parser("check", parents=[_common()], help="sign in to an account's servers")
    check.add_argument("name", nargs="?", default="", metavar="NAME")
    check.set_defaults(run=account.check)
    remove = verbs.add_parser("remove", parents=[_common()], help="remove an account from the configuration and the store")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=account.remove)


def _doctor(commands: Commands) -> None:
    doctor = commands.add_parser(
        "doctor", parents=[_common()], help="try every step to every server; say what is wrong, and what to do"
    )
    doctor.add_argument("name", nargs="?", default="", metavar="NAME", help="one account; else all")
    doctor.add_argument("--yes", action="store_true", help="also send a message to oneself, without asking")
    doctor.add_argument("--report", default="", metavar="FILE", help="write a report for a bug: nothing tells whose mail it is")
    doctor.set_defaults(run=later("doctor", "doctor"))


def _config(commands: Commands) -> None:
    from tuimail.cli import config

    text = "where the configuration is, whether it is right, what is in force"
    branch = commands.add_parser("config", parents=[_common()], help=text)
    verbs = group(branch)
    for name, about, command in (
        ("path", "print where the configuration file is", config.path),
        ("check", "say whether the configuration is right", config.check),
        ("show", "print the settings and accounts in force", config.show),
    ):
        verbs.add_parser(name, parents=[_common()], help=about).set_defaults(run=command)


def _store(commands: Commands) -> None:
    branch = commands.add_parser("store", parents=[_common()], help="encrypt the local store, or decrypt it")
    verbs = branch.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, about in (
        ("encrypt", "encrypt all local mail with a new key, which the keyring or `key_command` keeps"),
        ("decrypt", "write all local mail in the clear again"),
        ("key", "print the key, to be kept apart from this machine"),
    ):
        verbs.add_parser(name, parents=[_common()], help=about).set_defaults(run=later("store", name))


def _measure(commands: Commands) -> None:
    text = "what a message costs by SMTP, POP3 and IMAP: delay, octets, segments, beside the bounds of a model"
    measure = commands.add_parser("measure", parents=[_common()], help=text)
    measure.add_argument("--size", type=int, nargs="+", metavar="BYTES", help="sizes of messages (1000 100000 10000000)")
    measure.add_argument("--count", type=int, default=1, metavar="N", help="so many messages of each size")
    measure.add_argument("--svg", default="", metavar="FILE", help="write a drawing")
    measure.set_defaults(run=_run_measure)


def _open(options: argparse.Namespace) -> int:
    return program_of(options).open(options.home, account=options.account, folder=options.folder, verbose=options.verbose)


def _run_demo(options: argparse.Namespace) -> int:
    if options.serve:
        from tuimail.cli.serve import serve

        return serve(options)
    if options.print or options.users != 1:
        raise InputWrong("--print and --users belong to --serve.", "Say tuimail demo --serve --print.")
    return program_of(options).demo(300 if options.messages is None else options.messages, verbose=options.verbose)


def _run_measure(options: argparse.Namespace) -> int:
    from tuimail.cli.measure import measure

    return measure(options)
