# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said at the doorbell: nonsense, nothing, and signs of life. Two programs at it: `tests.engine.test_others`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tuimail.model.errors import TryLater
from tuimail.sync import doorbell
from tuimail.sync.doorbell import DOORBELL, NobodyAnswers, answering, ask

QUESTION = b'{"account": "work", "deep": false}\n'
DEEP = b"[" * 60_000
NO_ERRORS = (b'{"error": 1}\n', b'{"error": {"kind": []}}\n')


async def settled(account: str, deep: bool) -> None:
    """Nothing is to be done."""


@asynccontextmanager
async def holder(folder: Path, says: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[None]:
    """A program that has the doorbell, and says what it likes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await says(writer)
        writer.close()

    async with await asyncio.start_unix_server(answer, folder / DOORBELL):
        yield


@pytest.mark.parametrize("said", [b"", b"\n", b"[]\n", b"1\n", b'"x"\n', b"{}\n", b"\xff\n", DEEP + b"\n", b"x" * 200_000])
async def test_nonsense_is_not_answered_and_harms_nobody(tmp_path: Path, said: bytes) -> None:
    met: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
    async with answering(tmp_path, settled):
        reader, writer = await asyncio.open_unix_connection(tmp_path / DOORBELL)
        writer.write(said)
        writer.write_eof()
        with contextlib.suppress(ConnectionResetError):  # not all of it was read
            assert await reader.read() == b""
        writer.close()
        await ask(tmp_path, "work", deep=False)
    assert not met


@pytest.mark.parametrize("said", [b"", b"[]\n", b"{}\n", b"\n1\n", b"\n\n", DEEP + b"\n", *NO_ERRORS])
async def test_nonsense_is_no_answer(tmp_path: Path, said: bytes) -> None:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with holder(tmp_path, say):
        with pytest.raises(NobodyAnswers):
            await ask(tmp_path, "work", deep=False)


async def test_a_program_that_was_stopped_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_SILENCE", 0.05)
    ended = asyncio.Event()

    async def say_nothing(_: asyncio.StreamWriter) -> None:
        await ended.wait()

    async with holder(tmp_path, say_nothing):
        with pytest.raises(NobodyAnswers):
            await ask(tmp_path, "work", deep=False)
        ended.set()


async def test_one_that_works_for_long_says_so_until_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_SIGN_OF_LIFE", 0.01)
    heard = asyncio.Event()

    async def works(account: str, deep: bool) -> None:
        await heard.wait()
        raise TryLater("Not today.", "Come again.")

    async with answering(tmp_path, works):
        reader, writer = await asyncio.open_unix_connection(tmp_path / DOORBELL)
        writer.write(QUESTION)
        assert await reader.readexactly(3) == b"\n\n\n"
        asking = asyncio.create_task(ask(tmp_path, "work", deep=False))
        heard.set()
        with pytest.raises(TryLater, match="Not today"):
            await asking
        assert b"Not today" in await reader.read()
        writer.close()
