# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates in FETCH responses: the standard forms fast, the rest by `tuimail.mime.dates`."""

import re
from datetime import date
from functools import lru_cache

from tuimail.mime.dates import parse_date

_STANDARD = re.compile(r"(?:[A-Z][a-z]{2}, )? ?(\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\b")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_SECONDS = {f":{second:02}": second for second in range(60)}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST = 40
_EPOCH = date(1970, 1, 1).toordinal()


def seconds(text: str) -> int | None:
    """Seconds since 1970, for the Date field and INTERNALDATE alike; None for what cannot be understood."""
    usual = usual_seconds(text)
    return _seconds(text) if usual is None else usual


def usual_seconds(text: str) -> int | None:
    """The same for a date that ends in its time of day and its zone, as most do; None for any other."""
    if len(text) > _LONGEST:
        return None
    second, minute = _SECONDS.get(text[-9:-6]), _minute(text[-14:-9])
    if second is None or minute is None:
        return None
    midnight = _midnight(text[:-14], text[-6:])
    return None if midnight is None else midnight + minute + second


@lru_cache(maxsize=2048)
def _minute(clock: str) -> int | None:
    """Seconds from midnight to ``"23:59"``; None for anything else."""
    return int(clock[:2]) * 3600 + int(clock[3:]) * 60 if _CLOCK.fullmatch(clock) else None


@lru_cache(maxsize=8192)
def _midnight(before: str, behind: str) -> int | None:
    """What the day and the zone around a clock come to; None where they are written in an unusual way."""
    return _seconds(f"{before}00:00:00{behind}") if _STANDARD.fullmatch(f"{before}00:00:00{behind}") else None


def _seconds(text: str) -> int | None:
    match = _STANDARD.match(text)
    day = _day(match[1]) if match else None
    if match is None or day is None:
        return parse_date(text)
    _, hour, minute, second, sign, east, east_minutes = match.groups()
    if hour > "23" or minute > "59" or second > "60" or east > "14" or east_minutes > "59":
        return parse_date(text)
    offset = int(east) * 3600 + int(east_minutes) * 60
    return day + int(hour) * 3600 + int(minute) * 60 + int(second) - (offset if sign == "+" else -offset)


@lru_cache(maxsize=8192)
def _day(text: str) -> int | None:
    """Midnight of ``"7 Feb 2022"`` or ``"07-Feb-2022"``; most mail shares its day with other mail."""
    day, month, year = text[:-9], text[-8:-5], text[-4:]
    try:
        return (date(int(year), _MONTHS.index(month) + 1, int(day)).toordinal() - _EPOCH) * 86_400
    except ValueError:
        return None
