# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that no mailbox can have are taken for none."""

import pytest

from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.codes import copied, parse_status_text
from tuimail.backends.imap.wire.fetch import flag_update
from tuimail.backends.imap.wire.numbers import MOST, number, number_set
from tuimail.backends.imap.wire.responses import untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.model.uidset import UidSet


@pytest.mark.parametrize("word", [b"", b"-1", b"1_0", b" 1", b"x", str(MOST + 1).encode(), b"9" * 5000, None, [b"1"]])
def test_no_number(word: object) -> None:
    assert number(word) is None


def test_the_largest_number() -> None:
    assert number(str(MOST).encode()) == MOST


@pytest.mark.parametrize(
    "raw", [b"0", b"0:4", b"4294967296", b"1:99999999999999999999", b"1,", b"*", b"1:*", b"-3", b"1 2", b""]
)
def test_no_set(raw: bytes) -> None:
    with pytest.raises(ValueError, match="nu"):
        number_set(raw)
    with pytest.raises(Malformed):
        listing.vanished((b"(EARLIER) " + raw,))


def test_a_set() -> None:
    assert number_set(b"9,4:2,4294967295") == UidSet(((2, 4), (9, 9), (4294967295, 4294967295)))


def test_what_holds_larger_numbers_is_as_if_not_told() -> None:
    large = b"99999999999999999999"
    assert untagged((b"* " + large + b" EXISTS",)).number == 0
    assert parse_status_text(b"[UIDNEXT " + large + b"] x").number is None
    assert copied(large + b" 1 2") is None
    assert copied(b"7 1:2 -5:-4") is None
    _, status = listing.status((b"INBOX (MESSAGES " + large + b" UIDNEXT 4)",))
    assert (status.messages, status.uidnext) == (None, 4)
    update = flag_update((b"(UID 3 FLAGS () MODSEQ (" + large + b"))",))
    assert update is not None
    assert update.modseq is None
