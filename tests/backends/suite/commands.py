# SPDX-License-Identifier: GPL-3.0-or-later
"""Which IMAP commands a test promises that the client sends; the fixture ``make_server`` holds it to its word."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Callable[..., object])
_ATTRIBUTE = "sends"


def sends(*commands: str) -> Callable[[T], T]:
    """Mark a test: each of these beginnings of a line must be among what its backends said."""

    def mark(test: T) -> T:
        setattr(test, _ATTRIBUTE, commands)
        return test

    return mark


def promised(test: object) -> tuple[str, ...]:
    """What a test is marked with."""
    found: tuple[str, ...] = getattr(test, _ATTRIBUTE, ())
    return found


def missing(test: object, said: Iterable[str]) -> list[str]:
    """The promises that were not kept. ``…`` stands for anything."""
    lines = list(said)
    return [promise for promise in promised(test) if not any(_fits(promise, line) for line in lines)]


def _fits(promise: str, line: str) -> bool:
    first, *rest = promise.split("…")
    at = len(first) if line.startswith(first) else -1
    for piece in rest:
        at = line.find(piece, at) if at >= 0 else -1
        at = at + len(piece) if at >= 0 else -1
    return at >= 0
