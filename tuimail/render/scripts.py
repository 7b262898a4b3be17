# SPDX-License-Identifier: GPL-3.0-or-later
"""Superscripts and subscripts in the digits that Unicode has for them: 10⁻³ is not 10-3."""

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_BESIDE = frozenset(" ,.\u00a0")
"""What may stand among those digits and has no small form."""
_LONGEST = 12
"""Characters; what is longer is text in small letters."""


def small(text: str, script: str) -> str:
    """The text of a ``sup`` or ``sub`` element; as it is where not all of it can be written small."""
    table = _RAISED if script == "sup" else _LOWERED
    fits = len(text) <= _LONGEST and all(ord(character) in table or character in _BESIDE for character in text)
    return text.translate(table) if fits else text
