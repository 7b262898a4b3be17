# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail sendmail``: the interface of sendmail(8), for git send-email, cron, mailx and whatever else hands mail in.

The message is read from standard input. It is not altered but where RFC 6409 §8 has it so: line ends become CRLF, Bcc goes,
From, Date and Message-ID are added where they are missing.
"""

import argparse
import asyncio
import getopt
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from tuimail.cli import shapes
from tuimail.cli.output import complain, print_json
from tuimail.cli.session import account_of, with_engine
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.dispatch import Envelope, take_in
from tuimail.engine.engine import Engine
from tuimail.model.errors import InputWrong

_SHORT = "A:B:b:C:d:e:F:f:Gh:iL:mN:nO:o:p:q:R:r:stUV:vX:"
_LONG = ["home=", "account=", "json", "verbose"]
_BODY_TYPES = ("7bit", "8bitmime")


@dataclass(frozen=True, slots=True)
class Told:
    """What the arguments say."""

    envelope: Envelope
    ignore_dots: bool = False
    """``-i``: a line with a single dot does not end the message."""
    name: str = ""
    """``-F``: the name in a From field that has to be added."""


def sendmail(options: argparse.Namespace) -> int:
    """Hand one message in, and wait for the server's answer."""
    try:
        given, recipients = getopt.gnu_getopt(options.rest, _SHORT, _LONG)
    except getopt.GetoptError as error:
        raise InputWrong(f"{error.msg[:1].upper()}{error.msg[1:]}.", "It takes what sendmail(8) does.") from error
    told = _told(given, recipients, options)
    raw = _message(sys.stdin.buffer, to_dot=not told.ignore_dots)

    async def hand_in(engine: Engine, options: argparse.Namespace) -> int:
        return await _hand_in(engine, options, told, raw)

    return with_engine(options, hand_in)


def _told(given: list[tuple[str, str]], recipients: list[str], options: argparse.Namespace) -> Told:
    """Global options go to ``options``. Raises InputWrong for what this sendmail cannot do."""
    values = dict(given)
    for name in ("home", "account"):
        setattr(options, name, values.get(f"--{name}", getattr(options, name)))
    options.json = options.json or "--json" in values
    options.verbose = options.verbose or "--verbose" in values or "-v" in values
    if values.get("-b", "m") != "m" or "-q" in values:
        raise InputWrong("This sendmail only takes messages from standard input.", "It has no -bs, -bp, -bi, -bd and -q.")
    if values.get("-B", "7bit").lower() not in _BODY_TYPES:
        raise InputWrong("-B takes 7BIT or 8BITMIME.")
    sender = values.get("-f", values.get("-r"))
    names = tuple(name.strip() for word in recipients for name in word.split(",") if name.strip())
    reverse_path = sender.strip().strip("<>") if sender is not None else None
    return Told(Envelope(names, "-t" in values, reverse_path), "-i" in values or ("-o", "i") in given, values.get("-F", ""))


def _message(lines: Iterable[bytes], *, to_dot: bool) -> bytes:
    """All of it, or what comes before a line with a single dot."""
    kept = []
    for line in lines:
        if to_dot and line.rstrip(b"\r\n") == b".":
            break
        kept.append(line)
    return b"".join(kept)


async def _hand_in(engine: Engine, options: argparse.Namespace, told: Told, raw: bytes) -> int:
    account = _account(engine, options, told.envelope)
    message = await asyncio.to_thread(take_in, raw, account.account, told.envelope, told.name)
    item = await engine.dispatch.queue(account, message)
    came = await engine.carrying.sent(item)
    if came.outcome.status == "refused":
        engine.dispatch.forget(item)
    if options.json:
        print_json(shapes.sent(came))
    elif came.outcome.status != "done":
        complain(f"{came.outcome.status}: {came.outcome.detail}")
    return came.outcome.exit_status


def _account(engine: Engine, options: argparse.Namespace, envelope: Envelope) -> OpenAccount:
    """The one that is named, the one that the sender's address belongs to, or the first."""
    owner = engine.accounts.owner_of(envelope.sender) if envelope.sender and not options.account else None
    return owner or account_of(engine, options)
