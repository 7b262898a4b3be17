# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets in any portions → the same units, within limits."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.imap.wire.transcripts import NAMES, octets, split
from tuimail.backends.imap.wire import splitter as splitter_module
from tuimail.backends.imap.wire.splitter import Endless, Shortened, Splitter, Unit
from tuimail.model.errors import ServerBroken


def in_portions(data: bytes, cuts: list[int]) -> list[Unit]:
    splitter = Splitter()
    units: list[Unit] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        splitter.feed(data[start:end])
        units.extend(splitter.units())
    return units


LITERALS = (
    b"* 1 FETCH (BODY[1] {5}\r\na\r\nb) BODY[2] ~{0}\r\n UID 3)\r\n"
    b"* OK read {10}\r\nA1 OK done {3}\r\n+ go {4}\r\n"
    b'* LIST () "/" {3}\r\na"b\r\n'
)


def test_literals_stand_between_text_and_text_at_the_end_is_text() -> None:
    assert split(LITERALS) == [
        (b"* 1 FETCH (BODY[1] ", b"a\r\nb)", b" BODY[2] ", b"", b" UID 3)"),
        (b"* OK read {10}",),
        (b"A1 OK done {3}",),
        (b"+ go {4}",),
        (b'* LIST () "/" ', b'a"b', b""),
    ]


def test_large_literals_come_in_any_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = split(LITERALS)
    monkeypatch.setattr(splitter_module, "_LARGE", 1)
    for step in (1, 2, 3, 7, 40, len(LITERALS)):
        assert in_portions(LITERALS, list(range(0, len(LITERALS), step))) == whole


