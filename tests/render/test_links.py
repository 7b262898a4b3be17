# SPDX-License-Identifier: GPL-3.0-or-later
"""Links lead only where they may, and those that deceive are marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.render.links import make_link, registrable, safe_target, without_punctuation


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        (" HTTPS://Example.ORG/Path ", "https://example.org/Path"),
        ("ht\ntps://example.org/", "https://example.org/"),
        ("https://example.org/ä b", "https://example.org/%C3%A4%20b"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("http://good.example\\@evil.example/", "http://good.example/@evil.example/"),
        ("https://example.org/\u202egpj", "https://example.org/%E2%80%AEgpj"),
        ("mailto:ada@example.org?subject=a b", "mailto:ada@example.org?subject=a%20b"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("//example.org/", ""),
        ("#top", ""),
        ("https:///x", ""),
        ("https://a b/", ""),
        ("https://x.example/" + "a" * 10_000, ""),
    ],
)
def test_target(href: str, target: str) -> None:
    assert safe_target(href) == target


@given(st.text(), st.sampled_from(["http://", "https://", "mailto:", ""]))
def test_targets_are_printable_ascii_of_known_schemes(rest: str, scheme: str) -> None:
    target = safe_target(scheme + rest)
    assert target == "" or (target.isascii() and target.isprintable() and " " not in target)
    assert target == "" or target.startswith(("http://", "https://", "mailto:"))


@pytest.mark.parametrize(
    ("text", "target", "word"),
    [
        ("https://bank.example/login", "https://evil.example/", "evil.example"),
        ("bank.example", "https://bank.example.evil.test/", "evil.test"),
        ("www.bank.co.uk", "https://bank.evil.co.uk/", "evil.co.uk"),
        ("click", "https://bank.example@evil.test/", "evil.test"),
        ("click", "https://xn--80ak6aa92e.com/", "look like"),
        ("ada@bank.example", "mailto:eve@evil.test", "eve@evil.test"),
        ("ada@bank.example", "https://evil.test/", "says bank.example"),
        ("https://bank.example/", "mailto:eve@evil.test", "says bank.example"),
        ("<https://bank.example/>", "https://evil.test/", "says bank.example"),
        ("→ (bank.example).", "https://evil.test/", "says bank.example"),
        ("Sign in at https://bank.example/login now", "https://evil.test/", "says bank.example"),
        ("Sign in at www.bank.example!", "https://evil.test/", "says www.bank.example"),
        ("//bank.example/", "https://evil.test/", "says bank.example"),
        ("ftp://bank.example", "https://evil.test/", "says bank.example"),
        ("bank\uff0eexample", "https://evil.test/", "says bank.example"),
        ("bank\u3002example/x", "https://evil.test/", "says bank.example"),
    ],
)
def test_deceit_is_told(text: str, target: str, word: str) -> None:
    assert word in make_link(text, target).warning


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://example.org/x", "https://example.org/x"),
        ("example.org", "https://www.example.org/?utm=1"),
        ("Click here", "https://example.net/"),
        ("report.pdf", "https://files.example/report.pdf"),
        ("e.g.", "https://example.net/"),
        ("All about https://example.org/x", "https://www.example.org/y"),
        ("Write to example.com or example.org", "https://example.net/"),
        ("ada@example.org", "mailto:Ada@example.org?subject=x"),
        ("müller.example", "https://xn--mller-kva.example/"),
    ],
)
def test_honest_links_are_not_warned_of(text: str, target: str) -> None:
    assert make_link(text, target).warning == ""


@pytest.mark.parametrize(
    ("found", "url"),
    [
        ("https://a.example/x.", "https://a.example/x"),
        ("https://a.example/x).", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("https://a.example/x_(y)),", "https://a.example/x_(y)"),
        ("https://a.example/?q=1'", "https://a.example/?q=1"),
        ("...", ""),
    ],
)
def test_punctuation_is_not_part_of_a_link(found: str, url: str) -> None:
    assert without_punctuation(found) == url


def test_registrable() -> None:
    assert registrable("a.b.example.org") == "example.org"
    assert registrable("www.example.co.uk") == "example.co.uk"
    assert registrable("co.uk") == "co.uk"
    assert registrable("localhost") == "localhost"
