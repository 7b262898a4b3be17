# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail send``: one message, by an account or by a server that is named. On a terminal it asks for what is missing."""

import argparse
import asyncio
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from tuimail.cli import shapes
from tuimail.cli.output import complain, print_json, print_lines, print_text
from tuimail.cli.program import program_of
from tuimail.cli.session import account_of, with_engine
from tuimail.engine.carrying import Outcome, SendOutcome
from tuimail.engine.dispatch import Letter, Prepared, prepare
from tuimail.engine.engine import Engine
from tuimail.model.account import PORTS, AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.errors import FileProblem, InputWrong
from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path

STANDARD_INPUT = "-"


def send(options: argparse.Namespace) -> int:
    """Send it, or say what would be sent."""
    for given in (options.to, options.cc, options.bcc, options.attach):
        if STANDARD_INPUT in given:  # behind an option that takes several, it looks like one more of them
            given.remove(STANDARD_INPUT)
            options.stdin = STANDARD_INPUT
    if options.server:
        return _send_directly(options)
    return with_engine(options, _send)


async def _send(engine: Engine, options: argparse.Namespace) -> int:
    account = engine.accounts.owner_of(_address(options.from_)) if options.from_ and not options.account else None
    account = account or account_of(engine, options)
    message = await asyncio.to_thread(lambda: prepare(_letter(options), account.account.identity))
    if options.dry_run:
        return _would(message, options)
    item = await engine.dispatch.queue(account, message)
    return _tell(await engine.carrying.sent(item, wait=not options.queue), as_json=options.json)


def _send_directly(options: argparse.Namespace) -> int:
    """By a server that no account names. Nothing is kept here."""
    if options.queue:
        raise InputWrong("--queue needs an account, whose outbox it is.", "Leave --queue or --server out.")
    server = _server(options)
    message = prepare(_letter(options), None)
    if options.dry_run:
        return _would(message, options)
    came = asyncio.run(program_of(options).submit(server, message, verbose=options.verbose))
    return _tell(came, as_json=options.json)


def _server(options: argparse.Namespace) -> ServerAddress:
    security = Security(options.security)
    host, colon, port = options.server.rpartition(":")
    if not colon or "]" in port:
        host, port = options.server, str(PORTS["smtp"][security])
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InputWrong(f"“{safe_line(options.server)}” is no server.", "Write it as HOST or HOST:PORT.")
    host = host.strip("[]")
    if security is Security.NONE and not is_loopback(host) and not options.allow_plaintext:
        raise InputWrong(
            f"Without TLS, everybody on the way to {safe_line(host)} can read the message.",
            "Use --security starttls or tls; --allow-plaintext takes the risk.",
        )
    auth = AuthMethod.PASSWORD if options.user else AuthMethod.NONE
    command = tuple(options.password_command or ())
    return ServerAddress(host, int(port), security, options.user, auth, command, options.ca_file)


def _letter(options: argparse.Namespace) -> Letter:
    """What was said on the command line; on a terminal the rest is asked for. Raises InputWrong naming all that is missing."""
    to, cc, bcc = (", ".join(given) for given in (options.to, options.cc, options.bcc))
    fields = {"from": options.from_, "to": to, "subject": options.subject or "", "body": _body(options) or ""}
    lacks = {
        "from": bool(options.server) and not options.from_,
        "to": not (to or cc or bcc),
        "subject": options.subject is None,
        "body": not (options.body_given or options.attach),
    }
    missing = [field for field, lacking in lacks.items() if lacking]
    if missing and not sys.stdin.isatty():
        names = ", ".join(f"--{field}" for field in missing)
        raise InputWrong(
            f"Something is missing: {names}.", "Name it; the body may come by --body-file, too, or by - from a pipe."
        )
    files = [typed_path(name) for name in options.attach]
    for field in missing:
        if field == "body":
            files += _ask_files()
        fields[field] = _ask(field)
    return Letter(
        from_=fields["from"],
        to=fields["to"],
        cc=cc,
        bcc=bcc,
        reply_to=options.reply_to,
        subject=fields["subject"],
        body=fields["body"],
        files=tuple(files),
        markdown=options.markdown,
        html=options.html,
    )


def _body(options: argparse.Namespace) -> str:
    """The body that was named; ``options.body_given`` tells whether there was one. Raises FileProblem, InputWrong."""
    given = [one for one in (options.body, options.body_file, options.stdin) if one is not None]
    options.body_given = bool(given)
    if len(given) > 1:
        raise InputWrong("The body is given twice.", "Use one of --body, --body-file and -.")
    if options.body is not None:
        return str(options.body)
    if not given:
        return ""
    try:
        raw = sys.stdin.buffer.read() if given[0] == STANDARD_INPUT else typed_path(given[0]).read_bytes()
    except OSError as error:
        raise FileProblem(f"{safe_line(given[0])} cannot be opened: {error.strerror}.", "Check the path.") from error
    try:
        return raw.decode("utf-16" if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _ask(field: str) -> str:
    """One line, or for the body all up to a single dot or the end of input. Raises EOFError."""
    print("Text, ended by a line with a single dot:" if field == "body" else f"{field.capitalize()}: ", end="", file=sys.stderr)
    if field != "body":
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()
    print(file=sys.stderr)
    lines: list[str] = []
    for line in sys.stdin:
        if line.rstrip("\r\n") == ".":
            break
        lines.append(line)
    return "".join(lines)


def _ask_files() -> list[Path]:
    """Files to attach, one after the other, until none is named. Raises EOFError."""
    files: list[Path] = []
    while name := _ask("attach a file, or nothing"):
        path = typed_path(name)
        if path.is_file():
            files.append(path)
        else:
            complain(f"{safe_line(name)} is no file.")
    return files


def _address(typed: str) -> str:
    """The address alone, of what may have a name before it."""
    return typed.rpartition("<")[2].rstrip("> ").strip()


def _would(message: Prepared, options: argparse.Namespace) -> int:
    """What would be sent: the envelope, and the message as it would go out."""
    came = SendOutcome(
        Outcome(
            "would", f"{len(message.raw):,} octets to {len(message.recipients)} recipient{'s' * (len(message.recipients) != 1)}"
        ),
        message.message_id,
        message.recipients,
    )
    if options.json:
        return _tell(came, as_json=True)
    print_lines([f"Would send {came.outcome.detail}: {', '.join(message.recipients)}", ""])
    print_text(message.raw.decode("utf-8", "replace"))
    return came.outcome.exit_status


def _tell(came: SendOutcome, *, as_json: bool) -> int:
    outcome = came.outcome
    if as_json:
        print_json(shapes.sent(came))
    elif outcome.status == "done":
        print_lines([f"Sent to {', '.join(came.accepted)}: {came.message_id}"])
    else:
        complain(f"{outcome.status}: {outcome.detail}")
        for one in came.refused:
            complain(f"  {one.address}: {one.code} {one.text}")
    return outcome.exit_status
