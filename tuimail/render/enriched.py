# SPDX-License-Identifier: GPL-3.0-or-later
"""text/enriched (RFC 1896) and text/richtext (RFC 1341 §7.1.3) → HTML, for old mail."""

import html
import re

_TOKEN = re.compile(r"<<|<(/?)([A-Za-z0-9-]{1,60})>|(?:\r?\n)++")
_ELEMENTS = {
    "bold": "b", "italic": "i", "underline": "u", "fixed": "tt", "excerpt": "blockquote", "smaller": "small", "bigger": "big",
    "paraindent": "div", "center": "div", "flushleft": "div", "flushright": "div", "flushboth": "div", "signature": "div",
    "paragraph": "p", "heading": "h3", "subscript": "sub", "superscript": "sup",
}  # fmt: skip
_UNSEEN = frozenset({"param", "comment"})
"""Elements whose content is no text."""
_VERBATIM = frozenset({"nofill", "verbatim"})
_SIGNS = {"nl": "<br>", "lt": "&lt;"}


def to_html(text: str, *, richtext: bool = False) -> str:
    """In linear time; what is not known is left out, its content kept.

    One line break of the source is a blank, of several all but one break the line; of ``richtext`` only ``<nl>`` does.
    """
    out: list[str] = []
    at = verbatim = 0
    unseen = ""
    for found in _TOKEN.finditer(text):
        name = (found[2] or "").lower()
        if unseen:
            unseen = "" if found[1] and name == unseen else unseen
        else:
            out.append(html.escape(text[at : found.start()]))
            if name in _UNSEEN and not found[1]:
                unseen = name
            elif name in _VERBATIM:
                verbatim += -1 if found[1] else 1
            elif name:
                out.append(_tag(name, found[1], richtext=richtext))
            else:
                out.append(_break(found[0], richtext=richtext, verbatim=verbatim > 0))
        at = found.end()
    return "".join((*out, "" if unseen else html.escape(text[at:])))


def _break(found: str, *, richtext: bool, verbatim: bool) -> str:
    if found == "<<":
        return "&lt;"
    breaks = found.count("\n")
    if verbatim:
        return "<br>" * breaks
    return " " if richtext or breaks == 1 else "<br>" * (breaks - 1)


def _tag(name: str, slash: str, *, richtext: bool) -> str:
    if richtext and name in _SIGNS:
        return _SIGNS[name]
    return f"<{slash}{_ELEMENTS[name]}>" if name in _ELEMENTS else ""
