# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a given length and width between client and server, which counts. It runs in a process of its own.

``python -m tests.bench.proxy LISTEN HOST PORT MILLISECONDS MBIT`` listens on the port ``LISTEN`` (0 for any) and writes it.
A line ``until SECONDS`` (of the monotonic clock) on standard input is answered by one of JSON: the traffic up to then.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from tests.bench.counter import Counter
from tests.bench.figures import Traffic

_CHUNK = 65_536
_AHEAD = 512
"""Chunks under way in one direction: more than any line measured here holds."""
_DONE = b""


class _Line:
    """Passes connections on, each direction ``delay`` seconds late and ``rate`` octets a second wide (0: as wide as can be)."""

    def __init__(self, target: tuple[str, int], delay: float, rate: float) -> None:
        self.counter = Counter()
        self._target, self._delay, self._rate = target, delay, rate
        self._number = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection. A TCP handshake takes one and a half round trips until the server's first octet may leave."""
        self._number += 1
        number, begun, counter = self._number, time.monotonic(), self.counter
        counter.opened(begun, number)
        up: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_AHEAD)
        reading = asyncio.create_task(self._read(reader, up, number, counter, up=True))
        try:
            await asyncio.sleep(3 * self._delay)
            try:
                server_reader, server_writer = await asyncio.open_connection(*self._target)
            except OSError:
                return
            down: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_AHEAD)
            await asyncio.gather(
                reading,
                self._write(server_writer, up),
                self._read(server_reader, down, number, counter, up=False),
                self._write(writer, down, number, counter),
            )
        finally:
            reading.cancel()
            writer.transport.abort()

    async def _read(
        self,
        reader: asyncio.StreamReader,
        queue: asyncio.Queue[tuple[float, bytes]],
        number: int,
        counter: Counter,
        *,
        up: bool,
    ) -> None:
        free = 0.0
        data = b"begin"
        while data:
            try:
                data = await reader.read(_CHUNK)
            except ConnectionError:
                data = _DONE
            now = time.monotonic()
            if up and data:
                counter.up(now, number, data)
            free = max(now, free) + (len(data) / self._rate if self._rate else 0)
            await queue.put((free + self._delay, data))

    async def _write(
        self,
        writer: asyncio.StreamWriter,
        queue: asyncio.Queue[tuple[float, bytes]],
        number: int = 0,
        counter: Counter | None = None,
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                due, data = await queue.get()
                if (wait := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                if data == _DONE:
                    break
                if counter is not None:
                    counter.down(time.monotonic(), number, len(data))
                writer.write(data)
                await writer.drain()
        writer.transport.close()


def _answer(line: _Line, request: str) -> object:
    match request.split():
        case ["until", at]:
            return asdict(line.counter.until(float(at)))
    raise ValueError(request)


async def _run(listen: int, host: str, port: int, delay: float, rate: float) -> None:
    line = _Line((host, port), delay, rate)
    listener = await asyncio.start_server(line.serve, "127.0.0.1", listen)
    print(listener.sockets[0].getsockname()[1], flush=True)
    requests = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    while request := await requests.readline():
        print(json.dumps(_answer(line, request.decode())), flush=True)


class Proxy:
    """A context manager: the line as a process, and questions to it."""

    def __init__(self, host: str, port: int, *, listen: int = 0, rtt: float = 0.0, mbit: float = 0.0) -> None:
        """``rtt`` in seconds; ``mbit`` per second, 0 for no limit."""
        self._arguments = [str(listen), host, str(port), str(rtt * 1000), str(mbit)]
        self.rtt = rtt
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.proxy", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def until(self, at: float | None = None) -> Traffic:
        """The traffic up to a time, default now."""
        found = self._ask(f"until {time.monotonic() if at is None else at!r}")
        lists = ("turns_of", "commands", "speakers")
        return Traffic(found["down"], found["up"], *(tuple(found[name]) for name in lists))

    def _ask(self, request: str) -> Any:  # what JSON holds
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


if __name__ == "__main__":
    listen_on, target_host, target_port, milliseconds, mbits = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(int(listen_on), target_host, int(target_port), float(milliseconds) / 2000, float(mbits) * 125_000))
