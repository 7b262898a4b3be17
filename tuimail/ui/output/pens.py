# SPDX-License-Identifier: GPL-3.0-or-later
"""Pens: what SGR (ECMA-48 §8.3.117) and OSC 8 set before text is written. Each is named by one character."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.color import Color, ColorSystem
from rich.style import Style

from tuimail.ui.output.alphabet import TableFull

PLAIN = "\0"
"""The pen that ``SGR 0`` gives."""
_PENS = 0xC000
_ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""SGR for each bit of Rich's attributes, in its order."""
_GROUPS: Sequence[tuple[int, str]] = (
    (0x3, "22"),
    (0x4, "23"),
    (0x208, "24"),
    (0x30, "25"),
    (0x40, "27"),
    (0x80, "28"),
    (0x100, "29"),
    (0xC00, "54"),
    (0x1000, "55"),
)
"""Attributes that one SGR switches off together."""
_SEEN_ON_BLANKS = 0x1F48
"""Attributes that show where there is no letter: lines, reverse, frames."""
_NOT_IN_URI = re.compile("[^\x21-\x7e]")
_NOT_IN_ID = re.compile("[^0-9A-Za-z._-]")


@dataclass(frozen=True, slots=True)
class Pen:
    """How text looks. Colours are SGR parameters, empty for the terminal's own; ``link`` is what OSC 8 takes."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""


class Pens:
    """The pens that were used so far, and the shortest way from one to another."""

    def __init__(self, system: ColorSystem, *, colors: bool = True, bce: bool = True) -> None:
        self._system = system
        self._colors = colors
        self._bce = bce
        """Background colour erase: erased cells take the pen's background."""
        self.are_dear = colors and system is not ColorSystem.STANDARD
        """Whether to change the pen takes more bytes than to jump to another column."""
        self._pens = [Pen()]
        self._names = {Pen(): PLAIN}
        self._of: dict[Style | None, tuple[str, str]] = {None: (PLAIN, PLAIN)}
        self._ways: dict[tuple[str, str, bool], tuple[str, str]] = {}

    def of(self, style: Style | None) -> tuple[str, str]:
        """The pen of a style, and one for blanks that looks the same there. Raises TableFull."""
        found = self._of.get(style)
        if found is None:
            assert style is not None
            if len(self._of) > 4096:
                self._of = {None: (PLAIN, PLAIN)}
            pen = self._pen(style)
            found = self._of[style] = (self._name(pen), self._name(_on_blank(pen)))
        return found

    def covers(self, name: str, blank: str) -> bool:
        """Whether a blank may as well be written with this pen."""
        return _on_blank(self._pens[ord(name)]) == self._pens[ord(blank)]

    def change(self, now: str, wanted: str, *, blank: bool = False) -> tuple[str, str]:
        """What to send to get from one pen to another, and the pen that one then has.

        For blanks only the background has to be right: such a pen keeps the colour and weight of the letters before.
        """
        if now == wanted:
            return "", now
        found = self._ways.get((now, wanted, blank))
        if found is None:
            if len(self._ways) > 16384:
                self._ways.clear()
            found = self._ways[now, wanted, blank] = self._change(self._pens[ord(now)], self._pens[ord(wanted)], blank)
        return found

    def erases(self, name: str) -> bool:
        """Whether erased cells look like blanks of this pen."""
        pen = self._pens[ord(name)]
        return not (pen.attributes & _SEEN_ON_BLANKS or pen.link) and (self._bce or not pen.background)

    def _change(self, now: Pen, wanted: Pen, blank: bool) -> tuple[str, str]:
        if blank and not wanted.attributes & _SEEN_ON_BLANKS:
            wanted = replace(wanted, attributes=now.attributes & ~_SEEN_ON_BLANKS, foreground=now.foreground)
        return _sgr(now, wanted) + _link(now, wanted), self._name(wanted)

    def _name(self, pen: Pen) -> str:
        name = self._names.get(pen)
        if name is None:
            if len(self._pens) >= _PENS:
                raise TableFull
            name = self._names[pen] = chr(len(self._pens))
            self._pens.append(pen)
        return name

    def _pen(self, style: Style) -> Pen:
        link = ""
        if style.link:
            uri = _NOT_IN_URI.sub(_percent, style.link)
            link = f"id={_NOT_IN_ID.sub('', style.link_id)};{uri}"
        attributes = style._attributes & style._set_attributes
        return Pen(attributes, self._codes(style.color, True), self._codes(style.bgcolor, False), link)

    def _codes(self, color: Color | None, foreground: bool) -> str:
        if color is None or not self._colors:
            return ""
        codes = ";".join(color.downgrade(self._system).get_ansi_codes(foreground))
        return "" if codes in ("39", "49") else codes


def _on_blank(pen: Pen) -> Pen:
    """The least that makes a blank look as with this pen."""
    return pen if pen.attributes & _SEEN_ON_BLANKS else replace(pen, attributes=0, foreground="")


def _sgr(now: Pen, wanted: Pen) -> str:
    """The shorter of: only what differs, or everything anew."""
    if (now.attributes, now.foreground, now.background) == (wanted.attributes, wanted.foreground, wanted.background):
        return ""
    anew = [code for code in ("0", *_attributes(wanted.attributes), wanted.foreground, wanted.background) if code]
    ways = (";".join(_difference(now, wanted)), ";".join(anew) if len(anew) > 1 else "")
    return f"\x1b[{min(ways, key=len)}m"


def _difference(now: Pen, wanted: Pen) -> list[str]:
    codes: list[str] = []
    left = now.attributes
    for group, off in _GROUPS:
        if left & group & ~wanted.attributes:
            codes.append(off)
            left &= ~group
    codes += _attributes(wanted.attributes & ~left)
    if now.foreground != wanted.foreground:
        codes.append(wanted.foreground or "39")
    if now.background != wanted.background:
        codes.append(wanted.background or "49")
    return codes


def _attributes(bits: int) -> Sequence[str]:
    return [code for bit, code in enumerate(_ON) if bits & 1 << bit]


def _link(now: Pen, wanted: Pen) -> str:
    if now.link == wanted.link:
        return ""
    return f"\x1b]8;{wanted.link or ';'}\x1b\\"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in found[0].encode("utf-8", "replace"))
