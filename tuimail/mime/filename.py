# SPDX-License-Identifier: GPL-3.0-or-later
"""A name for a file that a stranger chose, made harmless for every file system."""

import re
import unicodedata

from tuimail.mime.content_type import extension_of
from tuimail.model.part import Part

MAX_OCTETS = 200
_NOT_ALLOWED = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
"""Devices of Windows, with any extension."""
_LIKE_SLASHES = dict.fromkeys(map(ord, "∕／⁄⧸＼⧵﹨∖"), "_")
"""What no file system takes for a separator, but a reader does."""
_BLANKS = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u2800\u3164\uffa0"))
"""Letters and symbols that nobody sees."""
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_filename(name: str, fallback: str = "attachment") -> str:
    """The last component of ``name`` as a plain file name, at most 200 octets of UTF-8 with the extension kept.

    No path and nothing that looks like one, no control, bidi or invisible characters, no leading dot or dash, no trailing dot
    or blank, no device of Windows; ``fallback`` where nothing is left.
    """
    name = unicodedata.normalize("NFC", name[:4096]).replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    name = "".join(character for character in name if unicodedata.category(character) not in _INVISIBLE)
    name = " ".join(_NOT_ALLOWED.sub("_", name.translate(_LIKE_SLASHES | _BLANKS)).split()).lstrip(".-~ ").rstrip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name) or fallback


def part_filename(part: Part) -> str:
    """The name to save a part under, or to pass it on with: what its sender chose, else one that tells its kind."""
    return safe_filename(part.filename, f"part-{part.section}.{extension_of(part.content_type)}")


def message_filename(subject: str) -> str:
    """The name of a message's file: its whole subject, where slashes are no path."""
    stem = safe_filename(subject.replace("/", "_").replace("\\", "_"), "message").removesuffix(".eml")
    return safe_filename(f"{stem}.eml", "message.eml")


def _shortened(name: str) -> str:
    """Cut in the middle of a name that is too long, so that the extension stays."""
    octets = name.encode("utf-8", "replace")
    if len(octets) <= MAX_OCTETS:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f".{extension}" if dot and stem and len(extension.encode()) <= 20 else ""
    head = (stem if tail else name).encode("utf-8", "replace")[: MAX_OCTETS - len(tail.encode())]
    return head.decode("utf-8", "ignore").rstrip(". ") + tail
