# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as they are prepared for the store."""

from itertools import count

from tests.traced import kept
from tuimail.backends.port import FetchedMessage
from tuimail.model.address import Address
from tuimail.model.ids import AccountId
from tuimail.model.message import Envelope
from tuimail.store.insert import new_rows


def test_messages_to_thousands_of_people_leave_nothing() -> None:
    numbers = count()

    def prepare() -> int:
        people = tuple(Address("", f"reader{next(numbers)}@example.org") for _ in range(5000))
        return len(
            new_rows(AccountId(1), [FetchedMessage(1, frozenset(), 0, 1, Envelope(to=people), b"", False, None)], sent=False)
        )

    assert kept(lambda: [prepare() for _ in range(4)]) < 100_000
