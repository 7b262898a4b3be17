# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses received, typed and sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.addresses import ascii_address, parse_addresses, parse_typed
from tuimail.model.address import Address, format_addresses
from tuimail.model.errors import InputWrong


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.c", [("", "a@b.c")]),
        ('a@b.c, "x" <d@e.f>; g@h.i', [("", "a@b.c"), ("x", "d@e.f"), ("", "g@h.i")]),
        ("Doe, John <j@x.org>", [("Doe, John", "j@x.org")]),
        ('"Doe, John" <j@x.org>', [("Doe, John", "j@x.org")]),
        ("=?utf-8?Q?Doe,_J=C3=B6rg?= <j@x.org>", [("Doe, Jörg", "j@x.org")]),
        ("=?utf-8?q?a?= =?utf-8?q?b?= <j@x.org>", [("ab", "j@x.org")]),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@x.org>', [("Jörg", "j@x.org")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@b, C <c@d>;, e@f", [("", "a@b"), ("C", "c@d"), ("", "e@f")]),
        ("a@b (Ada (the first))", [("Ada (the first)", "a@b")]),
        ("John Q. Public <j@p>", [("John Q. Public", "j@p")]),
        ("[SPAM] Jo <a@b>", [("[SPAM] Jo", "a@b")]),
        ("'Jo' <a@b>", [("Jo", "a@b")]),
        ("a@b <a@b>", [("", "a@b")]),
        ("<@r1,@r2:a@b>", [("", "a@b")]),
        ("< a @ b >", [("", "a@b")]),
        ("mailto:a@b", [("", "a@b")]),
        ("Ada a@b", [("Ada", "a@b")]),
        ("a@b c@d", [("", "a@b"), ("", "c@d")]),
        ('"a b"@c.d', [("", '"a b"@c.d')]),
        ('"a@b" <c@d>', [("a@b", "c@d")]),
        ("x@[192.0.2.1]", [("", "x@[192.0.2.1]")]),
        ("Ada <a@b", [("Ada", "a@b")]),
        ('"open <a@b>, c@d', [("open", "a@b"), ("", "c@d")]),
        ("(open a@b", [("open", "a@b")]),
        ("root", [("", "root")]),
        ("root, john", [("", "root"), ("", "john")]),
        ("<>", []),
        (", ,;", []),
        ("", []),
        ("Jörg <j@exämple.org>", [("Jörg", "j@exämple.org")]),
    ],
)
def test_received_addresses(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(address.name, address.email) for address in parse_addresses(value)] == expected


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?=3Cpotus=40whitehouse.gov=3E?= <evil@attack.example>",
        '"potus@whitehouse.gov\\" <x@y>" <evil@attack.example>',
        "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?q?=00?= <evil@attack.example>",
        "(<potus@whitehouse.gov>) <evil@attack.example>",
    ],
)
def test_a_name_never_becomes_the_address(value: str) -> None:
    assert [address.email for address in parse_addresses(value)] == ["evil@attack.example"]


def test_what_is_typed() -> None:
    assert parse_typed("") == ()
    assert parse_typed('Ada <a@b>; jörg@exämple.org, "Doe, J" <j@x>,') == (
        Address("Ada", "a@b"),
        Address("", "jörg@exämple.org"),
        Address("Doe, J", "j@x"),
    )


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("a@b, Doe", "Doe"),
        ("a@b@c", "a@b@c"),
        ("a@", "a@"),
        ("@b", "@b"),
        ("a@b..c", "a@b..c"),
        ("a@-b", "a@-b"),
        ("a b@c@d", "b@c@d"),
        ('"open <a@b>', "open"),
        ("Ada <a@b", "Ada <a@b"),
        ("a@b\r\nBcc: c@d", "control character"),
        ("x@y.z>\r\nRCPT TO:<c@d", "control character"),
        ("<a@b> <c@d>", "a@b"),
        ("<a b@c>", "a b"),
        (f"{'a' * 400}@b", "aaa"),
    ],
)
def test_a_bad_address_is_named(value: str, named: str) -> None:
    with pytest.raises(InputWrong) as caught:
        parse_typed(value)
    assert named in caught.value.message


def test_addresses_for_the_wire() -> None:
    assert ascii_address("ada@exämple.org") == "ada@xn--exmple-cua.org"
    assert ascii_address("ada@straße.de") == "ada@xn--strae-oqa.de"
    assert ascii_address("Ada@Example.ORG") == "Ada@Example.ORG"
    assert ascii_address("jörg@exämple.org", smtputf8=True) == "jörg@xn--exmple-cua.org"
    with pytest.raises(InputWrong):
        ascii_address("jörg@example.org")


_NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Mn", "Me", "Cn", "Co", "Lo", "Lm"]), max_size=20
)


@given(
    st.lists(
        st.builds(Address, _NAMES, st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,5})?@[a-z]{1,9}\.[a-z]{2,4}", fullmatch=True)),
        max_size=6,
    )
)
def test_what_is_written_is_read_again(addresses: list[Address]) -> None:
    expected = [address.email for address in addresses]
    assert [address.email for address in parse_addresses(format_addresses(tuple(addresses)))] == expected


@given(st.text(max_size=300))
def test_never_raises(value: str) -> None:
    assert all("\n" not in address.email + address.name for address in parse_addresses(value))


@given(st.text('a@b.c<>(),;:"\\ []', max_size=60))
def test_typed_input_is_right_or_refused(value: str) -> None:
    try:
        addresses = parse_typed(value)
    except InputWrong:
        return
    for address in addresses:
        ascii_address(address.email)


@pytest.mark.parametrize(
    "received",
    [
        "<a@bank.example,b@evil.example>",
        "<a@bank.example;b@evil.example>",
        "<boss:b@evil.example>",
        "<@x:@y:b@evil.example>",
        "@x:b@evil.example",
        "<mailto:mailto:b@evil.example>",
        "<mailto:@x:b@evil.example>",
        '<"boss" b@evil.example>',
        "<a(b)@evil.example>",
        '<"a, b"@example.org>',
        '<"a>b"@example.org>',
        "<b@[192.0.2.1]>",
        "Name <a@bank.example,b@evil.example>",
    ],
)
def test_an_answer_goes_to_the_address_that_was_shown_or_nowhere(received: str) -> None:
    (shown,) = parse_addresses(received)
    try:
        written = parse_typed(format_addresses((shown,)))
    except InputWrong:
        return
    assert [one.email for one in written] == [shown.email]
