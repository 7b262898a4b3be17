# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers that want memory and time, whatever is asked of them: documents about servers, and tokens.

How much was taken is what the server could get rid of before the connection was closed.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest

from tests.servers.odd import listening
from tuimail.accounts import oauth_endpoint, web
from tuimail.accounts.oauth import OAuthError
from tuimail.accounts.web import Web
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, TuimailError

ELSEWHERE = b"Location: https://127.0.0.1:1/\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MOST = 16 * 1024 * 1024
"""Octets that may be on the way when the reader has left: buffers of the sockets, on any system."""
ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "content": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "of_a_redirect": (b"HTTP/1.1 302 Found\r\n" + ELSEWHERE + b"\r\n", b"x" * 65536),
    "of_an_error": (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"x" * 65536),
    "chunk_of_negative_size": (b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"-1\r\n", b"x" * 65536),
    "interim_answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2500),
    "trailers": (b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n" * 10000),
    "one_field": (b"HTTP/1.1 200 OK\r\na: ", b"x" * 65536),
}
NONSENSE: Mapping[str, bytes] = {
    "port_beyond_all": b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:99999999999999999999999999/\r\n\r\n",
    "port_too_large": b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:99999/\r\n\r\n",
    "no_host": b"HTTP/1.1 302 Found\r\nLocation: https://[\r\n\r\n",
    "escapes": b"HTTP/1.1 302 Found\r\nLocation: https://a\x1b]0;x\x07 b/\r\n\r\n",
    "status": b"HTTP/1.1 99999999999 \x1b[31m\r\n\r\n",
    "size_of_a_chunk": b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"zz\r\n",
    "size_of_a_chunk_of_an_error": b"HTTP/1.1 400 Bad Request\r\n" + CHUNKED + b"zz\r\n",
    "cut_in_an_error": b"HTTP/1.1 400 Bad Request\r\n" + CHUNKED + b"ff\r\nx",
    "nothing": b"",
}


@dataclass
class Flood:
    """A server of one answer."""

    port: int
    sent: int = 0
    """Octets that it got rid of."""


@contextlib.asynccontextmanager
async def answering(first: bytes, then: bytes = b"", *, pause: float = 0.0) -> AsyncIterator[Flood]:
    """Says the first, and the other again and again for as long as somebody listens."""
    flood = Flood(0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
            while then and flood.sent < 2 * MOST:
                writer.write(then)
                await writer.drain()
                flood.sent += len(then)
                await asyncio.sleep(pause)
        writer.close()

    async with listening(talk) as flood.port:
        yield flood


async def ask(how: str, port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    await (Web().fetch(url) if how == "document" else oauth_endpoint.post(url, {"refresh_token": "the-secret"}))


@pytest.mark.parametrize("how", ["document", "token"])
@pytest.mark.parametrize("what", ENDLESS)
async def test_what_has_no_end_is_left_early(how: str, what: str) -> None:
    async with answering(*ENDLESS[what]) as flood:
        with pytest.raises(TuimailError) as raised:
            await ask(how, flood.port)
        assert isinstance(raised.value, Offline | ServerBroken | ServerRefused)
        assert "the-secret" not in str(raised.value)
    assert flood.sent < MOST


@pytest.mark.parametrize("how", ["document", "token"])
async def test_who_is_given_up_is_listened_to_no_more(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.3)
    monkeypatch.setattr(oauth_endpoint, "_SECONDS", 0.3)
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.01) as flood:
        with pytest.raises(Offline, match="answer within"):
            await ask(how, flood.port)
        for thread in [thread for thread in threading.enumerate() if thread.name in ("web", "oauth")]:
            await asyncio.to_thread(thread.join, 60)
            assert not thread.is_alive()


@pytest.mark.parametrize("how", ["document", "token"])
@pytest.mark.parametrize("what", NONSENSE)
async def test_nonsense_is_refused_in_a_sentence(how: str, what: str) -> None:
    async with answering(NONSENSE[what]) as flood:
        with pytest.raises((TuimailError, OAuthError)) as raised:
            await ask(how, flood.port)
    assert str(raised.value).isprintable()
