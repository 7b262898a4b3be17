# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that a browser is led back to (RFC 8252 §7.3): a listener on the loopback interface that takes one answer."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self

from tuimail.model.errors import InputWrong, TuimailError

_SECONDS = 10.0
_LONGEST = 32 * 1024
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>tuimail</title>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 30em"><p>{text}</p></body></html>"""
_NAMES = ("127.0.0.1", "localhost")


class Loopback:
    """Listens from `open` until the answer came or `close`."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """``read`` gives the code in an address. Raises InputWrong for what is no answer to us, SignInNeeded for a refusal."""
        self._read = read
        self._server: asyncio.Server | None = None
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """The code, or the refusal."""
        self.port = 0

    async def open(self) -> Self:
        """Begin to listen, at a port that the system chooses."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        self.code.cancel()

    def answered(self, address: str) -> None:
        """Take an address that the browser was led to. Raises InputWrong when it is no answer to us; the listener stays."""
        try:
            code = self._read(address)
        except InputWrong:
            raise
        except TuimailError as error:
            if not self.code.done():
                self.code.set_exception(error)
            raise
        if not self.code.done():
            self.code.set_result(code)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                status, text = self._answer(await reader.readuntil(b"\r\n\r\n"))
                body = _PAGE.format(text=text).encode()
                head = (
                    f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
                    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _answer(self, request: bytes) -> tuple[str, str]:
        first, *lines = request.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target = rest.partition(" ")[0]
        host = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "")
        if host not in {f"{name}:{self.port}" for name in _NAMES} or target.partition("?")[0] != "/":
            return "404 Not Found", "There is nothing here."
        if method != "GET":
            return "405 Method Not Allowed", "There is nothing here."
        if self.code.done():
            return "410 Gone", "This sign-in is over."
        try:
            self.answered(f"http://{host}{target}")
        except InputWrong:
            return "400 Bad Request", "This is not the answer to the sign-in that tuimail waits for."
        except TuimailError as error:
            return "200 OK", f"{_escaped(error.message)} You can close this page and go back to tuimail."
        return "200 OK", "You are signed in. You can close this page and go back to tuimail."


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
