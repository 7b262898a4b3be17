# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of searching: ``ada "summer party" from:bob is:unread after:2026-03 -draft``."""

import difflib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tuimail.model.errors import InputWrong
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN


class Field(StrEnum):
    """Where a word is looked for."""

    ANYWHERE = ""
    FROM = "from"
    TO = "to"
    """To, Cc or Bcc."""
    SUBJECT = "subject"


STATES: dict[str, tuple[str, bool]] = {
    "unread": (SEEN, False),
    "read": (SEEN, True),
    "starred": (FLAGGED, True),
    "flagged": (FLAGGED, True),
    "answered": (ANSWERED, True),
    "draft": (DRAFT, True),
}
"""After ``is:``: the flag, and whether it is set."""
EVERYWHERE = "all"
"""``in:all``."""
_KEYS = ("from", "to", "subject", "is", "has", "in", "before", "after", "newer", "older")
_WORD = re.compile(r'(-?)(?:([A-Za-z]+):)?("[^"]*"?|\S*)')
_SPAN = re.compile(r"(\d{1,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
# Scripts written without blanks between words, and Hangul, whose words carry endings.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u30ff\u3100-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that stand together in this order."""

    text: str
    field: Field = Field.ANYWHERE
    begun: bool = False
    """Its last word is still being typed: any word that begins so will do."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: everything that is named, nothing that is left out."""

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    flags: tuple[tuple[str, bool], ...] = ()
    """A flag, and whether it is to be set."""
    attachment: bool | None = None
    folder: str = ""
    """The name after ``in:``; empty: where the user is."""
    after: int | None = None
    """Seconds since 1970, inclusive."""
    before: int | None = None
    """The same, exclusive."""

    @property
    def words(self) -> str:
        """The words that are looked for, for marking them."""
        return " ".join(term.text for term in self.terms)

    @property
    def as_typed(self) -> "Query":
        """The same with every word taken as complete."""
        return replace(self, terms=tuple(replace(term, begun=False) for term in self.terms))

    def __bool__(self) -> bool:
        return self != Query()


def segmented(text: str) -> str:
    """The text with every character of a script without word breaks standing alone, so that any run of them can be found."""
    return text if text.isascii() else _UNSPACED.sub(r" \g<0> ", text)


def parse_query(text: str, now: float | None = None) -> Query:
    """Read what was typed. Raises InputWrong for a key or a value that does not exist.

    Days are the user's own. An open quotation goes to the end; a key without a value is not finished and counts for nothing.
    """
    reading = _Reading(time.time() if now is None else now)
    last = text.rstrip() == text
    words = [match for match in _WORD.finditer(text) if match[0] not in ("", "-")]
    for index, match in enumerate(words):
        quoted = match[3].startswith('"')
        value = match[3].strip('"') if quoted else match[3]
        reading.word(match[2], value.strip(), without=bool(match[1]), begun=last and not quoted and index == len(words) - 1)
    return reading.query()


@dataclass
class _Reading:
    """A query as far as it was read."""

    now: float
    terms: list[Term] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    attachment: bool | None = None
    folder: str = ""
    after: int | None = None
    before: int | None = None

    def query(self) -> Query:
        """All of it."""
        return Query(
            tuple(self.terms),
            tuple(self.without),
            tuple(self.flags.items()),
            self.attachment,
            self.folder,
            self.after,
            self.before,
        )

    def word(self, key: str | None, value: str, *, without: bool, begun: bool) -> None:
        """Take in one word, with the key before it."""
        name = (key or "").lower()
        if name and name not in _KEYS:
            if near := difflib.get_close_matches(name, _KEYS, 1, 0.75):
                raise InputWrong(f"“{name}:” means nothing in a search.", f"Did you mean “{near[0]}:”?")
            name, value = "", f"{key}:{value}"
        if not value:
            return
        if name in ("", *Field):
            self._term(Term(value, Field(name), begun and not without), without=without)
        else:
            keys: dict[str, Callable[[str, bool], None]] = {"is": self._state, "has": self._has, "in": self._in}
            if name in keys:
                keys[name](value, without)
            else:
                self._day(name, value, without)

    def _term(self, term: Term, *, without: bool) -> None:
        if any(char.isalnum() for char in term.text):
            (self.without if without else self.terms).append(term)

    def _state(self, value: str, without: bool) -> None:
        state = STATES.get(value.lower())
        if state is None:
            raise InputWrong(f"“is:{value}” means nothing in a search.", f"After is: comes {_one_of(STATES)}.")
        flag, wanted = state
        self.flags[flag] = wanted is not without

    def _has(self, value: str, without: bool) -> None:
        if value.lower() not in ("attachment", "attachments"):
            raise InputWrong(f"“has:{value}” means nothing in a search.", "After has: comes attachment.")
        self.attachment = not without

    def _in(self, value: str, without: bool) -> None:
        if without:
            raise InputWrong("A folder cannot be left out of a search.", "in:NAME searches one folder, in:all every one.")
        self.folder = value

    def _day(self, key: str, value: str, without: bool) -> None:
        if key in ("newer", "older"):
            span = _SPAN.fullmatch(value.lower())
            if span is None:
                raise InputWrong(
                    f"“{key}:{value}” means nothing in a search.", f"After {key}: comes a time such as 7d, 2w, 3m or 1y."
                )
            moment = int(self.now) - int(span[1]) * _DAYS[span[2]] * 86_400
        else:
            moment = self._midnight(key, value.lower())
        if (key in ("newer", "after")) is not without:
            self.after = moment if self.after is None else max(moment, self.after)
        else:
            self.before = moment if self.before is None else min(moment, self.before)

    def _midnight(self, key: str, value: str) -> int:
        """When a day, month or year begins, in the user's own time."""
        today = datetime.fromtimestamp(self.now).astimezone().date()
        days = {"today": today, "yesterday": today - timedelta(1)}
        try:
            numbers = [int(number) for number in value.split("-")] if value not in days else []
            day = days.get(value) or date(*[*numbers, 1, 1][:3] if len(numbers) <= 3 else ())
            return int(datetime(day.year, day.month, day.day).astimezone().timestamp())
        except (ValueError, TypeError, OverflowError):
            raise InputWrong(
                f"“{key}:{value}” means nothing in a search.",
                f"After {key}: comes a day such as 2026-03-31, 2026-03, 2026 or today.",
            ) from None


def _one_of(names: dict[str, tuple[str, bool]]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"
