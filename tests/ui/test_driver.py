# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver: keys from a real pseudo-terminal, and how it ends."""

import asyncio
import os
import pty
import select
import signal
import time
import tty
from collections.abc import AsyncIterator, Iterator
from io import TextIOWrapper
from typing import Any, cast

import pytest
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tuimail.ui.driver import Keyboard, TerminalDriver, _Terminal, driver_class


class Typed(TerminalDriver):
    """Keeps what was typed."""

    messages: list[Message]

    def process_message(self, message: Message) -> None:
        self.messages.append(message)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a pseudo-terminal; the program has the second."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    for descriptor in (ours, theirs):
        try:
            os.close(descriptor)
        except OSError:
            continue


@pytest.fixture
async def driver(terminal: tuple[int, int]) -> AsyncIterator[Typed]:
    made = Typed(App())
    made.messages = []
    made.fileno = terminal[1]
    made.read_keys()
    yield made
    made.disable_input()


async def until(condition: Any) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def keys(driver: Typed) -> list[str]:
    return [message.key for message in driver.messages if isinstance(message, events.Key)]


async def test_keys_arrive_until_input_is_disabled(driver: Typed, terminal: tuple[int, int]) -> None:
    tty.setraw(terminal[1])
    os.write(terminal[0], b"ab\x1b[A")
    await until(lambda: keys(driver) == ["a", "b", "up"])
    os.write(terminal[0], b"\x1b")
    await until(lambda: keys(driver)[-1] == "escape")
    os.write(terminal[0], b"\xff\xfe\xe9c")
    await until(lambda: keys(driver)[-1] == "c")
    driver.disable_input()
    os.write(terminal[0], b"d")
    await until(lambda: select.select([terminal[1]], [], [], 0)[0])
    await asyncio.sleep(0)
    assert keys(driver)[-1] == "c"
    assert not driver.has_input


async def test_what_was_typed_before_comes_first(terminal: tuple[int, int]) -> None:
    tty.setraw(terminal[1])
    driver = Typed(App())
    driver.messages, driver.fileno, driver.typed = [], terminal[1], b"x\x1b"
    os.write(terminal[0], b"[By")
    await until(lambda: select.select([terminal[1]], [], [], 0)[0])
    driver.read_keys()
    await until(lambda: keys(driver) == ["x", "down", "y"])
    driver.disable_input()


async def test_a_terminal_that_is_gone_hangs_up_once(driver: Typed, terminal: tuple[int, int]) -> None:
    hung_up = asyncio.Queue[None]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.put_nowait, None)
    os.close(terminal[0])
    async with asyncio.timeout(60):
        await hung_up.get()
    for _ in range(5):
        await asyncio.sleep(0)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
    assert hung_up.empty()


async def test_what_a_terminal_does_not_take_at_once_is_written_in_order(terminal: tuple[int, int]) -> None:
    tty.setraw(terminal[1])
    driver = Typed(App())
    end = _Terminal(terminal[1])
    driver._terminal, driver._file = end, cast(TextIOWrapper, end)
    end.open()
    driver._writer_thread = WriterThread(driver._file)
    driver._writer_thread.start()
    texts = [f"{number:05}ü" * 4000 for number in range(6)]
    for text in texts:
        driver.write(text)
    wanted, read = "".join(texts).encode(), b""
    while len(read) < len(wanted):
        await asyncio.to_thread(select.select, [terminal[0]], [], [], 60)
        read += os.read(terminal[0], 65_536)
    driver.close()
    assert read == wanted


def test_a_pause_is_waited_for_only_where_something_is_begun() -> None:
    keyboard = Keyboard()
    list(keyboard.feed("a"))
    assert keyboard.patience is None
    list(keyboard.feed("\x1b"))
    assert keyboard.patience is not None
    assert keyboard.patience <= Keyboard.delay


def test_only_the_driver_for_terminals_is_replaced() -> None:
    assert driver_class(LinuxDriver) is TerminalDriver
    other: type[Driver] = HeadlessDriver
    assert driver_class(other) is other
