# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver: keys from a real pseudo-terminal, and how it ends."""

import asyncio
import os
import pty
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tuimail.ui.driver import Keyboard, TerminalDriver, driver_class


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
async def driver(terminal: tuple[int, int]) -> Typed:
    made = Typed(App())
    made.messages = []
    made.fileno = terminal[1]
    made._pipe = os.pipe()
    return made


async def until(condition: Any) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def keys(driver: Typed) -> list[str]:
    return [message.key for message in driver.messages if isinstance(message, events.Key)]


async def test_keys_arrive_and_a_byte_in_the_pipe_ends_the_thread(driver: Typed, terminal: tuple[int, int]) -> None:
    thread = threading.Thread(target=driver.run_input_thread)
    os.set_blocking(terminal[1], False)
    import tty

    tty.setraw(terminal[1])
    thread.start()
    os.write(terminal[0], b"ab\x1b[A")
    await until(lambda: keys(driver) == ["a", "b", "up"])
    os.write(terminal[0], b"\x1b")
    await until(lambda: keys(driver)[-1] == "escape")
    os.write(terminal[0], b"\xff\xfe\xe9c")
    await until(lambda: keys(driver)[-1] == "c")
    assert driver._pipe is not None
    os.write(driver._pipe[1], b"\0")
    thread.join(30)
    assert not thread.is_alive()


async def test_a_terminal_that_is_gone_hangs_up(driver: Typed, terminal: tuple[int, int]) -> None:
    hung_up = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
    thread = threading.Thread(target=driver.run_input_thread)
    thread.start()
    os.close(terminal[0])
    async with asyncio.timeout(30):
        await hung_up.wait()
    thread.join(30)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
    assert not thread.is_alive()


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
