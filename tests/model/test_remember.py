# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered, and what is too large for that."""

from tuimail.model.remember import LONG, remember


def test_a_short_text_is_worked_out_once_and_a_long_one_is_not_kept() -> None:
    worked: list[str] = []

    @remember(2)
    def upper(text: str) -> str:
        worked.append(text)
        return text.upper()

    short, long = "x" * LONG, "x" * (LONG + 1)
    for text in (short, short, long, long):
        assert upper(text) == text.upper()
    assert worked == [short, long, long]
    for text in ("a", "b", short):
        upper(text)
    assert worked[3:] == ["a", "b", short], "no more than two are kept"


def test_several_texts_are_measured_together() -> None:
    worked: list[tuple[str | None, str]] = []

    @remember(8, size=lambda name, host: len(name or "") + len(host), most=3)
    def joined(name: str | None, host: str) -> str:
        worked.append((name, host))
        return f"{name}@{host}"

    assert [joined(None, "abc"), joined(None, "abc")] == ["None@abc"] * 2
    assert [joined("a", "abc"), joined("a", "abc")] == ["a@abc"] * 2
    assert worked == [(None, "abc"), ("a", "abc"), ("a", "abc")]
