# SPDX-License-Identifier: GPL-3.0-or-later
"""What tuimail overrides and uses of aioimaplib is as it was when that was written."""

import asyncio
import inspect
from typing import Any

import aioimaplib
import pytest

from tests.backends.imap.scripted import Line, signed_in
from tuimail.backends.imap.connection import TuiIMAP, TuiProtocol

PROTOCOL = aioimaplib.IMAP4ClientProtocol


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (PROTOCOL.__init__, ["self", "loop", "conn_lost_cb"]),
        (PROTOCOL.connection_made, ["self", "transport"]),
        (PROTOCOL.data_received, ["self", "d"]),
        (PROTOCOL.connection_lost, ["self", "exc"]),
        (PROTOCOL.execute, ["self", "command", "scrub"]),
        (PROTOCOL.append, ["self", "message_bytes", "mailbox", "flags", "date", "timeout"]),
        (PROTOCOL.capability, ["self"]),
        (PROTOCOL.logout, ["self"]),
        (PROTOCOL.new_tag, ["self"]),
        (aioimaplib.IMAP4.create_client, ["self", "host", "port", "loop", "conn_lost_cb", "ssl_context"]),
        (aioimaplib.IMAP4._wait_connection_and_hello, ["self"]),
        (aioimaplib.IMAP4.wait_hello_from_server, ["self"]),
    ],
)
def test_overridden_names(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


def test_what_is_replaced_is_really_replaced() -> None:
    for name in ("connection_made", "data_received", "connection_lost", "execute", "append", "capability"):
        assert getattr(TuiProtocol, name) is not getattr(PROTOCOL, name)
    for name in ("create_client", "_wait_connection_and_hello"):
        assert getattr(TuiIMAP, name) is not getattr(aioimaplib.IMAP4, name)


def test_the_tag_has_the_form_that_is_expected() -> None:
    loop = asyncio.new_event_loop()
    try:
        tag = TuiProtocol(loop, None, 1.0).new_tag()
    finally:
        loop.close()
    assert tag.isalnum()


async def test_its_own_methods_run_pipelined_through_ours() -> None:
    async def script(line: Line) -> None:
        first = await line.hear(b"^NOOP")
        second = await line.hear(b'^LIST "" "\\*"')
        line.say(b'* LIST () "/" "* starred *"\r\n' + second + b" OK listed\r\n" + first + b" OK done\r\n")

    async with signed_in(script) as (backend, _):
        assert backend._opened is not None
        protocol = backend._opened.protocol
        noop, listed = await asyncio.gather(protocol.simple_command("NOOP"), protocol.simple_command("LIST", '""', '"*"'))
        assert noop.result == listed.result == "OK"
        assert listed.lines == [b'() "/" "* starred *"', b"listed"]
        with pytest.raises(aioimaplib.Error):
            await protocol.append(b"x")
