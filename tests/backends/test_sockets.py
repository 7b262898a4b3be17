# SPDX-License-Identifier: GPL-3.0-or-later
"""Of several addresses the first that answers is taken, and of the others nothing is left."""

import asyncio
import socket

import pytest

from tuimail.backends.sockets import alternating, race, socket_to

_FIRST, _SECOND, _THIRD = ((socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{number}", 143)) for number in (1, 2, 3))


def test_families_take_turns() -> None:
    six = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (f"2001:db8::{number}", 143, 0, 0)) for number in (1, 2)]
    assert alternating([*six, _FIRST, _SECOND, _THIRD]) == [six[0], _FIRST, six[1], _SECOND, _THIRD]
    assert alternating([]) == []


class Network:
    """What becomes of each address: a socket, an error, or nothing ever."""

    def __init__(self, **answers: Exception | bool) -> None:
        self._answers = answers
        self.made: list[socket.socket] = []
        self.tried: list[str] = []
        self.given_up: list[str] = []

    async def connect(self, address: tuple[int, int, int, str, tuple[str, int]]) -> socket.socket:
        name = f"x{address[4][0].rpartition('.')[2]}"
        self.tried.append(name)
        answer = self._answers.get(name)
        if isinstance(answer, Exception):
            raise answer
        try:
            await asyncio.sleep(0) if answer else await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up.append(name)
            raise
        self.made.append(socket.socket())
        return self.made[-1]


async def test_the_next_one_is_tried_at_once_where_one_fails() -> None:
    network = Network(x1=ConnectionRefusedError(), x2=True)
    with await race([_FIRST, _SECOND, _THIRD], network.connect, 3600) as won:
        assert won is network.made[0]
    assert network.tried == ["x1", "x2"]


async def test_one_that_leads_nowhere_is_overtaken() -> None:
    network = Network(x3=True)
    (await race([_FIRST, _SECOND, _THIRD], network.connect, 0)).close()
    await asyncio.sleep(0)
    assert network.tried == ["x1", "x2", "x3"]
    assert sorted(network.given_up) == ["x1", "x2"]


async def test_of_two_that_come_at_once_one_is_closed() -> None:
    network = Network(x1=True, x2=True, x3=True)
    with await race([_FIRST, _SECOND, _THIRD], network.connect, 0) as won:
        await asyncio.sleep(0)
        assert [made for made in network.made if made.fileno() >= 0] == [won]


async def test_where_none_answers_the_first_error_tells_why() -> None:
    network = Network(x1=ConnectionRefusedError("one"), x2=OSError("two"))
    with pytest.raises(ConnectionRefusedError, match="one"):
        await race([_FIRST, _SECOND], network.connect, 3600)
    with pytest.raises(OSError, match="no address"):
        await race([], network.connect)


async def test_who_is_given_up_gives_up_all() -> None:
    network = Network()
    work = asyncio.create_task(race([_FIRST, _SECOND], network.connect, 0))
    while len(network.tried) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await asyncio.sleep(0)
    assert sorted(network.given_up) == ["x1", "x2"]


async def test_it_connects_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, await socket_to("localhost", server.getsockname()[1]) as line:
        assert line.getpeername() == server.getsockname()
        assert not line.getblocking()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(ConnectionRefusedError):
            await socket_to("127.0.0.1", nobody.getsockname()[1])
