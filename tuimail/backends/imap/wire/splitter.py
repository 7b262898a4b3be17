# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets as they arrive → complete responses with their literals (RFC 9051 §2.2.2, §4.3)."""

import io
import re
from collections.abc import Iterator

from tuimail.model.errors import ServerBroken

Unit = tuple[bytes, ...]
"""One response without its CRLF: text, literal, text, literal, …, text. The ``{n}`` before a literal is left out."""


class Shortened(tuple[bytes, ...]):
    """The beginning of a FETCH response that was too long to be kept; the rest of it was passed over."""

    __slots__ = ()


class Endless(ServerBroken):
    """The server says more than anybody may, so that nothing behind it can be heard."""


MAX_LINE = 1 << 20
MAX_LONG_LINE = 16 << 20
"""Limit of a line that lists message numbers, which grows with the mailbox: SEARCH, ESEARCH, VANISHED; and of one with the
structure of a message, which may be ten times as long as the message. Of a longer one of these the end is waited for, and
nothing is kept: a connection that ends there would do so each time, and one message would keep all others from being read.
"""
MAX_PASSED = 256 << 20
"""Limit of a line that is passed over."""
MAX_LITERAL = 256 << 20
_LARGE = 1 << 20
"""Octets from which on a literal is collected by itself: in the buffer there would be several copies of it."""

_LONG_LINES = re.compile(rb"\* (?:SEARCH|ESEARCH|VANISHED|\d{1,10} FETCH)", re.IGNORECASE)
_FETCH = re.compile(rb"\* \d{1,10} FETCH", re.IGNORECASE)
_TOO_MUCH = "The server announced more data than what was asked for may hold."
_BEGINNING = 200
_END = 32
"""Octets at the end of what came of a line that is passed over that may belong to the length of a literal, or to CRLF."""
_PIECE = 16
"""Octets of the usual limit for which a long line may have one literal: each takes more memory than its octets."""
_LITERAL = re.compile(rb"\{(\d{1,20})\+?\}$")
_TEXT_TO_THE_END = re.compile(rb"\+|\* (?:OK|NO|BAD|BYE|PREAUTH)(?: |$)|[^*\s]", re.IGNORECASE)
"""Responses that end in free text: what looks like a literal there is part of the text."""
_COMPLETION = re.compile(rb"[A-P]{4}\d+ (?:OK|NO|BAD) [^\r\n]*\n")
"""The end of one of our commands, by our tags, which no sender of mail can guess, with LF alone as its end: so GNU mailutils
imap4d answers AUTHENTICATE."""


