# SPDX-License-Identifier: GPL-3.0-or-later
"""The shortest way for the cursor (ECMA-48: CUP, CHA, CUU, CUD, CUF, CUB; CR, LF)."""


def way(from_x: int | None, from_y: int | None, x: int, y: int) -> str:
    """What moves the cursor to a cell, counted from 0. None: where it stands is not known."""
    if from_y == y:
        return _along(from_x, x)
    absolute = f"\x1b[{_one(y + 1)};{x + 1}H" if x else f"\x1b[{_one(y + 1)}H"
    if from_y is None:
        return absolute
    if y == from_y + 1 and x < 4 and len(lower := "\r\n" + _forward(x)) < len(absolute):
        return lower
    if from_x == x:
        return f"\x1b[{_one(abs(y - from_y))}{'B' if y > from_y else 'A'}"
    return absolute


def _along(from_x: int | None, x: int) -> str:
    if from_x == x:
        return ""
    if x == 0:
        return "\r"
    absolute = f"\x1b[{x + 1}G"
    if from_x is None:
        return absolute
    relative = _forward(x - from_x) if x > from_x else f"\x1b[{_one(from_x - x)}D"
    return min(relative, absolute, key=len)


def _forward(cells: int) -> str:
    return f"\x1b[{_one(cells)}C" if cells else ""


def _one(number: int) -> str:
    """1 is what a missing parameter means."""
    return "" if number == 1 else str(number)