def test_a_large_literal_is_in_memory_once() -> None:
    size, portion = 32 << 20, bytes(1 << 18)
    splitter = Splitter()
    splitter.feed(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % size)
    tracemalloc.start()
    try:
        for _ in range(size // len(portion)):
            assert list(splitter.units()) == []
            splitter.feed(portion)
        splitter.feed(b")\r\n")
        ((_, literal, _),) = splitter.units()
        assert tracemalloc.get_traced_memory()[1] < 1.3 * size
    finally:
        tracemalloc.stop()
    assert len(literal) == size


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_literal_that_is_not_wanted_is_passed_over(size: int) -> None:
    data = b"* 1 FETCH (UID 1 BODY[1] {5}\r\nabcde BODY[2] {6}\r\n)\r\nabc BODY[3] {2}\r\nxx)\r\nA1 OK done\r\n"
    splitter, units = Splitter(), []
    splitter.most_kept = 10
    for at in range(0, len(data), size):
        splitter.feed(data[at : at + size])
        units += list(splitter.units())
    assert isinstance(units[0], Shortened)
    assert units[1:] == [(b"A1 OK done",)]
    splitter.feed(b'* LIST () "/" {11}\r\n')
    with pytest.raises(Endless):
        list(splitter.units())


@pytest.mark.parametrize("word", [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH", b"bye"])
def test_what_is_said_to_people_may_end_as_a_literal_begins(word: bytes) -> None:
    assert split(b"* %b see {5}\r\n* 1 EXISTS\r\n" % word) == [(b"* %b see {5}" % word,), (b"* 1 EXISTS",)]


BARE = b"+ \r\nABCD1 OK AUTHENTICATE PLAIN authentication successful\n* CAPABILITY IMAP4rev1\r\nABCD2 OK done\r\n"


def test_our_command_may_end_at_a_bare_line_feed() -> None:
    assert split(BARE) == [
        (b"+ ",), (b"ABCD1 OK AUTHENTICATE PLAIN authentication successful",), (b"* CAPABILITY IMAP4rev1",), (b"ABCD2 OK done",)
    ]  # fmt: skip
    assert in_portions(BARE, list(range(len(BARE)))) == split(BARE)


@pytest.mark.parametrize(
    "text", [b"* OK hello\nABCD1 OK x\r\n", b'* 1 FETCH (ENVELOPE ("a\nABCD1 OK x"))\r\n', b"x1 OK a\nb\r\n"]
)
def test_no_other_line_ends_at_a_bare_line_feed(text: bytes) -> None:
    assert split(text) == [(text[:-2],)]


def test_stars_in_text_stay() -> None:
    assert split(b'* 1 FETCH (ENVELOPE (NIL "* starred * x"))\r\n') == [(b'* 1 FETCH (ENVELOPE (NIL "* starred * x"))',)]


def test_many_lines_in_one_read() -> None:
    data = b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (number, number) for number in range(1, 20_001))
    assert len(split(data)) == 20_000


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_portions_do_not_matter(cuts: list[int]) -> None:
    data = LITERALS * 3 + octets("dovecot-fetch4")
    assert in_portions(data, cuts) == split(data)


@pytest.mark.parametrize("name", NAMES)
def test_single_octets_do_not_matter(name: str) -> None:
    data = octets(name)
    assert in_portions(data, list(range(len(data)))) == split(data)


@given(st.binary(max_size=300))
def test_random_octets_lose_nothing_or_break_cleanly(data: bytes) -> None:
    splitter = Splitter(max_literal=1000)
    splitter.feed(data)
    try:
        units = list(splitter.units())
    except ServerBroken:
        return
    assert sum(len(piece) for unit in units for piece in unit) <= len(data)


def test_the_rest_after_a_unit_can_be_taken() -> None:
    splitter = Splitter()
    splitter.feed(b"A1 OK compress\r\n\x01\x02\r\n\x03")
    assert next(splitter.units()) == (b"A1 OK compress",)
    assert splitter.rest() == b"\x01\x02\r\n\x03"
    splitter.feed(b"* OK\r\n")
    assert list(splitter.units()) == [(b"* OK",)]


@pytest.mark.parametrize(
    "data",
    [b"x" * 2000, b"* 1 FETCH (X {4294967295}\r\n", b"* LIST (" + b"X {0}\r\n" * 400, b"* OK " + b"x" * 2000 + b"\r\n"],
)
def test_beyond_the_limits_the_server_counts_as_broken(data: bytes) -> None:
    splitter = Splitter(max_line=1000, max_literal=1000)
    splitter.feed(data)
    with pytest.raises(ServerBroken):
        list(splitter.units())


@pytest.mark.parametrize("start", [b"* SEARCH", b"* VANISHED (EARLIER)", b'* ESEARCH (TAG "a") UID ALL'])
def test_lists_of_numbers_may_be_long(start: bytes) -> None:
    line = start + b" 1" * 2000
    splitter = Splitter(max_line=1000)
    splitter.feed(line)
    assert list(splitter.units()) == []
    splitter.feed(b"\r\n")
    assert list(splitter.units()) == [(line,)]


def test_the_structure_of_a_message_of_very_many_parts_may_be_long() -> None:
    line = b"* 1 FETCH (UID 1 BODYSTRUCTURE (" + b'("text" "plain" NIL NIL NIL "7bit" 1 1)' * 40_000 + b' "mixed"))'
    splitter = Splitter()
    splitter.feed(line)
    assert list(splitter.units()) == []
    splitter.feed(b"\r\n")
    assert list(splitter.units()) == [(line,)]


_LONG = {
    "structure": b"* 7 FETCH (UID 70 BODYSTRUCTURE (" + b'("a" {3}\r\n) \r)' * 300 + b"))\r\n",
    "one string": b'* 7 FETCH (UID 70 ENVELOPE ("' + b"x" * 2000 + b'" {5}\r\n\r\n* X {4}\r\nabcd))\r\n',
    "literals": b"* 7 FETCH (" + b"X {0}\r\n" * 400 + b")\r\n",
}


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("long", _LONG.values(), ids=_LONG)
def test_what_is_told_of_one_message_without_end_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, long: bytes, size: int
) -> None:
    monkeypatch.setattr(splitter_module, "MAX_LONG_LINE", 1500)
    before, behind = b"* 6 FETCH (FLAGS ())\r\n", b"* 8 FETCH (FLAGS ())\r\nA1 OK done\r\n"
    data, splitter, units = before + long + behind, Splitter(max_line=1000), []
    for at in range(0, len(data), size):
        splitter.feed(data[at : at + size])
        units += list(splitter.units())
    first, passed, *last = units
    assert isinstance(passed, Shortened)
    assert passed[0].startswith(b"* 7 FETCH (")
    assert sum(map(len, passed)) <= 200
    assert (first, *last) == ((before[:-2],), *((line,) for line in behind.split(b"\r\n")[:-1]))


def test_even_that_has_an_end_and_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitter_module, "MAX_PASSED", 20 << 20)
    splitter, portion = Splitter(), bytes(1 << 16)
    splitter.feed(b"* 7 FETCH (ENVELOPE (")
    tracemalloc.start()
    try:
        with pytest.raises(Endless):  # noqa: PT012  one of the portions is too much
            for _ in range(400):
                splitter.feed(portion)
                assert list(splitter.units()) == []
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
