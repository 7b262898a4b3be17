# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting an address list into mailboxes (RFC 5322 §3.4 with §4.4), in one pass and without recursion.

What never closes (a quote, a comment) is looked for once; from then on its opening character is plain text. That keeps the time
linear whatever is fed in.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>\s++)
    | (?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?<>"]*+\?=)
    | (?P<special>[,;:<>()"@.\[\]\\])
    | (?P<atom>(?:(?!=\?)[^\s,;:<>()"@.\[\]\\])++|=)""",
    re.VERBOSE,
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ANGLE = re.compile(r'<((?:[^<>"]|"(?:[^"\\]|\\.)*+")*+)>', re.DOTALL)
_OPEN_ANGLE = re.compile(r"<([^<>,;]*+)")
_LITERAL = re.compile(r"\[[^\[\]\s,;<>]{0,255}\]")
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BEFORE = re.compile(r"(?:mailto:|@[^:<>\"]*+:)++", re.IGNORECASE)
"""Of an address: an obsolete route (RFC 5322 §4.4), and what copied links bring."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One entry as it stands: name not decoded, address not checked. Nothing in it is safe to show."""

    phrase: str
    spec: str = ""
    """The addr-spec; empty where none can be seen."""
    comment: str = ""
    angle: bool = False
    """The address stood in angle brackets."""
    bare: bool = False
    """Plain words without an address."""
    before_comma: bool = False


class _Token(NamedTuple):
    text: str
    spaced: bool
    """Blanks stand before it."""
    kind: str
    """``word``, ``atom``, ``special`` or ``quoted``."""
    raw: str
    """With quotes, where it had them."""


@dataclass(slots=True)
class _Scanner:
    """What is known while going through the text."""

    text: str
    found: list[Mailbox] = field(default_factory=list)
    tokens: list[_Token] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    spaced: bool = False
    quotes_close: bool = True
    comments_close: bool = True
    complete: bool = True

    def run(self) -> None:
        """Go through the whole text."""
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            assert match is not None  # the alternatives cover every character
            kind = match.lastgroup or ""
            if kind == "special":
                at = self._special(match[0], at)
                continue
            at = match.end()
            if kind == "blank":
                self.spaced = True
            else:
                self._add(match[0], kind)
        self._flush("")

    def _add(self, text: str, kind: str, raw: str = "") -> None:
        self.tokens.append(_Token(text, self.spaced, kind, raw or text))
        self.spaced = False

    def _special(self, character: str, at: int) -> int:
        """Take the special character at ``at`` and what belongs to it; where to go on."""
        match character:
            case "," | ";":
                self._flush(character)
            case ":":
                self._colon()
            case '"':
                return self._quoted(at)
            case "(":
                return self._comment(at)
            case "<":
                return self._angle(at)
            case "[":
                literal = _LITERAL.match(self.text, at)
                if literal and self.tokens and self.tokens[-1].text == "@":
                    self._add(literal[0], "atom")
                    return literal.end()
                self._add("[", "atom")
            case ">" | "\\":
                self.complete = False
            case _:
                self._add(character, "special" if character in "@." else "atom")
        return at + 1

    def _colon(self) -> None:
        """The end of a group's name, or of a stray ``mailto:``; after an ``@`` just a character."""
        if self.angles or any(token.text == "@" and token.kind == "special" for token in self.tokens[-8:]):
            self._add(":", "atom")
        else:
            self.tokens.clear()
            self.comments.clear()

    def _quoted(self, at: int) -> int:
        quoted = _QUOTED.match(self.text, at) if self.quotes_close else None
        if not quoted:
            self.quotes_close = self.complete = False
            return at + 1
        self._add(_ESCAPED.sub(r"\1", quoted[1]), "quoted", quoted[0])
        return quoted.end()

    def _comment(self, at: int) -> int:
        depth = 0
        if self.comments_close:
            for match in _PARENTHESIS.finditer(self.text, at):
                depth += {"(": 1, ")": -1}.get(match[0], 0)
                if depth == 0:
                    self.comments.append(_ESCAPED.sub(r"\1", self.text[at + 1 : match.start()]))
                    self.spaced = True
                    return match.end()
        self.comments_close = self.complete = False
        return at + 1

    def _angle(self, at: int) -> int:
        angle = _ANGLE.match(self.text, at)
        if not angle:
            self.complete = False
            angle = _OPEN_ANGLE.match(self.text, at)
            assert angle is not None  # it needs no more than the bracket
        content = angle[1].strip()
        if '"' not in content:
            solid = "".join(content.split())
            self.complete = self.complete and solid == content
            content = solid
        self.angles.append(_spec(content))
        self.spaced = True
        return angle.end()

    def _flush(self, separator: str) -> None:
        """End one entry."""
        comment = " ".join(self.comments).strip()
        comma = separator == ","
        if self.angles:
            spec = next((angle for angle in self.angles if "@" in angle), self.angles[0])
            self.complete = self.complete and len(self.angles) == 1
            self.found.append(Mailbox(_joined(self.tokens), spec, comment, angle=True))
        elif self.tokens:
            self.found.extend(_without_angle(self.tokens, comment, comma))
        self.tokens.clear()
        self.comments.clear()
        self.angles.clear()
        self.spaced = False


def scan(text: str) -> tuple[list[Mailbox], bool]:
    """The entries of an unfolded address list, and whether everything in it was well-formed and closed."""
    scanner = _Scanner(text)
    scanner.run()
    return scanner.found, scanner.complete


def _joined(tokens: list[_Token]) -> str:
    return "".join(f" {token.text}" if token.spaced else token.text for token in tokens).strip()


def _without_angle(tokens: list[_Token], comment: str, comma: bool) -> list[Mailbox]:
    """``a@b``, ``Ada a@b``, ``a @ b`` (RFC 5322 §4.4), ``a@b c@d`` with the comma forgotten, or words only."""
    runs: list[list[_Token]] = []
    for token in tokens:
        glued = runs and (not token.spaced or _glues(token) or _glues(runs[-1][-1]))
        if glued:
            runs[-1].append(token)
        else:
            runs.append([token])
    specs = [run for run in runs if any(token.text == "@" and token.kind == "special" for token in run)]
    if not specs:
        return [Mailbox(_joined(tokens), "", comment, bare=True, before_comma=comma)]
    if len(specs) > 1:
        return [Mailbox("", _spec("".join(token.raw for token in run))) for run in specs]
    words = [token for run in runs if run is not specs[0] for token in run]
    return [Mailbox(_joined(words), _spec("".join(token.raw for token in specs[0])), comment)]


def _spec(text: str) -> str:
    before = _BEFORE.match(text)
    return text[before.end() :].lstrip() if before else text


def _glues(token: _Token) -> bool:
    return token.kind == "special" and token.text == "@"
