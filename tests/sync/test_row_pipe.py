# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent arrives as it was; and whether that was all is known."""

import contextlib
import os
from collections.abc import Iterator

import pytest

from tests.store.mailbox import mail
from tuimail.backends.port import FetchedMessage
from tuimail.model.address import Address
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import AccountId
from tuimail.store.insert import NewRow, new_rows
from tuimail.sync.row_pipe import RowReceiver, RowSender, row_pipe


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """The ends of a pipe, one of which a test may close."""
    ends = row_pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def rows(*messages: FetchedMessage) -> list[NewRow]:
    """Messages, ready to be written."""
    return new_rows(AccountId(1), messages, sent=False)


async def test_batches_arrive_as_they_were(ends: tuple[int, int]) -> None:
    receiving, sending = ends
    batches = [
        rows(mail(9, "a", flags={SEEN, FLAGGED}, to=(Address("Köln", "k@example.org"),), replies=("b", "c")), mail(8, date=-5)),
        rows(mail(7, "-")),
    ]
    sender, receiver = RowSender(sending), RowReceiver(receiving)
    for batch in batches:
        await sender.send(batch)
    await sender.finish()
    assert list(receiver.batches()) == batches
    assert receiver.complete


@pytest.mark.parametrize("kept", [0, 3, 4, 40], ids=["nothing", "half a length", "a length", "half a batch"])
async def test_what_was_given_up_is_not_complete(ends: tuple[int, int], kept: int) -> None:
    receiving, sending = ends
    await RowSender(sending).send(rows(mail(9)))
    begun = os.read(receiving, 1 << 16)[:kept]
    os.write(sending, begun)
    os.close(sending)
    receiver = RowReceiver(receiving)
    assert list(receiver.batches()) == []
    assert not receiver.complete


async def test_nobody_receives(ends: tuple[int, int]) -> None:
    receiving, sending = ends
    os.close(receiving)
    with pytest.raises(BrokenPipeError):
        await RowSender(sending).send(rows(mail(9)))
