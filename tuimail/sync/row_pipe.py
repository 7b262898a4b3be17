# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows on their way from the process that reads it to the one that writes it: a pipe, which also is the back-pressure.

Each batch is its length in octets and MessagePack. A length of zero says that nothing is missing; a pipe that ends without it
was given up.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence

import msgspec

from tuimail.store.insert import NewRow

_LENGTH = 4
_ROOM = 1 << 20
"""Octets that the pipe holds, where the system allows that; a batch has about a tenth of it."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[NewRow]).decode


def row_pipe() -> tuple[int, int]:
    """A pipe: the ends to read from and to write to."""
    receiving, sending = os.pipe()
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(sending, fcntl.F_SETPIPE_SZ, _ROOM)
    return receiving, sending


class RowSender:
    """The end of the process that reads."""

    def __init__(self, pipe: int) -> None:
        """``pipe``: a file descriptor; who opened it closes it."""
        self._pipe = pipe

    async def send(self, batch: Sequence[NewRow]) -> None:
        """Send a batch that is not empty, when there is room. Raises BrokenPipeError when the other process is gone."""
        await self._send(_encode(batch))

    async def finish(self) -> None:
        """Nothing is missing. Raises BrokenPipeError."""
        await self._send(b"")

    async def _send(self, data: bytes) -> None:
        await asyncio.to_thread(self._write, len(data).to_bytes(_LENGTH, "big") + data)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._pipe, left) :]


class RowReceiver:
    """The end of the process that writes."""

    def __init__(self, pipe: int) -> None:
        """``pipe``: a file descriptor; who opened it closes it."""
        self._pipe = os.fdopen(pipe, "rb", closefd=False)
        self.complete = False
        """Nothing is missing."""

    def batches(self) -> Iterator[list[NewRow]]:
        """All batches, as they come."""
        while len(head := self._pipe.read(_LENGTH)) == _LENGTH:
            size = int.from_bytes(head, "big")
            if size == 0:
                self.complete = True
                return
            data = self._pipe.read(size)
            if len(data) < size:
                return
            yield _decode(data)
