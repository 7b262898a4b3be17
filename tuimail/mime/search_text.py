# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a body part, for the index of full-text search: fast, bounded, and never shown."""

import re

from tuimail.mime.charset import beginning, decode

LONGEST = 200_000
"""Characters of a part that are looked at."""
_UNSEEN = ("script", "style", "title", "!--")
_NAME = re.compile(r"/?(!--|[a-zA-Z][a-zA-Z0-9]*)")


def search_text(kind: str, charset: str, content: bytes) -> str:
    """The text of a part, decoded; ``kind`` is its media type, or empty where that is not known. Never raises."""
    if kind == "message/rfc822":
        return _of_message(content)
    text = decode(beginning(content, 4 * LONGEST), charset)[:LONGEST]
    if kind in ("text/html", "application/xhtml+xml") or (not kind and text.lstrip()[:1] == "<"):
        text = _without_tags(text)
    return text.replace("\0", " ")


def _of_message(content: bytes) -> str:
    from tuimail.mime.choose import body_parts
    from tuimail.mime.parse import parse

    parsed = parse(content)
    parts = [part for part in body_parts(parsed.root) if part.content_type != "message/rfc822"]
    return " ".join(search_text(part.content_type, part.charset, parsed.content(part.section)) for part in parts)


def _without_tags(source: str) -> str:
    """What stands between the tags. Takes time in proportion to the text, whatever is in it."""
    import html

    first, *pieces = source.split("<")
    out = [first]
    unseen = ""
    for piece in pieces:
        if unseen == "!--":
            _, ended, text = piece.partition("-->")
            unseen = "" if ended else unseen
        else:
            tag, ended, text = piece.partition(">")
            found = _NAME.match(tag)
            name = found[1].lower() if found else ""
            if unseen:
                unseen = "" if tag.startswith("/") and name == unseen else unseen
            elif name in _UNSEEN and not (name == "!--" and tag.endswith("--")):
                unseen = name
        if not unseen:
            out.append(text if ended else "")
    return html.unescape(" ".join(out))
