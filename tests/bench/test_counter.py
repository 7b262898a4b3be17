# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy's counter: octets, turns and commands."""

import zlib

import pytest

from tests.bench.counter import Commands, Counter
from tests.bench.figures import Traffic


def test_a_turn_is_to_speak_after_hearing() -> None:
    counter = Counter()
    counter.opened(0, 1)
    counter.down(1, 1, 50)
    counter.up(2, 1, b"a LOGIN x y\r\n")
    counter.up(2.1, 1, b"b SELECT INBOX\r\n")
    counter.down(3, 1, 100)
    counter.down(3.1, 1, 200)
    counter.up(4, 1, b"c FETCH 1:2 FLAGS\r\n")
    assert counter.until(9) == Traffic(350, 48, (2,), ("LOGIN", "SELECT", "FETCH"), (0, 0, 0))


def test_who_speaks_first_has_not_waited() -> None:
    counter = Counter()
    counter.opened(0, 1)
    counter.up(1, 1, b"a NOOP\r\n")
    assert counter.until(1).turns == 0


def test_only_what_passed_until_a_time_counts() -> None:
    counter = Counter()
    counter.opened(0, 1)
    counter.down(1, 1, 50)
    counter.up(2, 1, b"a NOOP\r\n")
    counter.down(3, 1, 20)
    assert counter.until(2.5) == Traffic(50, 8, (1,), ("NOOP",), (0,))
    assert counter.until(0.5) == Traffic(turns_of=(0,))


def test_connections_wait_beside_each_other() -> None:
    counter = Counter()
    for connection, times in ((1, 3), (2, 2)):
        counter.opened(0, connection)
        for _ in range(times):
            counter.down(1, connection, 10)
            counter.up(1, connection, b"a NOOP\r\n")
    assert counter.until(1).turns_of == (3, 2)


def test_who_fetches_does_not_wait_for_what_goes_on_beside() -> None:
    counter = Counter()
    for connection, said in ((4, (b"a EXAMINE Drafts\r\n", b"b EXAMINE Sent\r\n")), (7, (b"a UID FETCH 9 BODY[1]\r\n",))):
        counter.opened(0, connection)
        for line in said:
            counter.down(1, connection, 10)
            counter.up(1, connection, line)
    traffic = counter.until(1)
    assert (traffic.turns, traffic.turns_of_one, traffic.turns_of_fetch) == (3, 2, 1)
    later = Traffic(turns_of=(2, 1, 0), commands=(*traffic.commands, "NOOP"), speakers=(*traffic.speakers, 2))
    assert later.minus(traffic).turns_of_fetch == 0


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_commands_are_named_however_the_octets_come(size: int) -> None:
    sent = b"a1 LOGIN {3}\r\nb X {4+}\r\nc Y \r\na2 UID FETCH 1:* (FLAGS)\r\nDONE\r\na3 uid store 1 +FLAGS (\\Seen)\r\n"
    commands = Commands()
    assert [name for piece in pieces(sent, size) for name in commands.feed(piece)] == ["LOGIN", "UID FETCH", "UID STORE"]


@pytest.mark.parametrize("size", [1, 11, 1000])
def test_commands_are_named_after_compress_too(size: int) -> None:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    inside = deflate.compress(b"a3 UID MOVE 1:9 Archive\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH)
    sent = b"a1 ID NIL\r\na2 COMPRESS DEFLATE\r\n" + inside
    commands = Commands()
    assert [name for piece in pieces(sent, size) for name in commands.feed(piece)] == ["ID", "COMPRESS", "UID MOVE"]
