# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters in every shape that mailers give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.headers import parameters


@pytest.mark.parametrize(
    ("value", "main", "expected"),
    [
        ("text/plain", "text/plain", {}),
        ('Text/Plain; Charset="UTF-8"; format=flowed', "text/plain", {"charset": "UTF-8", "format": "flowed"}),
        ("text/plain; charset=us-ascii (what else)", "text/plain", {"charset": "us-ascii"}),
        ("attachment; filename=my file.pdf", "attachment", {"filename": "my file.pdf"}),
        ('attachment; filename="a;b\\"c.txt"', "attachment", {"filename": 'a;b"c.txt'}),
        ("attachment; filename*=utf-8''na%C3%AFve.txt", "attachment", {"filename": "naïve.txt"}),
        ("attachment; filename*=\"utf-8''na%C3%AFve.txt\"", "attachment", {"filename": "naïve.txt"}),
        ("a; filename=plain.txt; filename*=utf-8''rich%C3%A9.txt", "a", {"filename": "riché.txt"}),
        ("a; f*1*=%A9b; f*0*=utf-8''%C3; f*2=\"c d\"", "a", {"f": "ébc d"}),
        ("a; f*0=one; f*2=three", "a", {"f": "one"}),
        ('a; name="=?utf-8?q?h=C3=A9.txt?="', "a", {"name": "hé.txt"}),
        ('a; name="never closed; b=c', "a", {"name": "never closed", "b": "c"}),
        ("a;;; ;b=c;", "a", {"b": "c"}),
        ("a; b", "a", {}),
        ("a; x=1; x=2", "a", {"x": "1"}),
        ("a; =x", "a", {}),
        ("text/html charset=utf-8", "text/html", {"charset": "utf-8"}),
        ('attachment\r\n filename="a b.pdf"', "attachment", {"filename": "a b.pdf"}),
        ("text/plain (no x=1) ; b=c", "text/plain", {"b": "c"}),
        ("text/plain of a kind; b=c", "text/plain of a kind", {"b": "c"}),
        ("", "", {}),
        ('a;\r\n\tboundary="x\r\n y"', "a", {"boundary": "x y"}),
        ("a; name*=utf-8''%1B%5D0;b=%E2%80%AE", "a", {"name": "␛]0", "b": "%E2%80%AE"}),
    ],
)
def test_parameters(value: str, main: str, expected: dict[str, str]) -> None:
    assert parameters(value) == (main, expected)


@given(st.text(max_size=300))
def test_never_raises(value: str) -> None:
    main, values = parameters(value)
    assert isinstance(main, str)
    assert all("\n" not in text for text in values.values())
