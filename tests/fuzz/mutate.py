# SPDX-License-Identifier: GPL-3.0-or-later
"""Input out of input: octets changed, pieces moved, repeated and exchanged, words of the format put in."""

from collections.abc import Callable, Sequence
from random import Random

LARGEST = 20_000
"""Octets of an input: what is larger only takes longer."""
_EVERYWHERE = (
    b"\x00",
    b"\x1b[31m",
    b"\x1b]0;t\x07",
    b"\x9b",
    b"\xc2\x9b",
    "\u202e\u2066".encode(),
    "\u200b\ufeff".encode(),
    b"\xed\xa0\x80",
    b"\xff\xfe",
    "e\u0301\u0301\u0301\u0301\u0301\u0301".encode(),
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\t",
    b" ",
    b'"',
    b"\\",
    b"'",
    b"(",
    b")",
    b"<",
    b">",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b";",
    b":",
    b"=",
    b"%",
    b"&",
    b"*",
    b"0",
    b"-1",
    b"4294967296",
    b"99999999999999999999",
    "\u0663".encode(),
    "\u00b2".encode(),
    "\U0001f468\u200d\U0001f469".encode(),
)


def mutated(random: Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """A changed seed; ``words`` are the format's own."""
    data = random.choice(seeds)[:LARGEST]
    for _ in range(1 + int(random.expovariate(0.4))):
        data = random.choice(_CHANGES)(random, data, seeds, words)[:LARGEST]
    return data


Change = Callable[[Random, bytes, Sequence[bytes], Sequence[bytes]], bytes]


def _span(random: Random, data: bytes) -> tuple[int, int]:
    """A stretch, short ones more often."""
    start = random.randint(0, len(data))
    return start, min(len(data), start + int(random.expovariate(1 / 12)))


def _octet(random: Random, data: bytes, _seeds: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + bytes((random.randrange(256),)) + data[at + 1 :]


def _without(random: Random, data: bytes, _seeds: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _word(random: Random, data: bytes, _seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    word = random.choice(words if words and random.random() < 0.6 else _EVERYWHERE)
    return data[:start] + word + data[random.choice((start, end)) :]


def _again(random: Random, data: bytes, _seeds: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[start:end] * random.choice((2, 3, 50, 1000)) + data[end:]


def _word_again(random: Random, data: bytes, _seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice(words or _EVERYWHERE) * random.choice((2, 20, 2000)) + data[at:]


def _moved(random: Random, data: bytes, _seeds: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    rest = data[:start] + data[end:]
    at = random.randint(0, len(rest))
    return rest[:at] + data[start:end] + rest[at:]


def _spliced(random: Random, data: bytes, seeds: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


_CHANGES: tuple[Change, ...] = (_octet, _octet, _without, _word, _word, _word, _again, _word_again, _moved, _spliced)
