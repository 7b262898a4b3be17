# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of HTML mail: never fetched, counted, and shown by the words that stand for them."""

import re
from dataclasses import dataclass

from tuimail.model.rendered import PLACEHOLDER
from tuimail.render import css
from tuimail.render.dom import Element

TRACKER_SIZE = 3.0
"""Pixels of width or height up to which an image can only be meant to be fetched, not seen."""

_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_LONGEST_ALT = 200


@dataclass(slots=True)
class Images:
    """Counts what was not fetched."""

    blocked: int = 0
    """Remote images, trackers included."""
    trackers: int = 0

    def text(self, element: Element, *, linked: bool) -> str:
        """Count an image; the text in its place, empty where there is nothing to say."""
        seen = not _is_tiny(element) and not css.hides(element.style) and "hidden" not in element.attributes
        self._count(element, seen=seen)
        if not seen:
            return ""
        alt = " ".join(element.attributes.get("alt", "")[: _LONGEST_ALT * 2].split())[:_LONGEST_ALT]
        if alt:
            return f"[{alt}]"
        inline = element.attributes.get("src", "").strip().lower().startswith("cid:")
        return PLACEHOLDER if linked or inline else ""

    def skip(self, element: Element) -> None:
        """Count the images of an element that cannot be seen."""
        for node in element.walk():
            if isinstance(node, Element) and node.tag == "img":
                self._count(node, seen=False)

    def _count(self, element: Element, *, seen: bool) -> None:
        if _REMOTE.match(element.attributes.get("src", "")):
            self.blocked += 1
            self.trackers += not seen


def _is_tiny(element: Element) -> bool:
    for name in ("width", "height"):
        value = element.style.get(name) or element.attributes.get(name, "")
        size = css.pixels(value) if value else None
        if size is not None and size <= TRACKER_SIZE:
            return True
    return False
