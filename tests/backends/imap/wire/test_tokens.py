# SPDX-License-Identifier: GPL-3.0-or-later
"""The generic tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.backends.imap.wire.arguments import string
from tuimail.backends.imap.wire.tokens import Malformed, Value, tokens


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ((b'(A "b \\"c\\\\" NIL nil () 7)',), [[b"A", b'b "c\\', None, None, [], b"7"]]),
        (
            (b"(BODY[HEADER.FIELDS (TO CC)]<0> ", b"lit)eral", b" UID 4)"),
            [[b"BODY[HEADER.FIELDS (TO CC)]<0>", b"lit)eral", b"UID", b"4"]],
        ),
        ((b'(("a" "b")"alternative"  [Gmail]/All)',), [[[b"a", b"b"], b"alternative", b"[Gmail]/All"]]),
        ((b'("a\tb\nc")\t ',), [[b"a\tb\nc"]]),
    ],
)
def test_values(unit: tuple[bytes, ...], expected: list[Value]) -> None:
    assert tokens(unit) == expected


@pytest.mark.parametrize("data", [b"(", b")", b'("a', b"(" * 200 + b")" * 200, b"(()"])
def test_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        tokens((data,))


@given(st.binary(max_size=200))
def test_random_octets_raise_nothing_else(data: bytes) -> None:
    try:
        tokens((data,))
    except Malformed:
        return


VALUES = st.recursive(st.none() | st.binary(max_size=20), lambda inner: st.lists(inner, max_size=5), max_leaves=20)


def written(value: Value) -> list[bytes]:
    """As IMAP writes it, literals apart."""
    if isinstance(value, list):
        pieces = [b"("]
        for item in value:
            inner = written(item)
            pieces[-1] += inner[0]
            pieces += inner[1:]
            pieces[-1] += b" "
        pieces[-1] += b")"
        return pieces
    if value is None:
        return [b"NIL"]
    text = string(value)
    return [text] if isinstance(text, bytes) else [b"", value, b""]


@given(VALUES)
def test_what_is_written_is_read(value: Value) -> None:
    assert tokens(tuple(written([value]))) == [[value]]
