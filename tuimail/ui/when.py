# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as people type them: ``2h``, ``30m``, ``18:30``, ``2026-12-24 09:00``; and when what they type is saved."""

import re
import time
from datetime import datetime, timedelta

from tuimail.model.errors import InputWrong

_PAUSE, _LATEST = 1.0, 4.0
"""Seconds without a key after which a draft is saved; and since the first key, for those who never pause."""
_UNITS = {"m": 60, "h": 3600, "d": 86400}


def until_saved(typing: float) -> float:
    """Seconds from a key until the draft is saved, should no other follow; ``typing``: since when it is not, in seconds."""
    return min(_PAUSE, max(_LATEST - typing, 0.05))


def parse_when(text: str, now: float | None = None) -> int:
    """Seconds since 1970, in the future, by the local clock. Raises InputWrong."""
    now = time.time() if now is None else now
    text = text.strip().lower()
    if match := re.fullmatch(r"(\d{1,4})\s*([mhd])", text):
        return int(now) + int(match[1]) * _UNITS[match[2]]
    here = datetime.fromtimestamp(now).astimezone()
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", text):
            hour, minute = map(int, text.split(":"))
            when = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
            when += timedelta(days=when <= here)
        else:
            when = datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise InputWrong("That is no time.", "Write it as 2h, 30m, 18:30 or 2026-12-24 09:00.") from None
    if when.timestamp() <= now:
        raise InputWrong("That time is over.", "Choose one in the future.")
    return int(when.timestamp())
