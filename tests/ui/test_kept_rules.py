# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet is parsed once for many starts, and says the same."""

import pytest
from textual.css.stylesheet import Stylesheet

from tuimail.ui.kept_rules import KeptRules

SHEET = """
#list { height: 2fr; background: $surface; border-left: solid $panel; }
.-wide #list:focus > .row, Input { width: 50%; text-style: bold; color: $panel 50%; layout: grid; }
"""
COLORS = {"surface": "#102030", "panel": "red"}


def sheet_of(notes: dict[str, bytes], colors: dict[str, str]) -> tuple[KeptRules, Stylesheet]:
    """A sheet that was recalled where it could be, and is parsed."""
    sheet = Stylesheet(variables=colors)
    sheet.add_source(SHEET, read_from=("sheet", ""))
    rules = KeptRules(sheet, notes)
    rules.recall()
    sheet.parse()
    rules.note()
    return rules, sheet


def told(sheet: Stylesheet) -> list[tuple[str, object, object]]:
    return [(rule.css, rule.selector_names, [one.specificity for one in rule.selector_set]) for rule in sheet.rules]


def test_what_was_parsed_once_is_not_parsed_again_and_says_the_same() -> None:
    notes: dict[str, bytes] = {}
    _, first = sheet_of(notes, COLORS)
    noted = dict(notes)
    _, second = sheet_of(notes, COLORS)
    assert len(told(first)) == 2
    assert told(second) == told(first)
    assert notes["rules"] is noted["rules"], "nothing had to be parsed"


def test_with_other_colours_it_is_parsed_anew() -> None:
    notes: dict[str, bytes] = {}
    _, red = sheet_of(notes, COLORS)
    noted = dict(notes)
    _, blue = sheet_of(notes, COLORS | {"panel": "blue"})
    assert told(blue) != told(red)
    assert told(blue) == told(sheet_of({}, COLORS | {"panel": "blue"})[1])
    assert notes != noted


@pytest.mark.parametrize("noted", [b"", b"nonsense", b"\x80\x04N.", b"\x80\x05X"])
def test_nonsense_is_as_good_as_nothing(noted: bytes) -> None:
    notes = {"rules": noted}
    _, sheet = sheet_of(notes, COLORS)
    assert told(sheet) == told(sheet_of({}, COLORS)[1])
    assert notes["rules"] != noted
