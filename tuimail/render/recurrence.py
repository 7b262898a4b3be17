# SPDX-License-Identifier: GPL-3.0-or-later
"""Recurrence rules (RFC 5545 §3.3.10) in words: how often, on which days, until when."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import islice

from tuimail.model.text import safe_line

_FREQUENCIES = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months", "YEARLY": "years", "HOURLY": "hours"}
_DAYS = {
    "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday", "SU": "Sunday",
}  # fmt: skip
_PLACES = {"": "", "1": "first ", "2": "second ", "3": "third ", "4": "fourth ", "5": "fifth ", "-1": "last "}
_DAY = re.compile(r"\+?(-?\d{0,2})([A-Z]{2})")
_MOST_DAYS = 7


def repeats(rule: object) -> str:
    """Safe to show; empty where there is no rule. What is rarer than days and an end is not told."""
    if not isinstance(rule, Mapping):
        return ""
    frequency = str(_first(rule, "FREQ")).upper()
    interval = str(_first(rule, "INTERVAL"))
    text = f"every {interval} {_FREQUENCIES[frequency]}" if interval not in ("", "1") and frequency in _FREQUENCIES else ""
    text = (text or frequency.lower()) + _days(rule)
    if count := _first(rule, "COUNT"):
        text += f", {count} times"
    until = _first(rule, "UNTIL")
    if isinstance(until, date):
        text += f" until {until:%-d %B %Y}"
    return safe_line(text, limit=200)


def _days(rule: Mapping[object, object]) -> str:
    """`` on Monday, last Friday``; empty where a day is not understood."""
    listed = rule.get("BYDAY")
    found = [_DAY.fullmatch(str(day).upper()) for day in islice(listed if isinstance(listed, list) else [], _MOST_DAYS + 1)]
    words = [f"{_PLACES[day[1]]}{_DAYS[day[2]]}" for day in found if day and day[1] in _PLACES and day[2] in _DAYS]
    return f" on {', '.join(words)}" if words and len(words) == len(found) <= _MOST_DAYS else ""


def _first(rule: Mapping[object, object], name: str) -> object:
    value = rule.get(name)
    return (value[0] if value else "") if isinstance(value, list) else value if value is not None else ""
