# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of body parts of one message (RFC 2045, RFC 9051 §7.5.2 BODYSTRUCTURE)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """One body part. All text is decoded and safe to show."""

    section: str
    """The IMAP section number, ``"1.2"``; ``""`` is a multipart root."""
    content_type: str
    """``type/subtype`` in lower case."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Content-Type parameters, names in lower case, RFC 2231 decoded."""
    encoding: str = "7bit"
    """Content-Transfer-Encoding in lower case."""
    size: int = 0
    """Octets as transferred, that is still encoded."""
    disposition: str = ""
    """``attachment``, ``inline`` or empty."""
    filename: str = ""
    """From Content-Disposition, else from Content-Type's ``name``; never trusted as a path."""
    content_id: str = ""
    """Without angle brackets."""
    children: tuple["Part", ...] = ()

    def walk(self) -> Iterator["Part"]:
        """This part and everything below it, in document order, without recursion."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))

    def find(self, section: str) -> "Part | None":
        """The part with that section number."""
        return next((part for part in self.walk() if part.section == section), None)

    @property
    def is_multipart(self) -> bool:
        """Whether it is a container and has no content of its own."""
        return self.content_type.startswith("multipart/")

    @property
    def charset(self) -> str:
        """The declared charset in lower case; empty where none is."""
        return self.params.get("charset", "").lower()

    @property
    def decoded_size(self) -> int:
        """Octets after decoding, exact to the line breaks of base64."""
        return self.size * 3 // 4 * 76 // 78 if self.encoding == "base64" else self.size
