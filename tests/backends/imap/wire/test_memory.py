# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read long ago takes no room, however long a server made it."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.backends.imap.wire.test_usual_row import DOVECOT
from tests.traced import kept
from tuimail.backends.imap.wire import fetch
from tuimail.backends.imap.wire.envelope import parse_envelope
from tuimail.backends.imap.wire.splitter import Unit

_ROWS, _LONG = 8, 100_000
_PLACES = {"flags": b"FLAGS (", "date": b'ENVELOPE ("', "name": b'")) NIL (("'}
_PERSON = b'("B" NIL "b" "b.example")'


def _rows(place: str, text: bytes) -> Iterator[Unit]:
    """Each with other words in that place than every other."""
    head = DOVECOT[0].partition(_PLACES[place])
    return ((head[0] + head[1] + text % number + head[2], *DOVECOT[1:]) for number in count())


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("flags", b"F%d" + b"f" * _LONG + b" "),
        ("date", b"%d" + b"D" * _LONG),
        ("name", b"%d" + b"n" * _LONG),
        ("name", b'\\"%d' + b"n" * _LONG),
        ("name", b'A%d" NIL "a" "b.example")' + _PERSON * (_LONG // len(_PERSON)) + b'("'),
    ],
    ids=["flags", "date", "a name", "a name with a quote", "people"],
)
def test_a_long_row_leaves_nothing(place: str, text: bytes) -> None:
    rows = _rows(place, text)
    assert len(next(rows)[0]) > _LONG
    assert kept(lambda: [fetch.message(next(rows)) is None for _ in range(_ROWS)]) < _LONG


def test_an_envelope_of_much_between_its_strings_leaves_nothing() -> None:
    numbers = count(5000)
    assert (
        kept(lambda: [parse_envelope(b'("" ' + b"(" * 9 + b"NIL " * next(numbers) + b")" * 10) for _ in range(_ROWS)]) < _LONG
    )
