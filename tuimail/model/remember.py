# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache for what texts come to, that nobody can fill with long ones."""

from collections.abc import Callable, Sized
from functools import lru_cache, wraps
from typing import TypeVar

Text = TypeVar("Text", bound=Sized)
Result = TypeVar("Result")
_LONG = 1000


def remember(count: int) -> Callable[[Callable[[Text], Result]], Callable[[Text], Result]]:
    """As `functools.lru_cache`, of so many texts; what has more than a thousand characters is worked out each time.

    Texts come from servers, which decide how long they are: thousands of addresses in each of thousands of messages would stay
    in memory.
    """

    def decorate(function: Callable[[Text], Result]) -> Callable[[Text], Result]:
        remembered = lru_cache(maxsize=count)(function)

        @wraps(function)
        def look(text: Text) -> Result:
            return remembered(text) if len(text) <= _LONG else function(text)  # type: ignore[arg-type]

        return look

    return decorate
