# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a name by some of its letters: ``lst py`` finds ``Lists/python-dev``. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def fuzzy(query: str, text: str) -> tuple[float, tuple[int, ...]] | None:
    """How well the words of ``query`` fit, higher is better, and which characters of ``text`` they fit; None: not at all."""
    folded = text.lower() if len(text.lower()) == len(text) else text
    score, places = 0.0, set[int]()
    for word in query.lower().split():
        found = _substring(word, folded) or _subsequence(word, folded)
        if found is None:
            return None
        score += found[0]
        places.update(found[1])
    return score - len(text) / 1000, tuple(sorted(places))


def _substring(word: str, text: str) -> tuple[float, range] | None:
    at = text.find(word)
    begins = at
    while begins > 0 and text[begins - 1].isalnum():
        begins = text.find(word, begins + 1)
    if begins >= 0:
        return 3.0 + (1.0 if begins == 0 else 0.0), range(begins, begins + len(word))
    return (2.0, range(at, at + len(word))) if at >= 0 else None


def _subsequence(word: str, text: str) -> tuple[float, list[int]] | None:
    places: list[int] = []
    at = -1
    for letter in word:
        at = text.find(letter, at + 1)
        if at < 0:
            return None
        places.append(at)
    return 1.0 - (places[-1] - places[0]) / 200, places


def fuzzy_sorted(query: str, items: Sequence[T], name: Callable[[T], str]) -> list[tuple[T, tuple[int, ...]]]:
    """The items that fit, best first, else in their order; with the characters that fit. All of them for an empty query."""
    if not query.strip():
        return [(item, ()) for item in items]
    found = [(item, match) for item in items if (match := fuzzy(query, name(item))) is not None]
    return [(item, match[1]) for item, match in sorted(found, key=lambda pair: -pair[1][0])]