class Splitter:
    """Collects octets and yields units. After a unit the caller may stop and take the `rest`."""

    def __init__(self, max_line: int = MAX_LINE, max_literal: int = MAX_LITERAL) -> None:
        self._max_line = max_line
        self.max_literal = max_literal
        self.most_kept = max_literal
        """Octets of literals that one response may bring. Of a FETCH response that brings more nothing is kept."""
        self._buffer = bytearray()
        self._at = 0
        self._searched = 0
        self._literal = -1
        self._large: io.BytesIO | None = None
        """What came of a literal that is collected by itself."""
        self._came = 0
        """How many octets of it came."""
        self._pieces: list[bytes] = []
        self._passing: Shortened | None = None
        """The response that is being passed over."""
        self._text_octets = 0
        self._literal_octets = 0

    def feed(self, data: bytes) -> None:
        """Add what was read."""
        self._buffer += data if self._large is None else self._collected(data)

    def rest(self) -> bytes:
        """Take everything that no unit holds yet."""
        rest = bytes(self._buffer[self._at :])
        self._buffer.clear()
        self._at = self._searched = 0
        return rest

    def units(self) -> Iterator[Unit]:
        """The units that are complete. Raises ServerBroken beyond the limits."""
        if not self._goes_on():
            return
        buffer = bytes(self._buffer)  # each piece is copied once from here, from a bytearray it would be twice
        while True:
            at = self._at
            if self._literal >= 0:
                if (literal := self._whole_literal(buffer)) is None:
                    break
                if self._passing is None:
                    self._pieces.append(literal)
                self._literal, at = -1, self._at
            if not buffer.startswith(b"*", at) and not self._inside and (bare := _COMPLETION.match(buffer, at)):
                self._at = self._searched = bare.end()
                yield (buffer[at : bare.end() - 1],)
                continue
            end = buffer.find(b"\r\n", max(self._searched, at))
            if end < 0:
                self._searched = max(at, len(buffer) - 1)
                self._check_text(len(buffer) - at)
                self._pass_over()
                break
            if self._text_octets + end - at > self._max_line:
                self._check_text(end - at)
            line = buffer[at:end]
            self._at = self._searched = end + 2
            if line.endswith(b"}") and self._begins_literal(line):
                continue
            unit = (*self._pieces, line) if self._passing is None else self._passing
            self._pieces.clear()
            self._passing = None
            self._text_octets = self._literal_octets = 0
            yield unit
        del self._buffer[: self._at]
        self._searched -= self._at
        self._at = 0

    def _whole_literal(self, buffer: bytes) -> bytes | None:
        """The literal that has begun, once all of it came."""
        if self._large is not None:
            literal, self._large = self._large.getvalue(), None
            return literal
        start, end = self._at, self._at + self._literal
        if len(buffer) >= end:
            self._at = end
            return buffer[start:end]
        if self._literal >= _LARGE:
            self._large, self._came = io.BytesIO(), 0
            self._collected(buffer[start:])
            self._at = self._searched = len(buffer)
        return None

    def _collected(self, data: bytes) -> bytes:
        """Add to the large literal; what is left belongs behind it."""
        part = data[: self._literal - self._came]
        self._came += len(part)
        if self._passing is None and self._large is not None:
            self._large.write(part)
        return data[len(part) :]

    def _goes_on(self) -> bool:
        """Whether what is waited for has come. What is long is not looked through, or copied, with each of its portions."""
        buffer, at = self._buffer, self._at
        if self._literal >= 0:
            return self._came == self._literal if self._large is not None else len(buffer) >= at + self._literal
        if buffer.find(b"\r\n", max(self._searched, at)) >= 0:
            return True
        if not self._inside and _COMPLETION.match(buffer, at):
            return True
        self._searched = max(at, len(buffer) - 1)
        self._check_text(len(buffer) - at)
        self._pass_over()
        return False

    @property
    def _inside(self) -> bool:
        """Whether the text that comes next goes on with a response."""
        return bool(self._pieces) or self._passing is not None

    def _begins_literal(self, line: bytes) -> bool:
        match = _LITERAL.match(line, max(line.rfind(b"{"), 0))
        if not match or (not self._inside and _TEXT_TO_THE_END.match(line)):
            return False
        self._literal = int(match[1])
        self._text_octets += len(line)
        self._literal_octets += self._literal
        if self._literal_octets > self.max_literal:
            raise Endless(_TOO_MUCH)
        if self._passing is None and self._literal_octets > self.most_kept:
            self._pass(self._pieces[0] if self._pieces else line, _TOO_MUCH)
        if self._passing is None:
            self._pieces.append(line[: match.start()].removesuffix(b"~"))
        return True

    def _check_text(self, octets: int) -> None:
        total = self._text_octets + octets
        if total <= (self._max_line if self._passing is None else MAX_PASSED):
            return
        start = self._pieces[0] if self._pieces else bytes(self._buffer[self._at : self._at + _BEGINNING])
        in_pieces = len(self._pieces) > self._max_line // _PIECE
        if total <= MAX_LONG_LINE and not in_pieces and _LONG_LINES.match(start):
            return
        self._pass(start, "The server sent a line without end.")

    def _pass(self, start: bytes, trouble: str) -> None:
        """From here on keep nothing of this response. Raises Endless where that is no FETCH, or was so already."""
        if self._passing is not None or not _FETCH.match(start):
            raise Endless(trouble)
        self._passing = Shortened((start[:_BEGINNING],))
        self._pieces.clear()

    def _pass_over(self) -> None:
        """Drop what came of a line that is not kept."""
        passed = len(self._buffer) - self._at - _END
        if self._passing is not None and passed > 0:
            self._text_octets += passed
            del self._buffer[: self._at + passed]
            self._at, self._searched = 0, _END - 1
