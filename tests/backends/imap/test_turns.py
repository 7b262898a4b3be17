# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes faster than it is read is read in order, a portion in each turn, while other tasks get theirs."""

import asyncio
from collections.abc import Callable, Iterator

from tests.backends.imap.scripted import Line, signed_in
from tuimail.backends.imap.turns import PORTION, Turns
from tuimail.model.errors import ServerBroken


class Desk:
    """Writes down what is done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.held: list[bool] = []
        self.errors: list[ServerBroken] = []
        self.turns = Turns(asyncio.get_running_loop(), self.held.append, self.errors.append)

    def work(self, name: str, steps: int, last: Callable[[], None] = lambda: None) -> Iterator[None]:
        for number in range(steps):
            self.done.append(f"{name}{number}")
            yield None
        last()

    async def end(self) -> None:
        """As far as it goes."""
        self.turns.end_with(lambda: self.done.append("end"))
        for _ in range(100):
            await asyncio.sleep(0)


async def test_one_portion_in_each_turn() -> None:
    desk = Desk()
    desk.turns.add(desk.work("a", 3 * PORTION))
    assert len(desk.done) == PORTION
    assert desk.held == [], "the first piece may be followed by another"
    desk.turns.add(desk.work("b", 1))
    assert desk.held == [True]
    await asyncio.sleep(0)
    assert len(desk.done) == 2 * PORTION
    for _ in range(3):
        await asyncio.sleep(0)
    assert desk.held == [True, False]
    assert desk.done == [f"a{number}" for number in range(3 * PORTION)] + ["b0"]


async def test_what_a_step_leaves_comes_before_later_pieces() -> None:
    desk = Desk()
    desk.turns.add(desk.work("a", PORTION + 1, last=lambda: desk.turns.add_next(desk.work("rest", 1))))
    desk.turns.add(desk.work("b", 1))
    await desk.end()
    assert desk.done[-4:] == [f"a{PORTION}", "rest0", "b0", "end"]


async def test_the_end_waits_for_its_turn() -> None:
    desk = Desk()
    desk.turns.add(desk.work("a", 3 * PORTION))
    desk.turns.end_with(lambda: desk.done.append("end"))
    assert len(desk.done) == PORTION
    await desk.end()
    assert desk.done.index("end") == 3 * PORTION


async def test_nothing_is_done_after_a_failure() -> None:
    desk = Desk()

    def fail() -> None:
        raise ServerBroken("Enough.")

    desk.turns.add(desk.work("a", PORTION, last=fail))
    desk.turns.add(desk.work("b", 1))
    await desk.end()
    assert [error.message for error in desk.errors] == ["Enough."]
    assert "b0" not in desk.done


async def test_an_answer_of_many_lines_that_ends_with_the_connection_is_whole() -> None:
    async def script(line: Line) -> None:
        tag = await line.hear(b'^LIST "" "\\*"')
        names = b"".join(b'* LIST () "/" "F%d"\r\n' % number for number in range(5 * PORTION))
        line.say(names + tag + b" OK listed\r\n")
        line.hang_up()

    async with signed_in(script) as (backend, _):
        assert await backend.folders_renamed()
