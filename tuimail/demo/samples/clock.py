# SPDX-License-Identifier: GPL-3.0-or-later
"""When sample mail was sent: relative to now, and before today only between seven and ten, when people are awake."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

DAY = 86400
_ZONE = timezone(timedelta(hours=1))
_WAKING = 7 * 3600
_HOURS_AWAKE = 15


def ago(now: int, days: float) -> int:
    """Seconds since 1970. The order of two moments is kept."""
    moment = now - int(days * DAY)
    offset = 3600
    today, day = (now + offset) // DAY, (moment + offset) // DAY
    if day == today:
        return moment
    second = (moment + offset) % DAY
    return day * DAY - offset + _WAKING + second * _HOURS_AWAKE // 24


def local(seconds: int) -> datetime:
    """The wall clock of everybody in the sample mail."""
    return datetime.fromtimestamp(seconds, _ZONE)


def date_field(seconds: int) -> str:
    """The value of a Date field."""
    return format_datetime(local(seconds))
