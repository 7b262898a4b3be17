# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the commands for scripts. What a command does is imported when it is run."""

import argparse
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tuimail.model.errors import InputWrong
from tuimail.model.text import safe_line

Commands = Any
"""The object that `argparse.ArgumentParser.add_subparsers` gives; its class has no public name."""
_WITH_VALUE = ("--home", "--account", "--folder")
"""Options before the command that have a value of their own."""
Common = Callable[[], argparse.ArgumentParser]
"""Makes the options that may stand before or after each command."""


class Parser(argparse.ArgumentParser):
    """Says wrong usage as every other error is said."""

    def error(self, message: str) -> NoReturn:
        """Raises InputWrong."""
        raise InputWrong(f"{safe_line(message[:1].upper() + message[1:])}.", f"{self.prog} --help shows what can be said.")


def as_commands(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """A ``mailto:`` URL made a command; and what stands behind ``sendmail``, which has a grammar of its own."""
    given = list(arguments)
    at = 0
    while at < len(given) and given[at].startswith("--"):
        at += 2 if given[at] in _WITH_VALUE else 1
    if at < len(given) and given[at].lower().startswith("mailto:"):
        return [*given[:at], "mailto", *given[at:]], []
    if at < len(given) and given[at] == "sendmail" and "--help" not in given:
        return given[: at + 1], given[at + 1 :]
    return given, []


def group(branch: argparse.ArgumentParser) -> Commands:
    """The commands of a group such as ``tuimail folder``; the group alone names them."""
    verbs = branch.add_subparsers(title="commands", metavar="COMMAND")

    def alone(_options: argparse.Namespace) -> NoReturn:
        raise InputWrong(
            f"{branch.prog} needs a command: {', '.join(verbs.choices)}.", f"{branch.prog} --help tells what each does."
        )

    branch.set_defaults(run=alone)
    return verbs


def later(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """The command ``function`` of ``tuimail.cli.module``."""

    def run(options: argparse.Namespace) -> int:
        command: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(f"tuimail.cli.{module}"), function)
        return command(options)

    return run


def add_commands(commands: Commands, common: Common) -> None:
    """All of them, in the order of ``tuimail --help``."""
    for add in (_send, _compose, _folders, _folder, _reading, _changes, _view, _sync, _transfer):
        add(commands, common)


def _send(commands: Commands, common: Common) -> None:
    send = commands.add_parser("send", parents=[common()], help="send one message")
    for option, text in (("--to", "recipients"), ("--cc", "recipients of a copy"), ("--bcc", "recipients whom nobody sees")):
        send.add_argument(option, nargs="+", action="extend", default=[], metavar="A", help=text)
    send.add_argument("--subject", metavar="S")
    send.add_argument("--from", dest="from_", default="", metavar="A", help="else the account's own address")
    send.add_argument("--reply-to", default="", metavar="A", help="where answers are to go")
    send.add_argument("--attach", nargs="+", action="extend", default=[], metavar="FILE", help="files to send along")
    send.add_argument("--body", metavar="TEXT")
    send.add_argument("--body-file", metavar="F", help="read the body from a file")
    send.add_argument("stdin", nargs="?", choices=["-"], help="read the body from standard input")
    wording = send.add_mutually_exclusive_group()
    wording.add_argument("--markdown", action="store_true", help="the body is Markdown: an HTML wording goes along")
    wording.add_argument("--html", action="store_true", help="the body is HTML: a plain wording goes along")
    send.add_argument("--dry-run", action="store_true", help="only show what would be sent")
    _queue(send)
    server = send.add_argument_group("by a server that no account names")
    server.add_argument("--server", default="", metavar="HOST[:PORT]")
    server.add_argument("--security", default="tls", choices=["tls", "starttls", "none"], help="else tls")
    server.add_argument("--user", default="", metavar="U", help="sign in under this name; the password is asked for")
    server.add_argument("--password-command", nargs="+", metavar="ARG", help="a program whose first line is the password")
    server.add_argument("--ca-file", default="", metavar="F", help="certificates to be trusted in addition (PEM)")
    server.add_argument("--allow-plaintext", action="store_true", help="with --security none: also beyond this machine")
    send.set_defaults(run=later("send", "send"))
    sendmail = commands.add_parser("sendmail", parents=[common()], help="the sendmail interface: -t -i -f ADDR -F NAME [RCPT…]")
    sendmail.set_defaults(run=later("sendmail", "sendmail"))


def _compose(commands: Commands, common: Common) -> None:
    mailto = commands.add_parser("mailto", parents=[common()], help="open the composer filled in; tuimail 'mailto:…' does")
    mailto.add_argument("url", metavar="URL")
    mailto.set_defaults(run=later("compose", "mailto"))
    attach = commands.add_parser("attach", parents=[common()], help="put files into the draft that is open")
    attach.add_argument("file", nargs="+", metavar="FILE")
    attach.set_defaults(run=later("compose", "attach"))


def _folders(commands: Commands, common: Common) -> None:
    folders = commands.add_parser("folders", parents=[common()], help="list folders")
    folders.set_defaults(run=later("folders", "list_folders"))


def _folder(commands: Commands, common: Common) -> None:
    branch = commands.add_parser("folder", parents=[common()], help="create, delete, rename, subscribe a folder")
    verbs = group(branch)
    for verb in ("create", "delete", "rename", "subscribe", "unsubscribe"):
        parser = verbs.add_parser(verb, parents=[common()], help=f"{verb} a folder")
        parser.add_argument("name", metavar="OLD" if verb == "rename" else "NAME")
        if verb == "rename":
            parser.add_argument("new", metavar="NEW")
        if verb == "delete":
            parser.add_argument("--forever", action="store_true", help="also where its messages would be lost")
        _queue(parser)
        parser.set_defaults(run=later("folders", "change"), verb=verb)


def _reading(commands: Commands, common: Common) -> None:
    listing = commands.add_parser("list", parents=[common()], help="list the newest messages of a folder")
    listing.add_argument("--folder", default="", metavar="F", help="name or role; else INBOX")
    listing.add_argument("--limit", type=_count, default=50, metavar="N", help="so many; else 50")
    listing.set_defaults(run=later("messages", "list_messages"))
    search = commands.add_parser("search", parents=[common()], help="search what is here")
    search.add_argument("query", nargs="+", metavar="QUERY", help="words, from: to: subject: is: has: after: before: in:")
    search.add_argument("--folder", default="", metavar="F", help="in this folder; else everywhere but Junk and Trash")
    search.add_argument("--limit", type=_count, default=1000, metavar="N", help="so many; else 1000")
    search.set_defaults(run=later("messages", "search"))
    read = commands.add_parser("read", parents=[common()], help="print a message")
    read.add_argument("id", type=int, metavar="ID")
    read.add_argument("--mark", action="store_true", help="mark it read; else no flag changes")
    _ways_to_show(read)
    read.set_defaults(run=later("messages", "read"))
    save = commands.add_parser("save", parents=[common()], help="save attachments as new files")
    save.add_argument("id", type=int, metavar="ID")
    save.add_argument("--to", required=True, metavar="DIR")
    save.add_argument("--part", default="", metavar="P", help="only this part (see read --json), or “message” for the whole")
    save.set_defaults(run=later("messages", "save"))


def _changes(commands: Commands, common: Common) -> None:
    flag = _change(commands, common, "flag", "add and remove flags")
    words = "seen, flagged, answered, draft, or a keyword"
    for option in ("--add", "--remove"):
        flag.add_argument(option, nargs="+", action="extend", default=[], metavar="FLAG", help=words)
    move = _change(commands, common, "move", "move messages to another folder of their account")
    move.add_argument("--to", required=True, metavar="FOLDER", help="name or role")
    move.add_argument("--copy", action="store_true", help="copy instead")
    delete = _change(commands, common, "delete", "move messages to Trash")
    delete.add_argument("--forever", action="store_true", help="delete for good instead")


def _change(commands: Commands, common: Common, name: str, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, parents=[common()], help=about)
    parser.add_argument("id", nargs="+", type=int, metavar="ID")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    _queue(parser)
    parser.set_defaults(run=later("change", name), action=name)
    return parser


def _view(commands: Commands, common: Common) -> None:
    view = commands.add_parser("view", parents=[common()], help="show message files as the reader would")
    view.add_argument("file", nargs="+", metavar="FILE", help="“-” is standard input")
    view.add_argument("--message", type=_count, default=0, metavar="N", help="of an mbox file, only its Nth message")
    _ways_to_show(view)
    view.set_defaults(run=later("view", "view"))


def _ways_to_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--width", type=_count, default=0, metavar="N", help="wrap at N columns")
    ways = parser.add_mutually_exclusive_group()
    for way, text in (("html", "the HTML wording"), ("plain", "the plain wording"), ("source", "as it was sent")):
        ways.add_argument(f"--{way}", dest="view", action="store_const", const=way, default="reader", help=text)


def _sync(commands: Commands, common: Common) -> None:
    sync = commands.add_parser("sync", parents=[common()], help="bring the local store up to date, carry what waits")
    sync.add_argument("--watch", action="store_true", help="stay, and tell what changes")
    sync.set_defaults(run=later("sync", "sync"))


def _transfer(commands: Commands, common: Common) -> None:
    export = commands.add_parser("export", parents=[common()], help="write a whole folder to files")
    export.add_argument("--folder", required=True, metavar="F", help="name or role")
    export.add_argument("--to", required=True, metavar="PATH", help="a new file, or a new folder")
    export.set_defaults(run=later("transfer", "export"))
    import_ = commands.add_parser("import", parents=[common()], help="put messages from files into a folder")
    import_.add_argument("file", metavar="PATH")
    import_.add_argument("--to", required=True, metavar="FOLDER", help="name or role")
    import_.set_defaults(run=later("transfer", "import_"))
    for parser, usual in ((export, "else mbox"), (import_, "else as PATH looks")):
        parser.add_argument("--format", default="", choices=["mbox", "eml", "maildir"], help=usual)


def _queue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queue", action="store_true", help="do not wait for the server; ends with 75 while it waits")


def _count(text: str) -> int:
    """A number of things, at least one."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"“{safe_line(text)}” is no number from 1 on")
    return int(text)
