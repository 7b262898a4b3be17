# SPDX-License-Identifier: GPL-3.0-or-later
"""The Date field (RFC 5322 §3.3, §4.3) and what is found in its place."""

import re
from calendar import monthrange, timegm

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As they are written in the Date field, in every locale."""
_MONTHS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[\s.-]{1,5}([a-z]{3})[a-z]{0,6}[\s.,-]{1,5}(\d{2,4})(?!\d)", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"(?<![a-z])([a-z]{3})[a-z]{0,6}\.?\s{1,5}(\d{1,2}),?\s{1,5}", re.IGNORECASE)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?(?:\s{0,3}([ap])\.?m\b)?", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d:+-])(\d{4})(?![\d:])")
_OFFSET = re.compile(r"(?:gmt|utc)?\s{0,3}([+-])(\d{1,2}):?(\d{2})(?!\d)|\b(z|[a-z]{2,4})\b", re.IGNORECASE)
_ZONES = {
    "z": 0, "ut": 0, "gmt": 0, "utc": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
    "hkt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
MAX_LENGTH = 200


def parse_date(value: str) -> int | None:
    """Seconds since 1970 in UTC, or None for what cannot be understood. An unknown or missing zone counts as UTC."""
    text = value[:MAX_LENGTH]
    time = _TIME.search(text)
    day = _day(text)
    if day is None:
        return None
    year, month, number = day
    hour, minute, second = (int(time[1]), int(time[2]), int(time[3] or 0)) if time else (0, 0, 0)
    if time and time[4]:
        hour = hour % 12 + (12 if time[4].lower() == "p" else 0)
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= number <= monthrange(year, month)[1]):
        return None
    if hour > 24 or minute > 59 or second > 60:
        return None
    return timegm((year, month, number, hour, minute, second, 0, 0, 0)) - _offset(text[time.end() :] if time else "")


def _day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of the month, not yet checked."""
    if found := _DAY_FIRST.search(text):
        month = _MONTHS.get(found[2].lower())
        if month:
            return _full_year(found[3]), month, int(found[1])
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    for found in _MONTH_FIRST.finditer(text):
        month = _MONTHS.get(found[1].lower())
        year = _YEAR.search(text, found.end())
        if month and year:
            return int(year[1]), month, int(found[2])
    return None


def _full_year(digits: str) -> int:
    """RFC 5322 §4.3: two digits below 50 are of this century, other short ones count from 1900."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + 2000 if year < 50 else year + 1900


def _offset(text: str) -> int:
    """Seconds east of UTC."""
    for found in _OFFSET.finditer(text):
        if found[1]:
            hours, minutes = int(found[2]), int(found[3])
            if hours > 24 or minutes > 59:
                return 0
            return (hours * 3600 + minutes * 60) * (1 if found[1] == "+" else -1)
        if found[4].lower() in _ZONES:
            return _ZONES[found[4].lower()] * 3600
    return 0
