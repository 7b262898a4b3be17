# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that is built to make readers deep or busy: no recursion, and calls in proportion to the octets."""

import sys
from collections.abc import Callable

import pytest

from tuimail.backends.imap.wire import fetch
from tuimail.backends.imap.wire.bodystructure import has_attachment, parse_bodystructure
from tuimail.backends.imap.wire.codes import parse_status_text
from tuimail.backends.imap.wire.envelope import parse_envelope
from tuimail.backends.imap.wire.names import decode_name
from tuimail.backends.imap.wire.tokens import Malformed

N = 20_000
SHAPES = {
    "open": b"A (" * N,
    "nested": b"(" * N + b")" * N,
    "quotes": b'A "' * N,
    "backslashes": b'("' + b"\\" * N,
    "escapes": b'("' + b'\\"' * N,
    "strings": b'("a" ' * N,
    "brackets": b"BODY[" * N,
    "apart": b"BODY[ " * N,
    "blanks": b"(" + b" " * N,
    "flags": b"FLAGS (" * N,
    "uids": b" UID 1" * N,
    "shifts": b"&AGE" * N,
}


def calls(function: Callable[[bytes], object], data: bytes) -> int:
    """How many Python calls it takes, which does not depend on the machine."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        function(data)
    except Malformed:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "function",
    [
        lambda data: fetch.message((b"(UID 7 ENVELOPE (" + data,)),
        lambda data: fetch.flag_update((b"(UID 7 " + data,)),
        lambda data: fetch.uid_of((b'("' + data,)),
        parse_envelope,
        parse_bodystructure,
        has_attachment,
        parse_status_text,
        decode_name,
    ],
    ids=["message", "flags", "uid", "envelope", "bodystructure", "attachment", "status", "name"],
)
def test_work_is_in_proportion(function: Callable[[bytes], object], shape: str) -> None:
    assert calls(function, SHAPES[shape]) <= 10 * N


def test_a_row_with_an_endless_structure_has_its_header() -> None:
    part = b'("image" "png" NIL NIL NIL "base64" 4 NIL NIL NIL NIL)'
    envelope = b'(NIL "Many parts" (("Ada" NIL "ada" "example.org")) NIL NIL NIL NIL NIL NIL "<a@b>")'
    row = fetch.message((b"(UID 7 FLAGS () ENVELOPE " + envelope + b" BODYSTRUCTURE (" + part * 6_000 + b' "mixed"))',))
    assert row is not None
    assert (row.envelope.subject, row.bodystructure) == ("Many parts", b"")
    rest = envelope.partition(b'"Many parts"')[2]
    literal = fetch.message(
        (b"(UID 7 ENVELOPE (NIL ", b"Many parts", rest + b" BODYSTRUCTURE (" + part * 6_000 + b' "mixed"))')
    )
    assert literal is not None
    assert literal.envelope.subject == "Many parts"


@pytest.mark.parametrize("before", [b"", b"ENVELOPE (NIL ", b'ENVELOPE (NIL " BODYSTRUCTURE (" NIL '])
def test_what_pretends_to_be_a_structure_costs_no_scalars(before: bytes) -> None:
    row = fetch.message((b"(UID 7 RFC822.SIZE 9 " + before + b" BODYSTRUCTURE (" * 50_000,))
    assert row is not None
    assert (row.uid, row.size) == (7, 9)


def test_of_an_endless_row_the_scalars_are_kept() -> None:
    row = fetch.message((b"(UID 7 FLAGS (\\Seen) RFC822.SIZE 9 ENVELOPE (" + b'"a" ' * 100_000,))
    assert row is not None
    assert (row.uid, set(row.flags), row.size, row.envelope) == (7, {"\\Seen"}, 9, fetch.UNREADABLE)
