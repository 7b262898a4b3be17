# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache for what texts come to, that nobody can fill with long ones."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar, TypeVarTuple

Texts = TypeVarTuple("Texts")
Result = TypeVar("Result")
LONG = 1000
"""Characters: what has more is not worth remembering."""


def remember(
    count: int, *, size: Callable[..., int] = len, most: int = LONG
) -> Callable[[Callable[[*Texts], Result]], Callable[[*Texts], Result]]:
    """As `functools.lru_cache`, of so many calls; what is larger than ``most`` is worked out each time.

    ``size`` takes what the function takes, and tells how large that is: of one text its characters. Texts come from servers,
    which decide how long they are: thousands of addresses in each of thousands of messages would stay in memory.
    """

    def decorate(function: Callable[[*Texts], Result]) -> Callable[[*Texts], Result]:
        remembered = lru_cache(maxsize=count)(function)

        @wraps(function)
        def look(*texts: *Texts) -> Result:
            return remembered(*texts) if size(*texts) <= most else function(*texts)

        return look

    return decorate
