# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPABILITY, NOOP, CHECK, LOGOUT, ID, STARTTLS, COMPRESS, ENABLE and NAMESPACE."""

from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command, State
from tuimail.demo.names import string

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_ENABLED = ("CONDSTORE", "QRESYNC", "UTF8=ACCEPT")


async def capability(session: "Session", arguments: Arguments) -> str:
    """CAPABILITY."""
    arguments.end()
    session.untagged(b"CAPABILITY " + session.capabilities().encode())
    return "CAPABILITY done"


async def noop(_: "Session", arguments: Arguments) -> str:
    """NOOP and CHECK: changes are told before every answer anyway."""
    arguments.end()
    return "Nothing done"


async def logout(session: "Session", arguments: Arguments) -> str:
    """LOGOUT."""
    arguments.end()
    session.untagged(b"BYE Goodbye")
    session.state = State.LOGGED_OUT
    return "LOGOUT done"


async def identify(session: "Session", arguments: Arguments) -> str:
    """ID (RFC 2971)."""
    arguments.space()
    if arguments.take(b"("):
        while not arguments.take(b")"):
            arguments.string()
            arguments.space()
            arguments.nstring()
            arguments.take(b" ")
    elif arguments.nstring() is not None:
        raise Bad("Expected a list or NIL")
    arguments.end()
    session.untagged(b'ID ("name" "tuimail demo")')
    return "ID done"


async def starttls(session: "Session", arguments: Arguments) -> str:
    """STARTTLS; its OK goes out in clear, then TLS begins."""
    arguments.end()
    context = session.site.tls
    if context is None or session.wire.encrypted:
        raise Bad("STARTTLS is not offered")
    # The session sends the tagged OK, and starts TLS when that is out.
    session.after_answer = lambda: session.wire.start_tls(context)
    return "Begin TLS"


async def compress(session: "Session", arguments: Arguments) -> str:
    """COMPRESS (RFC 4978)."""
    arguments.space()
    if arguments.word() != "DEFLATE":
        raise Bad("Unknown algorithm")
    arguments.end()
    if session.wire.compressed:
        raise No("[COMPRESSIONACTIVE] Compressed already")
    session.after_answer = session.wire.start_deflate
    return "DEFLATE active"


async def enable(session: "Session", arguments: Arguments) -> str:
    """ENABLE (RFC 5161); unknown names are passed over."""
    asked = set()
    while not arguments.done:
        arguments.space()
        asked.add(arguments.word())
    if not asked:
        raise Bad("ENABLE needs an argument")
    if session.state is State.SELECTED:
        raise Bad("ENABLE is not allowed while a mailbox is selected")
    found = [name for name in _ENABLED if name in asked and session.site.has(name)]
    session.enabled.update(found, ["CONDSTORE"] if "QRESYNC" in found else [])
    session.untagged(" ".join(["ENABLED", *found]).encode())
    return "ENABLE done"


async def namespace(session: "Session", arguments: Arguments) -> str:
    """NAMESPACE (RFC 2342): one personal namespace."""
    arguments.end()
    prefix, delimiter = string(session.store.prefix.encode()), string(session.store.delimiter.encode())
    session.untagged(b"NAMESPACE ((%b %b)) NIL NIL" % (prefix, delimiter))
    return "NAMESPACE done"


COMMANDS = {
    "CAPABILITY": Command(capability, lowest=State.CONNECTED),
    "NOOP": Command(noop, lowest=State.CONNECTED),
    "CHECK": Command(noop, lowest=State.SELECTED),
    "LOGOUT": Command(logout, lowest=State.CONNECTED, updates=False),
    "ID": Command(identify, lowest=State.CONNECTED, needs=("ID",)),
    "STARTTLS": Command(starttls, lowest=State.CONNECTED, highest=State.CONNECTED, needs=("STARTTLS",)),
    "COMPRESS": Command(compress, needs=("COMPRESS=DEFLATE",)),
    "ENABLE": Command(enable, needs=("ENABLE",)),
    "NAMESPACE": Command(namespace, needs=("NAMESPACE",)),
}
